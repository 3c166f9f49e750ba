//! Films for the app's synthetic camera (`synthetic:film:PATH`): printed QR codes held up one after the other, swaying
//! a little. It draws and writes; it knows nothing of what the codes say.
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use qrcode::{Color, EcLevel, QrCode};

/// A phone held upright.
const WIDTH: usize = 360;
const HEIGHT: usize = 640;
/// Pictures in a second.
const RATE: usize = 12;
/// Pictures of one sway.
const SWAY: usize = 24;
/// Sides of the card, in samples; the code stands in its upper part with four modules of quiet zone.
const CARD: (f64, f64) = (232.0, 290.0);

/// Writes a YUV4MPEG2 file of codes, each with what it says and for how many seconds it is held up.
///
/// # Errors
/// When a text is too long for a code, or the file cannot be written.
pub fn of_codes(cards: &[(&str, usize)], path: &Path) -> Result<()> {
    let code = |text: &str| {
        QrCode::with_error_correction_level(text, EcLevel::M).context("a text is too long for a code")
    };
    let codes =
        cards.iter().map(|(text, seconds)| Ok((code(text)?, *seconds))).collect::<Result<Vec<_>>>()?;
    let cannot = || format!("cannot write {}", path.display());
    let mut film = BufWriter::new(File::create(path).with_context(cannot)?);
    writeln!(film, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg").with_context(cannot)?;
    let chroma = [vec![122; WIDTH * HEIGHT / 4], vec![132; WIDTH * HEIGHT / 4]].concat();
    for (code, seconds) in codes {
        let sway: Vec<_> = (0..SWAY).map(|number| picture(&code, number)).collect();
        for luma in sway.iter().cycle().take(seconds * RATE) {
            film.write_all(b"FRAME\n").with_context(cannot)?;
            film.write_all(luma).with_context(cannot)?;
            film.write_all(&chroma).with_context(cannot)?;
        }
    }
    film.flush().with_context(cannot)
}

/// The luma of one picture. Each sample is the mean of 2×2 places, as a lens would have it.
fn picture(code: &QrCode, number: usize) -> Vec<u8> {
    let turn = number as f64 / SWAY as f64 * std::f64::consts::TAU;
    let (sin, cos) = (0.045 * turn.sin()).sin_cos();
    let (middle_x, middle_y) =
        (WIDTH as f64 / 2.0 + 6.0 * turn.cos(), HEIGHT as f64 * 0.47 + 5.0 * (2.0 * turn).sin());
    let mut luma = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let mut sum = 0;
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let (x, y) = (x as f64 + dx, y as f64 + dy);
                let (left, up) = (x - middle_x, y - middle_y);
                let (u, v) = (left * cos + up * sin + CARD.0 / 2.0, up * cos - left * sin + CARD.1 / 2.0);
                sum += u32::from(card(code, u, v).unwrap_or_else(|| desk(x, y)));
            }
            luma.push((sum / 4) as u8);
        }
    }
    luma
}

/// A table in the light of a window.
fn desk(x: f64, y: f64) -> u8 {
    let grain = (x * 0.031 + (y * 0.009).sin() * 2.4).sin() * 7.0;
    (112.0 + grain - y / HEIGHT as f64 * 46.0) as u8
}

/// The card's shade; `None` beside it.
fn card(code: &QrCode, u: f64, v: f64) -> Option<u8> {
    if !(0.0..CARD.0).contains(&u) || !(0.0..CARD.1).contains(&v) {
        return None;
    }
    let module = CARD.0 / (code.width() + 8) as f64;
    let (column, row) = (u / module - 4.0, v / module - 4.0);
    let modules = code.width() as f64;
    if (0.0..modules).contains(&column) && (0.0..modules).contains(&row) {
        let dark = code[(column as usize, row as usize)] == Color::Dark;
        return Some(if dark { 38 } else { 226 });
    }
    // Two lines of print under the code, too small to read from here.
    let line = (v - CARD.0 - 2.0) / 20.0;
    let print = (0.0..2.0).contains(&line) && line.fract() < 0.4;
    let wide = CARD.0 * if line < 1.0 { 0.3 } else { 0.2 };
    Some(if print && (u - CARD.0 / 2.0).abs() < wide { 96 } else { 226 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_film_has_the_length_its_header_says_and_moves() {
        let file = std::env::temp_dir().join(format!("miantan-ui-film-{}.y4m", std::process::id()));
        of_codes(&[("a menu", 1), ("miantan://join?server=http%3A%2F%2F127.0.0.1&code=A", 2)], &file)
            .unwrap();
        let film = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let header = film.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let frame = 6 + WIDTH * HEIGHT * 3 / 2;
        assert_eq!(film.len(), header + 3 * RATE * frame);
        assert_ne!(film[header..header + frame], film[header + 6 * frame..header + 7 * frame]);
    }

    #[test]
    fn a_text_that_fits_no_code_is_an_error() {
        assert!(of_codes(&[(&"x".repeat(5_000), 1)], Path::new("/nowhere")).is_err());
    }
}
