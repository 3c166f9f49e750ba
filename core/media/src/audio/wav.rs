//! The little of WAV that the synthetic devices and the tests need: PCM 16-bit and 32-bit float in,
//! mono PCM 16-bit out. Compiled only with the feature `synthetic`.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

/// Reads a WAV file's sound mixed to mono: (rate in hertz, samples in −1..=1). `None` when it is
/// not a WAV file or of a kind that is not supported.
pub fn read(bytes: &[u8]) -> Option<(u32, Vec<f32>)> {
    let u16_at = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
        return None;
    }
    let mut at = 12;
    // (is float, channels, rate)
    let mut format: Option<(bool, usize, u32)> = None;
    loop {
        let kind = bytes.get(at..at + 4)?;
        let length = u32_at(at + 4)? as usize;
        let body = at + 8;
        match kind {
            b"fmt " => {
                let mut code = u16_at(body)?;
                if code == 0xFFFE {
                    // WAVE_FORMAT_EXTENSIBLE: the real code begins the sub-format.
                    code = u16_at(body + 24)?;
                }
                let is_float = match (code, u16_at(body + 14)?) {
                    (1, 16) => false,
                    (3, 32) => true,
                    _ => return None,
                };
                format = Some((is_float, usize::from(u16_at(body + 2)?), u32_at(body + 4)?));
            }
            b"data" => {
                let (is_float, channels, rate) = format?;
                if channels == 0 || rate == 0 {
                    return None;
                }
                // A file whose writer was interrupted says more than it has.
                let data = &bytes[body..bytes.len().min(body.saturating_add(length))];
                let samples: Vec<f32> = if is_float {
                    let value = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                    data.chunks_exact(4).map(value).collect()
                } else {
                    let value = |b: &[u8]| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0;
                    data.chunks_exact(2).map(value).collect()
                };
                let mono = samples
                    .chunks_exact(channels)
                    .map(|frame| frame.iter().sum::<f32>() / channels as f32)
                    .collect();
                return Some((rate, mono));
            }
            _ => {}
        }
        at = body.checked_add(length)?.checked_add(length & 1)?;
    }
}

/// Writes mono 16-bit sound; the header is kept true every so often, so that the file of a killed
/// process can be read.
pub struct WavWriter {
    file: File,
    rate: u32,
    samples: u32,
    header_every: u32,
}

impl WavWriter {
    pub fn create(path: impl AsRef<Path>, rate: u32, header_every: Duration) -> std::io::Result<Self> {
        let mut writer = Self {
            file: File::create(path)?,
            rate,
            samples: 0,
            header_every: ((header_every.as_millis() as u32) * (rate / 1_000)).max(1),
        };
        writer.header()?;
        Ok(writer)
    }

    pub fn write(&mut self, samples: &[f32]) -> std::io::Result<()> {
        let bytes: Vec<u8> = samples
            .iter()
            .flat_map(|s| ((s.clamp(-1.0, 1.0) * 32_767.0).round() as i16).to_le_bytes())
            .collect();
        self.file.write_all(&bytes)?;
        let before = self.samples / self.header_every;
        self.samples += samples.len() as u32;
        if self.samples / self.header_every != before {
            self.header()?;
        }
        Ok(())
    }

    fn header(&mut self) -> std::io::Result<()> {
        let data = self.samples * 2;
        let mut header = Vec::with_capacity(44);
        header.extend_from_slice(b"RIFF");
        header.extend_from_slice(&(36 + data).to_le_bytes());
        header.extend_from_slice(b"WAVEfmt ");
        header.extend_from_slice(&16u32.to_le_bytes());
        header.extend_from_slice(&1u16.to_le_bytes());
        header.extend_from_slice(&1u16.to_le_bytes());
        header.extend_from_slice(&self.rate.to_le_bytes());
        header.extend_from_slice(&(self.rate * 2).to_le_bytes());
        header.extend_from_slice(&2u16.to_le_bytes());
        header.extend_from_slice(&16u16.to_le_bytes());
        header.extend_from_slice(b"data");
        header.extend_from_slice(&data.to_le_bytes());
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.seek(SeekFrom::End(0))?;
        Ok(())
    }
}

impl Drop for WavWriter {
    fn drop(&mut self) {
        // Without it the file still reads up to the last header.
        let _ = self.header();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_wav_round_trip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.wav");
        let sound: Vec<f32> = (0..1_000).map(|n| (n as f32 / 1_000.0) - 0.5).collect();
        let mut writer = WavWriter::create(&path, 44_100, Duration::from_millis(1)).unwrap();
        writer.write(&sound).unwrap();
        drop(writer);
        let (rate, read) = read(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!((rate, read.len()), (44_100, 1_000));
        assert!(read.iter().zip(&sound).all(|(a, b)| (a - b).abs() < 1e-4));
    }

    #[test]
    fn audio_wav_nonsense_is_none() {
        assert!(read(b"").is_none());
        assert!(read(b"RIFF\0\0\0\0WAVE").is_none());
        assert!(read(b"RIFF\0\0\0\0WAVEdata\xff\xff\xff\xffxx").is_none());
        assert!(read(&[0xFF; 200]).is_none());
    }
}
