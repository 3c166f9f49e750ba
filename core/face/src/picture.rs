//! A picture as it comes: a camera's I420 planes, borrowed, or RGB that was decoded from a photo. It only checks that
//! what is read later is there; it converts nothing and remembers nothing.

use std::borrow::Cow;
use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

/// Larger pictures are refused, in pixels (an 8K frame has 33 million).
pub const PIXELS_MAX: u64 = 50_000_000;
/// What decoding may allocate: the largest picture with four channels of 16 bits.
const ALLOCATION_MAX: u64 = PIXELS_MAX * 8;

/// A picture of people. Its first row is the upper one; people stand upright in it.
#[derive(Clone)]
pub struct Picture<'a> {
    width: usize,
    height: usize,
    pixels: Pixels<'a>,
}

#[derive(Clone)]
pub(crate) enum Pixels<'a> {
    /// Planar 4:2:0, BT.601 limited range: Y 16..235, U and V 16..240 around 128. Odd sides: chroma rounded up.
    I420 { planes: [&'a [u8]; 3], strides: [usize; 3] },
    /// Packed, three bytes a pixel.
    Rgb(Cow<'a, [u8]>),
}

/// A picture that cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("the picture is empty ({width} × {height})")]
    Empty { width: u32, height: u32 },
    #[error("the picture is too large ({width} × {height}); at most 50 million pixels are looked at")]
    TooLarge { width: u32, height: u32 },
    #[error("the picture's data is shorter than {width} × {height} pixels need")]
    Short { width: u32, height: u32 },
    #[error("this is no JPEG, PNG or WebP picture; save it as one of these")]
    Format,
    #[error("the picture is damaged ({0}); save it again")]
    Damaged(String),
}

impl std::fmt::Debug for Picture<'_> {
    /// Its size and kind, never its contents.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.pixels {
            Pixels::I420 { .. } => "I420",
            Pixels::Rgb(_) => "RGB",
        };
        write!(f, "Picture({kind}, {} × {})", self.width, self.height)
    }
}

impl<'a> Picture<'a> {
    /// Planes Y, U, V with the bytes from one row to the next of each. A row may be longer than the picture is wide, and the
    /// last one may end with the picture. Chroma planes have half the sides, rounded up.
    ///
    /// # Errors
    /// When a side is 0, the picture is too large, or a plane is too short.
    pub fn i420(
        width: u32,
        height: u32,
        planes: [&'a [u8]; 3],
        strides: [usize; 3],
    ) -> Result<Self, PictureError> {
        let (w, h) = sides(width, height)?;
        let halves = (w.div_ceil(2), h.div_ceil(2));
        for (plane, stride, (columns, rows)) in [
            (planes[0], strides[0], (w, h)),
            (planes[1], strides[1], halves),
            (planes[2], strides[2], halves),
        ] {
            let needed = stride.checked_mul(rows - 1).and_then(|bytes| bytes.checked_add(columns));
            if stride < columns || needed.is_none_or(|needed| plane.len() < needed) {
                return Err(PictureError::Short { width, height });
            }
        }
        Ok(Self { width: w, height: h, pixels: Pixels::I420 { planes, strides } })
    }

    /// Packed RGB, `width * height * 3` bytes; more are ignored.
    ///
    /// # Errors
    /// When a side is 0, the picture is too large, or the data too short.
    pub fn rgb(width: u32, height: u32, pixels: impl Into<Cow<'a, [u8]>>) -> Result<Self, PictureError> {
        let (w, h) = sides(width, height)?;
        let pixels = pixels.into();
        if pixels.len() < w * h * 3 {
            return Err(PictureError::Short { width, height });
        }
        Ok(Self { width: w, height: h, pixels: Pixels::Rgb(pixels) })
    }

    /// A photo in a file: JPEG, PNG or WebP, turned upright as its EXIF orientation says. The size is looked at before
    /// anything is decoded.
    ///
    /// # Errors
    /// When it is no such picture, damaged, empty or too large.
    pub fn decode(bytes: &[u8]) -> Result<Picture<'static>, PictureError> {
        let mut reader =
            ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| PictureError::Format)?;
        match reader.format() {
            Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) => {}
            Some(_) | None => return Err(PictureError::Format),
        }
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(ALLOCATION_MAX);
        reader.limits(limits);
        let damaged = |error: image::ImageError| PictureError::Damaged(error.to_string());
        let mut decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        sides(width, height)?;
        let orientation = decoder.orientation().map_err(damaged)?;
        let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        picture.apply_orientation(orientation);
        let picture = picture.into_rgb8();
        let (width, height) = picture.dimensions();
        Picture::rgb(width, height, picture.into_raw())
    }

    pub fn width(&self) -> u32 {
        self.width as u32
    }

    pub fn height(&self) -> u32 {
        self.height as u32
    }

    pub(crate) fn sides(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    pub(crate) fn pixels(&self) -> &Pixels<'a> {
        &self.pixels
    }

    /// The part of the picture that begins at (`x`, `y`), as far as the picture goes. Camera pictures are cut at even places,
    /// where their chroma is.
    pub(crate) fn cut(&self, x: usize, y: usize, width: usize, height: usize) -> Picture<'_> {
        let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
        match &self.pixels {
            Pixels::I420 { planes, strides } => {
                let (x, y) = (x & !1, y & !1);
                let (width, height) = (width.clamp(1, self.width - x), height.clamp(1, self.height - y));
                let from = |plane: usize, half: usize| {
                    let start = y / half * strides[plane] + x / half;
                    planes[plane].get(start..).unwrap_or_default()
                };
                let planes = [from(0, 1), from(1, 2), from(2, 2)];
                Picture { width, height, pixels: Pixels::I420 { planes, strides: *strides } }
            }
            Pixels::Rgb(pixels) => {
                let (width, height) = (width.clamp(1, self.width - x), height.clamp(1, self.height - y));
                let rows = (y..y + height).map(|row| (row * self.width + x) * 3);
                let cut: Vec<u8> =
                    rows.flat_map(|start| &pixels[start..start + width * 3]).copied().collect();
                Picture { width, height, pixels: Pixels::Rgb(cut.into()) }
            }
        }
    }
}

fn sides(width: u32, height: u32) -> Result<(usize, usize), PictureError> {
    if width == 0 || height == 0 {
        return Err(PictureError::Empty { width, height });
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PictureError::TooLarge { width, height });
    }
    Ok((width as usize, height as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_that_is_too_short_is_refused_and_the_last_row_may_end_early() {
        let luma = [0; 8 * 2 + 5];
        let chroma = [128; 4 + 3];
        assert!(Picture::i420(5, 3, [&luma, &chroma, &chroma], [8, 4, 4]).is_ok());
        assert!(Picture::i420(5, 3, [&luma[1..], &chroma, &chroma], [8, 4, 4]).is_err());
        assert!(Picture::i420(5, 3, [&luma, &chroma, &chroma[1..]], [8, 4, 4]).is_err());
        assert!(Picture::i420(5, 3, [&luma, &chroma, &chroma], [4, 4, 4]).is_err(), "rows overlap");
        assert!(Picture::i420(5, 3, [&luma, &chroma, &chroma], [usize::MAX, 4, 4]).is_err());
    }

    #[test]
    fn empty_and_huge_pictures_are_refused_before_anything_is_read() {
        assert!(matches!(Picture::rgb(0, 5, Vec::new()), Err(PictureError::Empty { .. })));
        assert!(matches!(Picture::rgb(100_000, 100_000, Vec::new()), Err(PictureError::TooLarge { .. })));
        assert!(matches!(Picture::rgb(u32::MAX, u32::MAX, Vec::new()), Err(PictureError::TooLarge { .. })));
        assert!(matches!(Picture::rgb(2, 2, vec![0; 11]), Err(PictureError::Short { .. })));
    }

    #[test]
    fn only_pictures_are_decoded() {
        assert!(matches!(Picture::decode(b""), Err(PictureError::Format)));
        assert!(matches!(Picture::decode(b"GIF89a\x01\0\x01\0"), Err(PictureError::Format)));
        assert!(matches!(Picture::decode(b"\x89PNG\r\n\x1a\nrubbish"), Err(PictureError::Damaged(_))));
        assert!(matches!(Picture::decode(b"\xff\xd8\xff\xe0rubbish"), Err(PictureError::Damaged(_))));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        // A PNG header that promises 60,000 × 60,000 pixels.
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0]);
        let checksum = crc(&png[12..]);
        png.extend(checksum.to_be_bytes());
        png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        let error = Picture::decode(&png).expect_err("too large");
        assert!(matches!(error, PictureError::TooLarge { .. }), "{error}");
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(
                crc ^ u32::from(*byte),
                |crc, _| {
                    if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
                },
            )
        })
    }

    #[test]
    fn a_part_of_a_picture_shows_what_was_there() {
        let pixels: Vec<u8> = (0..4 * 3 * 3).collect();
        let picture = Picture::rgb(4, 3, pixels).expect("a picture");
        let part = picture.cut(2, 1, 9, 9);
        assert_eq!(part.sides(), (2, 2));
        let Pixels::Rgb(pixels) = part.pixels() else { panic!("RGB stays RGB") };
        assert_eq!(pixels.as_ref(), [18, 19, 20, 21, 22, 23, 30, 31, 32, 33, 34, 35]);
        let luma: Vec<u8> = (0..16).collect();
        let chroma = [1, 2, 3, 4];
        let picture = Picture::i420(4, 4, [&luma, &chroma, &chroma], [4, 2, 2]).expect("a picture");
        let part = picture.cut(3, 3, 1, 1);
        let Pixels::I420 { planes, .. } = part.pixels() else { panic!("I420 stays I420") };
        assert_eq!((part.sides(), planes[0][0], planes[1][0]), ((1, 1), 10, 4));
    }
}
