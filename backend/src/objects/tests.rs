use std::borrow::Cow;

use image::GenericImageView;

use super::names::{Disposition, MAX_NAME_BYTES, content_disposition, safe_name};
use super::sniff::samples;
use super::*;

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The colour in the middle of the left edge and of the right edge.
fn edges(bytes: &[u8]) -> ([u8; 3], [u8; 3]) {
    let picture = image::load_from_memory(bytes).unwrap();
    let (width, height) = picture.dimensions();
    let at = |x| picture.get_pixel(x, height / 2).0;
    let ([a, b, c, _], [d, e, f, _]) = (at(2), at(width - 3));
    ([a, b, c], [d, e, f])
}

#[test]
fn a_photo_loses_its_place_and_keeps_its_pixels() {
    let plain = samples::jpeg();
    let exif = [b"Exif\0\0".to_vec(), samples::exif(1)].concat();
    let mut photo = samples::with_segment(&plain, 0xE1, &exif);
    photo = samples::with_segment(&photo, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Lin</x:xmpmeta>");
    photo = samples::with_segment(&photo, 0xED, b"Photoshop 3.0\0by Lin");
    photo = samples::with_segment(&photo, 0xFE, b"a comment of Lin");
    photo.extend_from_slice(b"motion photo film");
    let accepted = accept(&photo, Purpose::Photo).unwrap();
    let clean = accepted.cleaned.unwrap();
    for gone in [b"31.2304".as_slice(), b"Oai", b"Lin", b"Exif", b"motion"] {
        assert!(contains(&photo, gone) && !contains(&clean, gone), "{:?}", String::from_utf8_lossy(gone));
    }
    assert_eq!(
        image::load_from_memory(&clean).unwrap(),
        image::load_from_memory(&plain).unwrap(),
        "lossless"
    );
    let (again, _) = pictures::strip(&clean, Kind::Jpeg).unwrap();
    assert!(matches!(again, Cow::Borrowed(_)), "clean stays as it is");
}

#[test]
fn a_turned_photo_stays_turned() {
    // 6: the top of the scene is the right edge of the pixels; red (left) comes to the top.
    let exif = [b"Exif\0\0".to_vec(), samples::exif(6)].concat();
    let photo = samples::with_segment(&samples::jpeg(), 0xE1, &exif);
    let accepted = accept(&photo, Purpose::Photo).unwrap();
    let clean = accepted.cleaned.unwrap();
    assert!(contains(&clean, b"Exif") && !contains(&clean, b"31.2304"));
    assert_eq!(pictures::strip(&clean, Kind::Jpeg).unwrap().1, 6);
    let picture = accepted.picture.unwrap();
    assert_eq!((picture.width, picture.height), (40, 60), "told upright");
    let thumbnail = image::load_from_memory(&picture.thumbnail).unwrap();
    assert_eq!(thumbnail.dimensions(), (40, 60));
    let (top, bottom) = (thumbnail.get_pixel(20, 3).0, thumbnail.get_pixel(20, 56).0);
    assert!(top[0] > 150 && top[2] < 100, "red on top: {top:?}");
    assert!(bottom[2] > 150 && bottom[0] < 100, "blue below: {bottom:?}");
    let png = samples::with_chunk(&samples::png(), *b"eXIf", &samples::exif(3));
    let clean = accept(&png, Purpose::Photo).unwrap();
    assert_eq!(pictures::strip(clean.cleaned.as_deref().unwrap(), Kind::Png).unwrap().1, 3);
    let (left, right) = edges(&clean.picture.unwrap().thumbnail);
    assert!(left[2] > 150 && right[0] > 150, "turned by half: {left:?} {right:?}");
}

#[test]
fn a_png_loses_its_texts() {
    let plain = samples::png();
    assert_eq!(accept(&plain, Purpose::ChatImage).unwrap().cleaned, None, "nothing to take out");
    let mut png = samples::with_chunk(&plain, *b"tEXt", b"Author\0Lin");
    png = samples::with_chunk(&png, *b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0Lin");
    png = samples::with_chunk(&png, *b"tIME", &[7, 0xEA, 1, 2, 3, 4, 5]);
    png = samples::with_chunk(&png, *b"prVt", b"Lin");
    png = samples::with_chunk(&png, *b"eXIf", &samples::exif(1));
    png.extend_from_slice(b"PK behind the end");
    let clean = accept(&png, Purpose::ChatImage).unwrap().cleaned.unwrap();
    assert_eq!(clean, plain);
}

#[test]
fn jfif_stays_without_its_thumbnail_and_colours_stay() {
    let plain = samples::jpeg();
    assert!(contains(&plain, b"JFIF"), "the encoder writes it");
    // A JFIF with a 2 × 2 thumbnail in place of the encoder's.
    let length = usize::from(u16::from_be_bytes([plain[4], plain[5]]));
    let bare = [&plain[..2], &plain[4 + length..]].concat();
    let thumb = [b"JFIF\0\x01\x02\x01\0\x48\0\x48\x02\x02".as_slice(), &[0xAB; 12]].concat();
    let icc = [b"ICC_PROFILE\0\x01\x01".as_slice(), &[7; 40]].concat();
    let photo = samples::with_segment(&samples::with_segment(&bare, 0xE2, &icc), 0xE0, &thumb);
    let (clean, _) = pictures::strip(&photo, Kind::Jpeg).unwrap();
    assert!(contains(&clean, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0") && !contains(&clean, &[0xAB; 12]));
    assert!(contains(&clean, &icc));
}

#[test]
fn thumbnails_are_small_jpegs() {
    let wide = image::DynamicImage::new_rgba8(2_000, 500);
    let thumbnail = pictures::thumbnail(&wide).unwrap();
    let small = image::load_from_memory_with_format(&thumbnail, image::ImageFormat::Jpeg).unwrap();
    assert_eq!(small.dimensions(), (320, 80));
    assert!(small.get_pixel(10, 10).0[0] > 250, "transparent shows as white, not black");
    let tiny = pictures::thumbnail(&image::DynamicImage::new_rgb8(30, 20)).unwrap();
    assert_eq!(image::load_from_memory(&tiny).unwrap().dimensions(), (30, 20), "never made larger");
}

#[test]
fn a_picture_that_lies_about_its_data_is_refused() {
    // The header says 4,000 × 4,000, the data ends after eight bytes.
    let refused = accept(&samples::huge_png(4_000, 4_000), Purpose::Photo).unwrap_err();
    assert!(matches!(refused, Refused::Damaged { kind: Kind::Png, .. }), "{refused:?}");
}

#[tokio::test]
async fn the_inspector_gives_the_same_answers() {
    let inspector = Inspector::new(1);
    let (good, bad) = tokio::join!(
        inspector.accept(samples::jpeg(), Purpose::Photo),
        inspector.accept(b"MZ\x90\0".to_vec(), Purpose::Resume)
    );
    assert_eq!(good.unwrap(), accept(&samples::jpeg(), Purpose::Photo).unwrap());
    assert_eq!(bad.unwrap_err().code(), "file_type");
}

#[test]
fn names_are_made_safe() {
    let long = "历".repeat(200);
    let shortened = format!("{}.pdf", "历".repeat(38));
    let cases = [
        ("王小明 简历.pdf", "王小明 简历.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\lin\\cv.docx", "cv.pdf"),
        ("cv.pdf.exe", "cv.pdf"),
        ("cv\u{202E}fdp.exe", "cvfdp.pdf"),
        ("a\r\nSet-Cookie: x\0.pdf", "aSet-Cookie_ x.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("...", "file.pdf"),
        (".pdf", "file.pdf"),
        ("", "file.pdf"),
        ("   ", "file.pdf"),
        ("a/", "file.pdf"),
        ("CON", "_CON.pdf"),
        ("nul.pdf", "_nul.pdf"),
        ("com1.tar.pdf", "_com1.tar.pdf"),
        ("COM¹.pdf", "_COM¹.pdf"),
        ("aux .txt", "_aux .txt.pdf"),
        ("conference.pdf", "conference.pdf"),
        ("v1.2", "v1.2.pdf"),
        ("a<b>|?*:\"c", "a_b______c.pdf"),
        ("cv. . .", "cv.pdf"),
        ("\u{200B}\u{FEFF}\u{E0041}", "file.pdf"),
        (long.as_str(), shortened.as_str()),
    ];
    for (said, expected) in cases {
        let name = safe_name(said, Kind::Pdf);
        assert_eq!(name, expected, "{said:?}");
        assert!(name.len() <= MAX_NAME_BYTES);
        assert_eq!(safe_name(&name, Kind::Pdf), name, "safe stays safe");
    }
    assert_eq!(safe_name("photo.JPEG", Kind::Jpeg), "photo.jpg");
}

#[test]
fn the_header_is_valid_for_any_name() {
    let cases = [
        ("cv.pdf", "attachment; filename=\"cv.pdf\""),
        ("王小明.pdf", "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E7%8E%8B%E5%B0%8F%E6%98%8E.pdf"),
        (
            "Lin 简历 2.pdf",
            "attachment; filename=\"Lin _ 2.pdf\"; filename*=UTF-8''Lin%20%E7%AE%80%E5%8E%86%202.pdf",
        ),
        ("a\"b\\c%41.pdf", "attachment; filename=\"a_b_c_41.pdf\"; filename*=UTF-8''a%22b%5Cc%2541.pdf"),
        ("a\r\nX: y", "attachment; filename=\"a_X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
    ];
    for (name, expected) in cases {
        assert_eq!(content_disposition(name, Disposition::Attachment), expected);
    }
    assert!(content_disposition("a.png", Disposition::Inline).starts_with("inline; "));
    for name in ["\u{0}\u{7F}\u{80}", "😀\u{202E}.pdf", "é", ""] {
        let header = content_disposition(name, Disposition::Attachment);
        assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{header:?}");
    }
}
