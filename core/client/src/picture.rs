//! Pictures made ready on the device before anybody else sees them: upright, at most [`SIDE_MAX`]
//! pixels long, written anew, so that nothing the camera noted (place, time, owner) is left. A
//! picture that could fill the phone's memory is refused by its header, before it is decoded.
//!
//! Never here: files, the network. Call [`prepare`] on a thread that may block: it takes a second on a
//! phone.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use miantan_domain::wire::{Problem, ProblemCode};
use std::io::Cursor;

/// Longest side as sent, and of the thumbnail, in pixels.
pub const SIDE_MAX: u32 = 2_048;
pub const THUMB_SIDE: u32 = 320;
/// Largest picture decoded, in pixels (a phone's 48 megapixels) and in decoded bytes.
const PIXELS_MAX: u64 = 50_000_000;
const DECODED_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// JPEG quality, 1 to 100.
const QUALITY: u8 = 85;
const THUMB_QUALITY: u8 = 75;
/// A see-through PNG stays one up to this size, in bytes; then it is laid on white.
const PNG_MAX_BYTES: usize = 1024 * 1024;

/// A picture as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// JPEG, at most [`THUMB_SIDE`].
    pub thumb: Vec<u8>,
    /// `jpg` or `png`.
    pub extension: &'static str,
}

fn broken(error: &image::ImageError) -> Problem {
    match error {
        image::ImageError::Limits(_) => too_large(),
        image::ImageError::Unsupported(_) => ProblemCode::FileTypeRefused.into(),
        // What the decoder says may quote the file: not passed on.
        _ => Problem::new(ProblemCode::FileBroken, "the picture cannot be read"),
    }
}

fn too_large() -> Problem {
    Problem::new(ProblemCode::FileTooLarge, "more pixels than a picture may have")
}

/// Width and height as [`prepare`] will make them; looks at the header only.
pub fn measure(bytes: &[u8]) -> Result<(u32, u32), Problem> {
    let mut decoder = decoder(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let (width, height) = decoder.dimensions();
    let (width, height) = if turns(orientation) { (height, width) } else { (width, height) };
    Ok(fit(width, height, SIDE_MAX))
}

fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder + '_, Problem> {
    let format = image::guess_format(bytes).map_err(|_| Problem::from(ProblemCode::FileTypeRefused))?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png) {
        return Err(ProblemCode::FileTypeRefused.into());
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODED_MAX_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > DECODED_MAX_BYTES {
        return Err(too_large());
    }
    if width == 0 || height == 0 {
        return Err(ProblemCode::FileBroken.into());
    }
    Ok(decoder)
}

fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The largest size with this shape whose sides are at most `side`; never larger than it is.
fn fit(width: u32, height: u32, side: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= side {
        return (width, height);
    }
    let scaled = |n: u32| {
        let n = (u64::from(n) * u64::from(side) + u64::from(long) / 2) / u64::from(long);
        u32::try_from(n).unwrap_or(side).max(1)
    };
    (scaled(width), scaled(height))
}

/// See the module's page.
pub fn prepare(bytes: &[u8]) -> Result<Ready, Problem> {
    let mut decoder = decoder(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    picture.apply_orientation(orientation);
    let picture = shrunk(picture, SIDE_MAX);
    let thumb = jpeg(&on_white(&shrunk(picture.clone(), THUMB_SIDE)), THUMB_QUALITY)?;
    let (width, height) = (picture.width(), picture.height());
    if see_through(&picture)
        && let png = png(&picture)?
        && png.len() <= PNG_MAX_BYTES
    {
        return Ok(Ready { bytes: png, width, height, thumb, extension: "png" });
    }
    let bytes = jpeg(&on_white(&picture), QUALITY)?;
    Ok(Ready { bytes, width, height, thumb, extension: "jpg" })
}

fn shrunk(picture: DynamicImage, side: u32) -> DynamicImage {
    let (width, height) = fit(picture.width(), picture.height(), side);
    if (width, height) == (picture.width(), picture.height()) {
        return picture;
    }
    picture.resize_exact(width, height, FilterType::Triangle)
}

fn see_through(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX)
}

fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        let over = |c: u8| {
            let (c, a) = (u16::from(c), u16::from(a));
            ((c * a + 255 * (255 - a)) / 255) as u8
        };
        Rgb([over(r), over(g), over(b)])
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    picture
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
        .map_err(|error| broken(&error))?;
    Ok(bytes)
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    picture.to_rgba8().write_with_encoder(PngEncoder::new(&mut bytes)).map_err(|error| broken(&error))?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
