use super::*;
use image::Rgba;

/// An orientation (1 to 8) and a place, as a camera writes them: little-endian TIFF with a GPS directory.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(2_u16.to_le_bytes());
    // 0x0112 orientation, SHORT
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    // 0x8825 GPS directory at 38
    tiff.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(1_u16.to_le_bytes());
    // latitude reference "N"
    tiff.extend([1, 0, 2, 0, 2, 0, 0, 0, b'N', 0, 0, 0]);
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(b"GPS-30.25N-120.17E");
    tiff
}

/// 40 × 20: red on the left, blue on the right; with such a note of the camera.
fn photo(orientation: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(40, 20, |x, _| if x < 20 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
    let plain = jpeg(&picture, 95).unwrap();
    let note = [b"Exif\0\0".to_vec(), exif(orientation)].concat();
    let mut with = plain[..2].to_vec();
    with.extend([0xff, 0xe1]);
    with.extend((note.len() as u16 + 2).to_be_bytes());
    with.extend(note);
    with.extend(&plain[2..]);
    with
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn a_photo_is_upright_and_tells_nothing_of_where_it_was_taken() {
    let taken = photo(6);
    assert!(holds(&taken, b"GPS-30.25N") && holds(&taken, b"Exif"));
    assert_eq!(measure(&taken).unwrap(), (20, 40));
    let ready = prepare(&taken).unwrap();
    assert_eq!((ready.width, ready.height, ready.extension), (20, 40, "jpg"));
    for bytes in [&ready.bytes, &ready.thumb] {
        assert!(!holds(bytes, b"GPS") && !holds(bytes, b"Exif"));
    }
    // Turned clockwise: what was on the left is on top.
    let upright = image::load_from_memory(&ready.bytes).unwrap().to_rgb8();
    let (top, bottom) = (upright.get_pixel(10, 5).0, upright.get_pixel(10, 35).0);
    assert!(top[0] > 200 && top[2] < 60, "{top:?}");
    assert!(bottom[2] > 200 && bottom[0] < 60, "{bottom:?}");
}

#[test]
fn every_orientation_measures_as_it_is_prepared() {
    for orientation in 1..=8 {
        let taken = photo(orientation);
        let ready = prepare(&taken).unwrap();
        assert_eq!(measure(&taken).unwrap(), (ready.width, ready.height), "{orientation}");
    }
}

#[test]
fn a_large_picture_is_made_smaller_and_keeps_its_shape() {
    let large = jpeg(&RgbImage::new(3_000, 1_001), 50).unwrap();
    let ready = prepare(&large).unwrap();
    assert_eq!((ready.width, ready.height), (2_048, 683));
    assert_eq!(measure(&large).unwrap(), (2_048, 683));
    let thumb = image::load_from_memory(&ready.thumb).unwrap();
    assert_eq!((thumb.width(), thumb.height()), (320, 107));
}

#[test]
fn a_see_through_png_stays_one_and_an_opaque_one_does_not() {
    let see_through = image::RgbaImage::from_pixel(30, 30, Rgba([0, 200, 0, 100]));
    let bytes = png(&DynamicImage::ImageRgba8(see_through)).unwrap();
    let ready = prepare(&bytes).unwrap();
    assert_eq!(ready.extension, "png");
    let thumb = image::load_from_memory(&ready.thumb).unwrap().to_rgb8();
    assert!(thumb.get_pixel(15, 15).0[0] > 100, "laid on white");
    let opaque = image::RgbaImage::from_pixel(30, 30, Rgba([0, 200, 0, 255]));
    let bytes = png(&DynamicImage::ImageRgba8(opaque)).unwrap();
    assert_eq!(prepare(&bytes).unwrap().extension, "jpg");
}

#[test]
fn what_is_no_picture_is_refused() {
    let code = |bytes: &[u8]| prepare(bytes).unwrap_err().code;
    assert_eq!(code(b"%PDF-1.7"), ProblemCode::FileTypeRefused);
    assert_eq!(code(b"GIF89a\x01\0\x01\0\0\0\0"), ProblemCode::FileTypeRefused);
    assert_eq!(code(b""), ProblemCode::FileTypeRefused);
    let whole = photo(1);
    assert_eq!(code(&whole[..40]), ProblemCode::FileBroken);
    // Cut in the middle of its pixels: whatever comes of it, nothing panics.
    for end in (0..whole.len()).step_by(7) {
        let _ = prepare(&whole[..end]);
    }
}

#[test]
fn a_picture_that_would_fill_the_memory_is_refused_by_its_header() {
    // 30,000 × 30,000 in a JPEG's frame header.
    let mut bytes = jpeg(&RgbImage::new(8, 8), 50).unwrap();
    let at = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let side = 30_000_u16.to_be_bytes();
    bytes[at + 5..at + 9].copy_from_slice(&[side, side].concat());
    assert_eq!(measure(&bytes).unwrap_err().code, ProblemCode::FileTooLarge);
    assert_eq!(prepare(&bytes).unwrap_err().code, ProblemCode::FileTooLarge);
}
