//! JPEG by its marker segments (ITU-T T.81): declared size without decoding, and a lossless copy without
//! metadata.
//!
//! Kept: tables, frames, scans, the JFIF header without its thumbnail, ICC profiles, Adobe's colour mark. EXIF
//! (with GPS, camera and the embedded thumbnail), XMP, IPTC, comments, other makers' segments and whatever
//! follows the end (motion photos append a film) go. An orientation other than 1 stays as an EXIF block of our
//! own with that one field: re-encoding would cost quality, dropping it would turn the picture on its side.

use std::borrow::Cow;

use super::{Kind, Refused, sensible};

/// More scans than any encoder writes; each costs a pass over the whole picture.
const MAX_SCANS: usize = 64;

/// A piece of the file between two markers.
struct Segment<'a> {
    marker: u8,
    /// After the length; empty for markers without one.
    data: &'a [u8],
    /// For a scan: the entropy-coded data behind its header.
    coded: &'a [u8],
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

const SHORT: Refused = Refused::Truncated { kind: Kind::Jpeg };

const fn damaged(why: &'static str) -> Refused {
    Refused::Damaged { kind: Kind::Jpeg, why }
}

/// A start of frame: 0xC0 to 0xCF without the tables (C4), the reserved mark (C8) and arithmetic conditioning (CC).
const fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

/// Everything between SOI and EOI; both must be there.
fn segments(bytes: &[u8]) -> Result<Vec<Segment<'_>>, Refused> {
    let mut rest = bytes.strip_prefix(&[0xFF, SOI]).ok_or(SHORT)?;
    let mut found = Vec::new();
    loop {
        let (&first, after) = rest.split_first().ok_or(SHORT)?;
        if first != 0xFF {
            return Err(damaged("data stands between its segments"));
        }
        // Any number of FF bytes may pad a marker.
        let pad = after.iter().take_while(|byte| **byte == 0xFF).count();
        let (&marker, after) = after[pad..].split_first().ok_or(SHORT)?;
        match marker {
            EOI => return Ok(found),
            0x00 | 0x01 | SOI | 0xD0..=0xD7 => return Err(damaged("a segment is out of place")),
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk().ok_or(SHORT)?));
        if length < 2 {
            return Err(damaged("a segment has no length"));
        }
        if length > after.len() {
            return Err(SHORT);
        }
        let (data, after) = (&after[2..length], &after[length..]);
        let coded = if marker == SOS { coded(after)? } else { &[] };
        rest = &after[coded.len()..];
        found.push(Segment { marker, data, coded });
    }
}

/// Entropy-coded data up to the next marker that is no restart (D0 to D7) and no stuffed zero.
fn coded(bytes: &[u8]) -> Result<&[u8], Refused> {
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == 0xFF).ok_or(SHORT)?;
        match bytes.get(at + 1) {
            None => return Err(SHORT),
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            // Padding before a marker belongs to the marker; `segments` skips it.
            Some(_) => return Ok(&bytes[..at]),
        }
    }
}

/// Declared width and height in pixels. Reads headers only.
pub(super) fn size(bytes: &[u8]) -> Result<(u32, u32), Refused> {
    let segments = segments(bytes)?;
    let mut frames = segments.iter().filter(|segment| is_frame(segment.marker));
    let frame = frames.next().ok_or(damaged("it has no frame"))?;
    if frames.next().is_some() {
        return Err(damaged("it has two frames"));
    }
    if !matches!(frame.marker, 0xC0..=0xC2) {
        return Err(damaged("it is coded in a way no browser shows"));
    }
    let header: &[u8; 6] = frame.data.first_chunk().ok_or(damaged("its frame is too short"))?;
    let height = u16::from_be_bytes([header[1], header[2]]);
    let width = u16::from_be_bytes([header[3], header[4]]);
    if !matches!(header[5], 1 | 3 | 4) {
        return Err(damaged("it has a strange number of colours"));
    }
    match segments.iter().filter(|segment| segment.marker == SOS).count() {
        0 => return Err(damaged("it has no picture data")),
        scans if scans > MAX_SCANS => return Err(damaged("it has too many scans")),
        _ => {}
    }
    sensible(Kind::Jpeg, u32::from(width), u32::from(height))
}

/// A copy without metadata, and the orientation (1 to 8, as in EXIF) a viewer must apply.
pub(in crate::objects) fn strip(bytes: &[u8]) -> Result<(Cow<'_, [u8]>, u8), Refused> {
    let segments = segments(bytes)?;
    let orientation = segments
        .iter()
        .filter(|segment| segment.marker == APP1)
        .find_map(|segment| segment.data.strip_prefix(b"Exif\0\0"))
        .map_or(1, orientation_in);
    let mut clean = Vec::with_capacity(bytes.len());
    clean.extend_from_slice(&[0xFF, SOI]);
    // JFIF must be the first segment; our EXIF block follows it.
    let jfif = segments.iter().find_map(|segment| jfif(segment));
    if let Some(header) = jfif {
        push(&mut clean, APP0, &header);
    }
    if orientation != 1 {
        push(&mut clean, APP1, &[b"Exif\0\0".as_slice(), &minimal_exif(orientation)].concat());
    }
    for segment in &segments {
        let keep = match segment.marker {
            APP2 => segment.data.starts_with(b"ICC_PROFILE\0"),
            APP14 => segment.data.starts_with(b"Adobe"),
            0xE0..=0xEF | 0xFE => false,
            _ => true,
        };
        if keep {
            push(&mut clean, segment.marker, segment.data);
            clean.extend_from_slice(segment.coded);
        }
    }
    clean.extend_from_slice(&[0xFF, EOI]);
    let clean = if clean == bytes { Cow::Borrowed(bytes) } else { Cow::Owned(clean) };
    Ok((clean, orientation))
}

/// The JFIF header with version and density, without the thumbnail it may carry.
fn jfif(segment: &Segment<'_>) -> Option<[u8; 14]> {
    let mut header: [u8; 14] = *segment.data.first_chunk()?;
    if segment.marker != APP0 || !header.starts_with(b"JFIF\0") {
        return None;
    }
    header[12..].fill(0);
    Some(header)
}

fn push(out: &mut Vec<u8>, marker: u8, data: &[u8]) {
    out.extend_from_slice(&[0xFF, marker]);
    out.extend_from_slice(&(data.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(data);
}

/// The orientation (tag 0x0112) in the first directory of a TIFF block, 1 when there is none.
pub(super) fn orientation_in(tiff: &[u8]) -> u8 {
    fn find(tiff: &[u8]) -> Option<u16> {
        let big = match tiff.get(..4)? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        let short = |at: usize| -> Option<u16> {
            let pair: [u8; 2] = *tiff.get(at..)?.first_chunk()?;
            Some(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
        };
        let four: [u8; 4] = *tiff.get(4..)?.first_chunk()?;
        let directory = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) } as usize;
        let entries = usize::from(short(directory)?);
        (0..entries).map(|n| directory.saturating_add(2 + 12 * n)).find_map(|entry| {
            // Type 3 is a SHORT; its value stands in the first half of the field.
            (short(entry)? == 0x0112 && short(entry + 2)? == 3).then(|| short(entry + 8))?
        })
    }
    match find(tiff) {
        Some(orientation @ 2..=8) => orientation as u8,
        _ => 1,
    }
}

/// A TIFF block (big-endian) with one directory that holds the orientation and nothing else.
pub(super) fn minimal_exif(orientation: u8) -> [u8; 26] {
    let mut tiff = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    tiff[19] = orientation;
    tiff
}
