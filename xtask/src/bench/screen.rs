//! What an Xvfb of our own shows, read from the file that it draws into (`-fbdir`): cheap enough to look every few
//! milliseconds without being part of what is measured.
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::sh::{self, Background};

/// A display with nothing else on it.
pub struct Screen {
    /// Its name as in `DISPLAY`.
    pub display: String,
    file: PathBuf,
    _server: Background,
}

/// The pixels of a moment, four bytes each, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    pixels: Vec<u8>,
}

impl Screen {
    /// A display of this size that draws into a file in `folder`.
    pub fn start(folder: &Path, width: u32, height: u32) -> Result<Self> {
        let size = format!("{width}x{height}x24");
        let arguments =
            ["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset", "-nocursor"];
        let mut command = sh::command("Xvfb", &arguments);
        command.arg("-fbdir").arg(folder).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Background::start("Xvfb", &mut command)?;
        let mut number = String::new();
        BufReader::new(server.child.stdout.take().context("Xvfb without output")?).read_line(&mut number)?;
        if number.trim().is_empty() {
            bail!("Xvfb did not start");
        }
        let display = format!(":{}", number.trim());
        Ok(Self { display, file: folder.join("Xvfb_screen0"), _server: server })
    }

    /// What is on it now.
    pub fn look(&self) -> Result<Picture> {
        let mut file = std::fs::File::open(&self.file)
            .with_context(|| format!("Xvfb draws into no file {}", self.file.display()))?;
        let mut head = [0; 100];
        file.read_exact(&mut head)?;
        let (start, width, height) = place(&head)?;
        file.seek(SeekFrom::Start(start))?;
        let mut pixels = vec![0; width * height * 4];
        file.read_exact(&mut pixels)?;
        Ok(Picture { width, pixels })
    }
}

/// Where the pixels begin, and how many there are in a row and a column: an X window dump (X11's `XWDFile.h`), whose head is big-endian 32-bit numbers: its own size
/// first, height 6th, bits of a pixel 12th, bytes of a row 13th, colours that follow it (12 bytes each) 20th.
fn place(head: &[u8; 100]) -> Result<(u64, usize, usize)> {
    let field =
        |n: usize| u32::from_be_bytes([head[n * 4 - 4], head[n * 4 - 3], head[n * 4 - 2], head[n * 4 - 1]]);
    let (size, height, bits, row, colours) = (field(1), field(6), field(12), field(13), field(20));
    if bits != 32 || field(2) != 7 {
        bail!("Xvfb draws {bits} bits a pixel in a file of version {}, not 32 and 7", field(2));
    }
    Ok((u64::from(size) + u64::from(colours) * 12, row as usize / 4, height as usize))
}

impl Picture {
    /// How much of it is different, from 0 to 1.
    pub fn difference(&self, other: &Self) -> f64 {
        let (ours, theirs) = (&self.pixels, &other.pixels);
        if ours.len() != theirs.len() || ours.is_empty() {
            return 1.0;
        }
        let different = ours.chunks_exact(4).zip(theirs.chunks_exact(4)).filter(|(a, b)| a[..3] != b[..3]);
        different.count() as f64 / (ours.len() / 4) as f64
    }

    /// How much of it is not of its most common colour, from 0 to 1: nothing on an empty page.
    pub fn busy(&self) -> f64 {
        let mut colours = std::collections::HashMap::<&[u8], usize>::new();
        for pixel in self.pixels.chunks_exact(4) {
            *colours.entry(&pixel[..3]).or_default() += 1;
        }
        let most = colours.values().max().copied().unwrap_or_default();
        1.0 - most as f64 / (self.pixels.len() / 4).max(1) as f64
    }
}

impl Picture {
    /// As a PPM file (P6), for people who want to see what was measured. Xvfb's pixels are blue, green, red, nothing.
    pub fn write(&self, path: &Path) -> Result<()> {
        let height = self.pixels.len() / 4 / self.width.max(1);
        let mut file = format!("P6\n{} {height}\n255\n", self.width).into_bytes();
        file.extend(self.pixels.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]));
        std::fs::write(path, file).with_context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(pixels: &[[u8; 4]]) -> Picture {
        Picture { width: 2, pixels: pixels.concat() }
    }

    #[test]
    fn pictures_are_compared_by_pixels_without_their_padding() {
        let white = picture(&[[255; 4]; 4]);
        let one = picture(&[[255; 4], [255, 255, 255, 0], [255; 4], [1, 2, 3, 255]]);
        assert!((white.difference(&one) - 0.25).abs() < 1e-9);
        assert!((one.busy() - 0.25).abs() < 1e-9);
        assert!(white.busy().abs() < 1e-9);
        assert!((white.difference(&picture(&[[255; 4]; 3])) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn an_empty_display_is_seen_as_one() {
        let folder = std::env::temp_dir().join(format!("miantan-screen-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("writable");
        let screen = Screen::start(&folder, 64, 48).expect("Xvfb starts");
        let picture = screen.look().expect("it draws");
        assert_eq!((picture.width, picture.pixels.len()), (64, 64 * 48 * 4));
        assert!(picture.busy().abs() < 1e-9);
        let file = folder.join("empty.ppm");
        picture.write(&file).expect("written");
        let written = std::fs::read(&file).expect("there");
        assert!(written.starts_with(b"P6\n64 48\n255\n") && written.len() == 13 + 64 * 48 * 3);
        drop(screen);
        std::fs::remove_dir_all(folder).expect("it is there");
    }
}
