//! Types that are not taken, told apart only so that a person hears which one it was.

use std::fmt;

/// A type of file nobody may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Foreign {
    Gif,
    WebP,
    Heic,
    Bmp,
    Tiff,
    Svg,
    Html,
    Script,
    WindowsProgram,
    Program,
    Zip,
    Archive,
    /// DOC, XLS, PPT; also what Office makes of a DOCX that asks for a password.
    OldOffice,
    Spreadsheet,
    Slides,
    /// A Word document with macros.
    MacroDocument,
    Rtf,
    /// A PDF with something before its header.
    PrefixedPdf,
    Unknown,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gif => "a GIF picture",
            Self::WebP => "a WebP picture",
            Self::Heic => "a HEIC or AVIF picture (the phone's camera settings offer “most compatible”)",
            Self::Bmp => "a BMP picture",
            Self::Tiff => "a TIFF picture",
            Self::Svg => "an SVG drawing, which can hold a program",
            Self::Html => "a web page",
            Self::Script => "a script",
            Self::WindowsProgram => "a Windows program",
            Self::Program => "a program",
            Self::Zip => "a ZIP archive",
            Self::Archive => "an archive",
            Self::OldOffice => "an old Office document or one with a password",
            Self::Spreadsheet => "a spreadsheet",
            Self::Slides => "a presentation",
            Self::MacroDocument => "a Word document with macros",
            Self::Rtf => "an RTF document",
            Self::PrefixedPdf => "a PDF with other data before its beginning",
            Self::Unknown => "a file of unknown type",
        })
    }
}

/// Signatures at offset 0.
const SIGNATURES: &[(&[u8], Foreign)] = &[
    (b"GIF87a", Foreign::Gif),
    (b"GIF89a", Foreign::Gif),
    (b"BM", Foreign::Bmp),
    (b"II*\0", Foreign::Tiff),
    (b"MM\0*", Foreign::Tiff),
    (b"MZ", Foreign::WindowsProgram),
    (b"\x7FELF", Foreign::Program),
    (b"\xFE\xED\xFA\xCE", Foreign::Program),
    (b"\xFE\xED\xFA\xCF", Foreign::Program),
    (b"\xCE\xFA\xED\xFE", Foreign::Program),
    (b"\xCF\xFA\xED\xFE", Foreign::Program),
    (b"\xCA\xFE\xBA\xBE", Foreign::Program),
    (b"dex\n", Foreign::Program),
    (b"PK\x03\x04", Foreign::Zip),
    (b"PK\x05\x06", Foreign::Zip),
    (b"PK\x07\x08", Foreign::Zip),
    (b"Rar!\x1A\x07", Foreign::Archive),
    (b"7z\xBC\xAF\x27\x1C", Foreign::Archive),
    (b"\x1F\x8B", Foreign::Archive),
    (b"BZh", Foreign::Archive),
    (b"\xFD7zXZ\0", Foreign::Archive),
    (b"\x28\xB5\x2F\xFD", Foreign::Archive),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Foreign::OldOffice),
    (b"{\\rtf", Foreign::Rtf),
    (b"#!", Foreign::Script),
];

/// The best name for what is not taken.
pub(super) fn name(bytes: &[u8]) -> Foreign {
    if let Some((_, found)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return *found;
    }
    if bytes.len() >= 12 && &bytes[..4] == b"RIFF" && &bytes[8..12] == b"WEBP" {
        return Foreign::WebP;
    }
    if bytes.len() >= 12 && &bytes[4..8] == b"ftyp" {
        let brand = &bytes[8..12];
        if [b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"]
            .iter()
            .any(|known| brand == known.as_slice())
        {
            return Foreign::Heic;
        }
    }
    let head = &bytes[..bytes.len().min(1024)];
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Foreign::PrefixedPdf;
    }
    markup(head).unwrap_or(Foreign::Unknown)
}

/// SVG, HTML and scripts, as UTF-8 or UTF-16, after blanks and a byte order mark.
fn markup(head: &[u8]) -> Option<Foreign> {
    // UTF-16 text of these words is their letters with zeros between.
    let text: String =
        head.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || !c.is_ascii());
    if !text.starts_with('<') {
        return None;
    }
    if text.contains("<svg") || text.contains("doctype svg") {
        return Some(Foreign::Svg);
    }
    let page = ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<meta"];
    page.iter().any(|word| text.contains(word)).then_some(Foreign::Html)
}
