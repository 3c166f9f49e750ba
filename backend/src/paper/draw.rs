//! Writes pages as a PDF by `krilla`, with fonts cut down to the glyphs in use. No clock: the same pages give the
//! same bytes.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::{Data, Document};

use super::PaperError;
use super::blocks::*;
use super::fonts::Fonts;

use super::sheet::Sheet;
use super::text::clean_line;
use crate::objects::{Purpose, pictures, sniff};

/// Pixels of the printed photo: 500 dots an inch.
const PHOTO_PIXELS: (u32, u32) = (500, 700);
const PHOTO_QUALITY: u8 = 88;

pub(super) fn write(book: &Book, sheet: &Sheet, fonts: &Fonts) -> Result<Vec<u8>, PaperError> {
    let failed = |why: &str| PaperError::Write(why.to_owned());
    let words = sheet.language.words();
    let mut document = Document::new();
    let name = clean_line(&sheet.name);
    document.set_metadata(
        Metadata::new()
            .title(if name.is_empty() {
                words.title.to_owned()
            } else {
                format!("{name} · {}", words.title)
            })
            .language(words.code.to_owned())
            .creator("Miantan".to_owned()),
    );
    let photo = match &book.photo {
        Some(jpeg) => Some(Image::from_jpeg(Data::from(jpeg.clone()), true).map_err(|why| failed(&why))?),
        None => None,
    };
    let settings =
        PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or_else(|| failed("the page has no size"))?;
    for marks in &book.pages {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, mark, photo.as_ref(), fonts);
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| PaperError::Write(error.to_string()))
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, photo: Option<&Image>, fonts: &Fonts) {
    match mark {
        Mark::Text { x, y, size, ink, line } => {
            fill(surface, *ink);
            let mut x = *x;
            for run in &line.runs {
                if let Some(face) = fonts.faces().get(run.face) {
                    let start = Point::from_xy(x, *y);
                    surface.draw_glyphs(start, &run.glyphs, face.font.clone(), &line.text, *size, false);
                }
                x += run.width * size;
            }
        }
        Mark::Box { x, y, width, height, radius, ink } => {
            if let Some(path) = rounded(*x, *y, *width, *height, *radius) {
                fill(surface, *ink);
                surface.draw_path(&path);
            }
        }
        Mark::Photo { x, y } => {
            let frame = rounded(*x, *y, PHOTO_WIDTH, PHOTO_HEIGHT, 3.0);
            let size = Size::from_wh(PHOTO_WIDTH, PHOTO_HEIGHT);
            if let (Some(photo), Some(frame), Some(size)) = (photo, frame, size) {
                surface.push_clip_path(&frame, &FillRule::NonZero);
                surface.push_transform(&Transform::from_translate(*x, *y));
                surface.draw_image(photo.clone(), size);
                surface.pop();
                surface.pop();
            }
        }
    }
}

fn fill(surface: &mut Surface<'_>, ink: Ink) {
    let (red, green, blue) = ink.rgb();
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }));
}

/// A rectangle with round corners.
fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Option<Path> {
    /// Distance of the control points for a quarter circle of radius 1: 4/3·(√2 − 1).
    const KAPPA: f32 = 0.552_284_8;
    let mut path = PathBuilder::new();
    if radius <= 0.0 {
        path.push_rect(Rect::from_xywh(x, y, width, height)?);
        return path.finish();
    }
    let radius = radius.min(width / 2.0).min(height / 2.0);
    let (right, bottom, inset) = (x + width, y + height, radius * (1.0 - KAPPA));
    path.move_to(x + radius, y);
    path.line_to(right - radius, y);
    path.cubic_to(right - inset, y, right, y + inset, right, y + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - inset, right - inset, bottom, right - radius, bottom);
    path.line_to(x + radius, bottom);
    path.cubic_to(x + inset, bottom, x, bottom - inset, x, bottom - radius);
    path.line_to(x, y + radius);
    path.cubic_to(x, y + inset, x + inset, y, x + radius, y);
    path.close();
    path.finish()
}

/// The photo upright, cut to the shape of a passport photo (a little above the middle, where faces are), as JPEG.
/// `None` when it cannot be shown: a résumé without its photo is better than none.
pub(super) fn passport(bytes: &[u8]) -> Option<Vec<u8>> {
    let made = || -> Result<Option<Vec<u8>>, crate::objects::Refused> {
        let kind = sniff::inspect(bytes, Purpose::Photo)?;
        let (clean, orientation) = pictures::strip(bytes, kind)?;
        let picture = pictures::decode(&clean, kind, orientation)?;
        let (width, height) = (picture.width(), picture.height());
        let (wide, high) = PHOTO_PIXELS;
        let (cut_width, cut_height) =
            if u64::from(width) * u64::from(high) > u64::from(height) * u64::from(wide) {
                ((u64::from(height) * u64::from(wide) / u64::from(high)) as u32, height)
            } else {
                (width, (u64::from(width) * u64::from(high) / u64::from(wide)) as u32)
            };
        let (cut_width, cut_height) = (cut_width.max(1), cut_height.max(1));
        let cut = picture.crop_imm((width - cut_width) / 2, (height - cut_height) / 3, cut_width, cut_height);
        let cut = if cut_width > wide {
            cut.resize_exact(wide, high, image::imageops::FilterType::Triangle)
        } else {
            cut
        };
        Ok(pictures::to_jpeg(&pictures::on_white(&cut), PHOTO_QUALITY).ok())
    };
    match made() {
        Ok(jpeg) => jpeg,
        Err(refused) => {
            tracing::warn!(reason = refused.code(), "a résumé is printed without its photo");
            None
        }
    }
}
