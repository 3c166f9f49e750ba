//! Plays a YUV4MPEG2 file as a camera, for the demo and tests. Only 8-bit 4:2:0 without compression.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use super::CameraSource;
use super::synthetic::pace;
use crate::frame::{I420Frame, now_ms, sides_are_usable};
use crate::problem::MediaProblem;

/// Longest header line read, in bytes; a real one is below 200.
const HEADER_MAX: u64 = 1024;

pub(super) struct Y4mCamera {
    file: BufReader<File>,
    first_frame: u64,
    width: u32,
    height: u32,
    period: Duration,
    due: Instant,
}

fn broken() -> MediaProblem {
    MediaProblem::Codec("the Y4M file is not 8-bit 4:2:0 or is cut off".to_owned())
}

fn line(file: &mut BufReader<File>) -> Result<Vec<u8>, MediaProblem> {
    let mut text = Vec::new();
    file.by_ref().take(HEADER_MAX).read_until(b'\n', &mut text).map_err(|_| broken())?;
    Ok(text)
}

impl Y4mCamera {
    pub(super) fn open(path: &Path) -> Result<Self, MediaProblem> {
        let mut file = BufReader::new(File::open(path).map_err(|_| MediaProblem::NoCamera)?);
        let header = line(&mut file)?;
        let header = std::str::from_utf8(&header).map_err(|_| broken())?;
        let mut words = header.split_ascii_whitespace();
        if words.next() != Some("YUV4MPEG2") {
            return Err(broken());
        }
        let (mut width, mut height, mut period) = (0, 0, Duration::from_secs(1) / 30);
        for word in words {
            let (key, value) = word.split_at_checked(1).ok_or_else(broken)?;
            match key {
                "W" => width = value.parse().map_err(|_| broken())?,
                "H" => height = value.parse().map_err(|_| broken())?,
                "F" => {
                    let (frames, seconds) = value.split_once(':').ok_or_else(broken)?;
                    let frames: u32 = frames.parse().map_err(|_| broken())?;
                    let seconds: u32 = seconds.parse().map_err(|_| broken())?;
                    period = Duration::from_secs(u64::from(seconds)) / frames.max(1);
                }
                // 420, 420jpeg, 420mpeg2, 420paldv differ in chroma position only; 420p10 has 16-bit samples.
                "C" if !value.starts_with("420") || value.starts_with("420p1") => return Err(broken()),
                _ => {}
            }
        }
        // Rejects odd and huge sides before any buffer of their size is made.
        if !sides_are_usable(width, height) {
            return Err(broken());
        }
        let first_frame = file.stream_position().map_err(|_| broken())?;
        Ok(Self { file, first_frame, width, height, period, due: Instant::now() })
    }

    fn read_frame(&mut self) -> Result<Option<I420Frame>, MediaProblem> {
        let header = line(&mut self.file)?;
        if header.is_empty() {
            return Ok(None);
        }
        if !header.starts_with(b"FRAME") {
            return Err(broken());
        }
        let mut data = vec![0; I420Frame::len_of(self.width, self.height)];
        match self.file.read_exact(&mut data) {
            Ok(()) => Ok(I420Frame::new(self.width, self.height, data.into(), now_ms())),
            Err(_) => Err(broken()),
        }
    }
}

impl CameraSource for Y4mCamera {
    fn next_frame(&mut self) -> Result<Option<I420Frame>, MediaProblem> {
        pace(&mut self.due, self.period);
        if let Some(frame) = self.read_frame()? {
            return Ok(Some(frame));
        }
        self.file.seek(SeekFrom::Start(self.first_frame)).map_err(|_| broken())?;
        // A file without a single frame must not spin.
        self.read_frame()?.map(Some).ok_or_else(broken)
    }
}
