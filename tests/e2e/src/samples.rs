//! Files as people send them, good and bad.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

/// The place a camera wrote into [`photo`].
pub const PLACE: &[u8] = b"GPS-30.25N-120.17E";

/// A photo of 640 × 480 with a note of the camera (Exif in APP1, TIFF little-endian) that tells where it
/// was taken.
pub fn photo() -> Vec<u8> {
    let picture = RgbImage::from_fn(640, 480, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, 90]));
    let mut plain = Vec::new();
    JpegEncoder::new_with_quality(&mut plain, 90).encode_image(&picture).expect("encoded");
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(1_u16.to_le_bytes());
    // 0x0112 orientation, SHORT: upright
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(PLACE);
    let note = [b"Exif\0\0".to_vec(), tiff].concat();
    let mut taken = plain[..2].to_vec();
    taken.extend([0xff, 0xe1]);
    taken.extend((note.len() as u16 + 2).to_be_bytes());
    taken.extend(note);
    taken.extend(&plain[2..]);
    taken
}

/// A PDF of one empty page and so many bytes of comment.
pub fn pdf(comment: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%".to_vec();
    file.extend((0..comment).map(|n| b'a' + (n % 26) as u8));
    file.extend(b"\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    file.extend(b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n");
    file.extend(b"trailer\n<< /Root 1 0 R /Size 3 >>\nstartxref\n9\n%%EOF\n");
    file
}

/// The beginning of a PDF; the rest was lost.
pub fn half_a_pdf() -> Vec<u8> {
    let whole = pdf(4_000);
    whole[..whole.len() / 2].to_vec()
}

/// A program of Windows.
pub fn program() -> Vec<u8> {
    let mut file = b"MZ\x90\0".to_vec();
    file.resize(2_048, 0);
    file
}

pub fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
