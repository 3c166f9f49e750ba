use proptest::prelude::*;

use super::samples::{self, Zip, deflate};
use super::*;

fn resume(bytes: &[u8]) -> Result<Kind, Refused> {
    inspect(bytes, Purpose::Resume)
}

fn foreign(bytes: &[u8]) -> Foreign {
    match resume(bytes) {
        Err(Refused::Foreign { found, wanted }) => {
            assert_eq!(wanted, "PDF, Word (.docx), PNG or JPEG");
            found
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_people_send_is_taken() {
    assert_eq!(resume(&samples::pdf()), Ok(Kind::Pdf));
    assert_eq!(resume(&samples::docx(&[])), Ok(Kind::Docx));
    assert_eq!(resume(&samples::png()), Ok(Kind::Png));
    assert_eq!(resume(&samples::jpeg()), Ok(Kind::Jpeg));
}

#[test]
fn every_purpose_takes_its_own_kinds_only() {
    let all = [samples::pdf(), samples::docx(&[]), samples::png(), samples::jpeg()];
    let taken = |purpose| all.iter().map(|bytes| inspect(bytes, purpose).is_ok()).collect::<Vec<_>>();
    assert_eq!(taken(Purpose::Resume), [true, true, true, true]);
    assert_eq!(taken(Purpose::ChatFile), [true, true, true, true]);
    assert_eq!(taken(Purpose::Licence), [true, false, true, true]);
    assert_eq!(taken(Purpose::ChatImage), [false, false, true, true]);
    assert_eq!(taken(Purpose::Photo), [false, false, true, true]);
    let refused = inspect(&samples::docx(&[]), Purpose::Photo).unwrap_err();
    assert_eq!(refused.to_string(), "Word (.docx) is not taken here; send PNG or JPEG");
}

#[test]
fn other_types_are_called_by_their_names() {
    let cases: [(&[u8], Foreign); 16] = [
        (b"GIF89a\x01\0\x01\0", Foreign::Gif),
        (b"RIFF\x24\0\0\0WEBPVP8 ", Foreign::WebP),
        (b"\0\0\0\x18ftypheic\0\0\0\0", Foreign::Heic),
        (b"MZ\x90\0\x03\0\0\0", Foreign::WindowsProgram),
        (b"\x7FELF\x02\x01\x01\0", Foreign::Program),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Foreign::Svg),
        (b"\xEF\xBB\xBF <?xml version='1.0'?>\n<!-- a --><svg onload='x()'/>", Foreign::Svg),
        (b"\xFF\xFE<\0s\0v\0g\0>\0", Foreign::Svg),
        (b"\n<!DOCTYPE html><title>x</title>", Foreign::Html),
        (b"<script>alert(1)</script>", Foreign::Html),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", Foreign::OldOffice),
        (b"Rar!\x1A\x07\x01\0", Foreign::Archive),
        (b"#!/bin/sh\n", Foreign::Script),
        (b"GIF87 %PDF-1.4", Foreign::PrefixedPdf),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", Foreign::Zip),
        ("王小明的简历".as_bytes(), Foreign::Unknown),
    ];
    for (bytes, expected) in cases {
        assert_eq!(foreign(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn sizes_are_looked_at_first() {
    assert_eq!(resume(b""), Err(Refused::Empty));
    let mut exact = samples::pdf();
    exact.resize(MAX_FILE_BYTES as usize - 8, b' ');
    exact.extend_from_slice(b"\n%%EOF\r\n");
    assert_eq!(resume(&exact), Ok(Kind::Pdf));
    exact.push(b'\n');
    assert_eq!(
        resume(&exact),
        Err(Refused::TooLarge { bytes: MAX_FILE_BYTES + 1, limit: MAX_FILE_BYTES }),
        "whatever is inside"
    );
}

#[test]
fn a_pdf_is_whole_and_nothing_else() {
    let whole = samples::pdf();
    for cut in [whole.len() - 10, 60, 8, 6] {
        assert_eq!(resume(&whole[..cut]), Err(Refused::Truncated { kind: Kind::Pdf }), "cut at {cut}");
    }
    assert!(matches!(resume(b"%PDF-evil\n%%EOF"), Err(Refused::Damaged { .. })));
    assert!(matches!(resume(b"%PDF-1.7\nhello\n%%EOF"), Err(Refused::Damaged { .. })));
    let mut zip = Zip::default();
    zip.add("evil.exe", b"MZ");
    let both = [whole.clone(), zip.finish(), b"\n".to_vec()].concat();
    assert_eq!(
        resume(&[whole, both[both.len() - 23..both.len() - 1].to_vec()].concat()),
        Err(Refused::Unsafe { why: "a ZIP archive behind its pages" })
    );
}

#[test]
fn a_huge_picture_is_refused_by_its_header() {
    // A decoder would ask for 2.7 GB.
    let refused = resume(&samples::huge_png(30_000, 30_000));
    assert_eq!(refused, Err(Refused::TooManyPixels { width: 30_000, height: 30_000 }));
    assert_eq!(
        resume(&samples::huge_png(12_001, 1)),
        Err(Refused::TooManyPixels { width: 12_001, height: 1 })
    );
    assert_eq!(
        resume(&samples::huge_png(8_000, 8_000)),
        Err(Refused::TooManyPixels { width: 8_000, height: 8_000 })
    );
    assert!(matches!(resume(&samples::huge_png(0, 5)), Err(Refused::Damaged { .. })));
    let mut jpeg = samples::jpeg();
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(resume(&jpeg), Err(Refused::TooManyPixels { width: 65_535, height: 65_535 }));
}

#[test]
fn every_cut_of_a_picture_is_refused() {
    for (whole, kind) in [(samples::png(), Kind::Png), (samples::jpeg(), Kind::Jpeg)] {
        for cut in 8..whole.len() {
            assert_eq!(resume(&whole[..cut]), Err(Refused::Truncated { kind }), "cut at {cut}");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_png_is_seen() {
    let mut png = samples::png();
    let middle = png.len() / 2;
    png[middle] ^= 1;
    assert!(matches!(resume(&png), Err(Refused::Damaged { kind: Kind::Png, .. })));
}

#[test]
fn a_jpeg_of_endless_scans_is_refused() {
    let jpeg = samples::jpeg();
    let scan = jpeg.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let header = jpeg[scan..scan + 14].to_vec();
    let mut bomb = jpeg[..scan].to_vec();
    for _ in 0..1_000 {
        bomb.extend_from_slice(&header);
    }
    bomb.extend_from_slice(&jpeg[scan..]);
    assert_eq!(resume(&bomb), Err(Refused::Damaged { kind: Kind::Jpeg, why: "it has too many scans" }));
}

#[test]
fn other_archives_are_no_document() {
    let mut zip = Zip::default();
    zip.add("notes.txt", b"hello");
    assert_eq!(foreign(&zip.finish()), Foreign::Zip);
    let office = |types: &str, more: &[&str]| {
        let mut zip = Zip::default();
        zip.add("[Content_Types].xml", types.as_bytes());
        for name in more {
            zip.add(name, b"x");
        }
        zip.finish()
    };
    assert_eq!(foreign(&office("<T>spreadsheetml.sheet.main+xml</T>", &[])), Foreign::Spreadsheet);
    assert_eq!(foreign(&office("<T>presentationml</T>", &[])), Foreign::Slides);
    assert_eq!(foreign(&office(samples::TYPES, &["word/vbaProject.bin"])), Foreign::MacroDocument);
    assert!(matches!(resume(&office(samples::TYPES, &[])), Err(Refused::Damaged { .. })), "no text in it");
}

#[test]
fn a_cut_document_is_refused() {
    let whole = samples::docx(&[]);
    for cut in 4..whole.len() {
        assert!(resume(&whole[..cut]).is_err(), "cut at {cut}");
    }
    let truncated = Err(Refused::Truncated { kind: Kind::Docx });
    assert_eq!(resume(&whole[..whole.len() - 1]), truncated);
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    // Declared truthfully: 60 MB of zeros in 60 kB.
    let zeros = vec![0_u8; 60_000_000];
    assert_eq!(resume(&samples::docx(&[("word/media/a.bmp", &zeros)])), Err(Refused::ExpandsTooMuch));
    // Lies about its size.
    let lie = |size: u32| {
        let mut zip = Zip::default();
        zip.add("[Content_Types].xml", samples::TYPES.as_bytes());
        zip.add("_rels/.rels", b"<Relationships/>");
        zip.add("word/document.xml", b"<w/>");
        zip.add_packed("word/a.xml", "word/a.xml", &deflate(&zeros), size, 0);
        zip.finish()
    };
    assert_eq!(resume(&lie(10)), Err(Refused::ExpandsTooMuch));
    assert_eq!(resume(&lie(4_000_000_000)), Err(Refused::ExpandsTooMuch));
    // More parts than anything needs.
    let names: Vec<String> = (0..2_100).map(|n| format!("word/{n}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
    assert_eq!(resume(&samples::docx(&parts)), Err(Refused::ExpandsTooMuch));
}

#[test]
fn entries_that_share_bytes_are_a_bomb() {
    let mut zip = Zip::default();
    zip.add("[Content_Types].xml", samples::TYPES.as_bytes());
    zip.add("_rels/.rels", b"<Relationships/>");
    let content = vec![b'a'; 1_000];
    let packed = deflate(&content);
    let mut sum = flate2::Crc::new();
    sum.update(&content);
    zip.add_packed("word/document.xml", "word/document.xml", &packed, 1_000, sum.sum());
    let whole = zip.finish();
    assert_eq!(resume(&whole), Ok(Kind::Docx));
    // A second directory entry over the bytes of the first, under the same name in both places.
    let mut zip = Zip::default();
    zip.add("[Content_Types].xml", samples::TYPES.as_bytes());
    let offset = zip.len();
    zip.add_packed("word/document.xml", "word/document.xml", &packed, 1_000, sum.sum());
    let fields = zip.fields_at(offset);
    zip.point("word/document.xml", offset, &fields);
    assert_eq!(resume(&zip.finish()), Err(Refused::ExpandsTooMuch));
}

#[test]
fn archives_within_archives() {
    let mut inner = Zip::default();
    inner.add("xl/workbook.xml", b"<x/>");
    let workbook = inner.finish();
    let chart = samples::docx(&[("word/embeddings/Workbook1.xlsx", &workbook)]);
    assert_eq!(resume(&chart), Ok(Kind::Docx), "the workbook behind a chart");
    let unsafe_archive = Err(Refused::Unsafe { why: "an archive within the archive" });
    assert_eq!(resume(&samples::docx(&[("word/media/image1.png", &workbook)])), unsafe_archive);
    let mut middle = Zip::default();
    middle.add("a.zip", &workbook);
    assert_eq!(resume(&samples::docx(&[("word/embeddings/a.xlsx", &middle.finish())])), unsafe_archive);
    let program = samples::docx(&[("word/embeddings/setup.bin", b"MZ\x90\0")]);
    assert_eq!(resume(&program), Err(Refused::Unsafe { why: "a program" }));
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["../../etc/passwd", "/etc/passwd", "word\\..\\..\\x", "C:\\x", "word/a\0.xml"] {
        let refused = resume(&samples::docx(&[(name, b"x")]));
        assert!(matches!(refused, Err(Refused::Unsafe { .. })), "{name:?}: {refused:?}");
    }
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    let damaged = |bytes: &[u8]| matches!(resume(bytes), Err(Refused::Damaged { .. }));
    assert!(damaged(&samples::docx(&[("WORD/document.xml", b"other")])), "two parts with one name");
    let mut zip = Zip::default();
    zip.add("[Content_Types].xml", samples::TYPES.as_bytes());
    zip.add("word/document.xml", b"x");
    zip.add("_rels/.rels", b"x");
    zip.add_packed("word/a.xml", "word/b.xml", &deflate(b""), 0, 0);
    assert!(damaged(&zip.finish()), "directory and entry disagree");
    let mut wrong_sum = Zip::default();
    wrong_sum.add("[Content_Types].xml", samples::TYPES.as_bytes());
    wrong_sum.add("_rels/.rels", b"x");
    wrong_sum.add_packed("word/document.xml", "word/document.xml", &deflate(b"text"), 4, 7);
    assert!(damaged(&wrong_sum.finish()));
    let behind = [b"PK\x03\x04junk".to_vec(), samples::docx(&[])].concat();
    assert!(resume(&behind).is_err(), "data before the archive");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0_usize..6) {
        let starts: [&[u8]; 6] = [b"", b"%PDF-1.4", b"PK\x03\x04", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"<svg"];
        let _ = resume(&[starts[start], &bytes].concat());
    }

    #[test]
    fn no_damage_makes_it_panic(which in 0_usize..4, at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = [samples::pdf(), samples::docx(&[]), samples::png(), samples::jpeg()][which].clone();
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = super::super::accept(&bytes, Purpose::Resume);
        bytes.truncate(cut.index(bytes.len()));
        let _ = super::super::accept(&bytes, Purpose::Resume);
    }
}
