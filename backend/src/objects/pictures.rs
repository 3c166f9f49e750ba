//! Pictures: decoded once within limits to prove that they can be shown, freed of metadata without loss, and
//! made small for lists.

use std::borrow::Cow;
use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use super::sniff::{self, Kind, MAX_SIDE, Refused};

/// Longest side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 320;
/// JPEG quality of thumbnails.
const THUMBNAIL_QUALITY: u8 = 80;
/// Most memory for one decoded picture (256 MiB): 50 Mpx of 8-bit colour fit, of 16-bit colour with alpha do not.
const MAX_DECODED: u64 = 256 * 1024 * 1024;

/// The picture without metadata, and its orientation (1 to 8, as in EXIF) that stayed in it.
///
/// Pixels are not touched. Borrowed when there was nothing to take out.
///
/// # Errors
/// [`Refused::Damaged`] or [`Refused::Truncated`] when it is no picture; documents are refused as damaged.
pub fn strip(bytes: &[u8], kind: Kind) -> Result<(Cow<'_, [u8]>, u8), Refused> {
    match kind {
        Kind::Png => sniff::strip_png(bytes),
        Kind::Jpeg => sniff::strip_jpeg(bytes),
        Kind::Pdf | Kind::Docx => Err(Refused::Damaged { kind, why: "it is no picture" }),
    }
}

/// Decodes the picture, upright: `orientation` as [`strip`] tells it.
///
/// # Errors
/// [`Refused::TooManyPixels`] when it would need more memory than one picture may; [`Refused::Damaged`].
pub fn decode(bytes: &[u8], kind: Kind, orientation: u8) -> Result<DynamicImage, Refused> {
    const WHY: &str = "it cannot be shown";
    let format = match kind {
        Kind::Png => ImageFormat::Png,
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Pdf | Kind::Docx => return Err(Refused::Damaged { kind, why: "it is no picture" }),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|_| Refused::Damaged { kind, why: WHY })?;
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > MAX_DECODED {
        return Err(Refused::TooManyPixels { width, height });
    }
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        image::ImageError::Limits(_) => Refused::TooManyPixels { width, height },
        _ => Refused::Damaged { kind, why: WHY },
    })?;
    if let Some(orientation) = Orientation::from_exif(orientation) {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// A JPEG of at most [`THUMBNAIL_SIDE`] pixels a side, never larger than the picture, on white where it is
/// transparent. Colour profiles are not applied.
///
/// # Errors
/// Only when the encoder fails, which would be a fault of ours.
pub fn thumbnail(picture: &DynamicImage) -> Result<Vec<u8>, image::ImageError> {
    let small = if picture.width().max(picture.height()) > THUMBNAIL_SIDE {
        picture.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    } else {
        picture.clone()
    };
    to_jpeg(&on_white(&small), THUMBNAIL_QUALITY)
}

/// The picture in 8-bit colour on a white ground.
pub fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let source = picture.to_rgba8();
    RgbImage::from_fn(source.width(), source.height(), |x, y| {
        let [r, g, b, alpha] = source.get_pixel(x, y).0;
        let mix =
            |part: u8| ((u32::from(part) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8;
        Rgb([mix(r), mix(g), mix(b)])
    })
}

/// Encodes with the given JPEG quality (1 to 100), without metadata.
///
/// # Errors
/// When the encoder fails.
pub fn to_jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, image::ImageError> {
    let mut out = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, quality);
    picture.write_with_encoder(encoder)?;
    Ok(out)
}
