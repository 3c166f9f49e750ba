//! PNG by its chunks (W3C PNG, third edition): declared size without decoding, and a lossless copy without
//! metadata.
//!
//! Kept are the chunks that change how the picture looks. Texts, times, EXIF, animation, unknown ancillary
//! chunks and whatever follows the end go. Of EXIF only an orientation other than 1 stays, in a block of our own.

use std::borrow::Cow;

use super::jpeg::{minimal_exif, orientation_in};
use super::{Kind, Refused, sensible};

pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1A\n";

/// Chunks that stay.
const KEPT: [&[u8; 4]; 12] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"pHYs",
];
/// A colour profile larger than this is not one.
const MAX_PROFILE: usize = 1024 * 1024;

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// Length, kind, data and checksum as they stand in the file.
    whole: &'a [u8],
}

const fn damaged(why: &'static str) -> Refused {
    Refused::Damaged { kind: Kind::Png, why }
}

/// The chunks up to and with IEND.
fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, Refused> {
    const SHORT: Refused = Refused::Truncated { kind: Kind::Png };
    let mut rest = bytes.strip_prefix(&SIGNATURE).ok_or(SHORT)?;
    let mut found = Vec::new();
    loop {
        let head: &[u8; 8] = rest.first_chunk().ok_or(SHORT)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let kind = [head[4], head[5], head[6], head[7]];
        if !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(damaged("a chunk has no name"));
        }
        // Length, kind and checksum take twelve bytes.
        let (whole, after) = rest.split_at_checked(length.saturating_add(12)).ok_or(SHORT)?;
        let mut sum = flate2::Crc::new();
        sum.update(&whole[4..length + 8]);
        if sum.sum().to_be_bytes() != whole[length + 8..] {
            return Err(damaged("a checksum is wrong"));
        }
        if found.is_empty() != (&kind == b"IHDR") {
            return Err(damaged("its header is not where it belongs"));
        }
        found.push(Chunk { kind, data: &whole[8..length + 8], whole });
        if &kind == b"IEND" {
            return Ok(found);
        }
        rest = after;
    }
}

/// Declared width and height in pixels. Reads headers and checksums only.
pub(super) fn size(bytes: &[u8]) -> Result<(u32, u32), Refused> {
    // Dimensions first: they are refused however the rest looks.
    let header: &[u8; 33] = bytes.first_chunk().ok_or(Refused::Truncated { kind: Kind::Png })?;
    if &header[8..16] != b"\0\0\0\x0DIHDR" {
        return Err(damaged("its header is not where it belongs"));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let size = sensible(Kind::Png, number(16), number(20))?;
    let chunks = chunks(bytes)?;
    if !chunks.iter().any(|chunk| &chunk.kind == b"IDAT") {
        return Err(damaged("it has no picture data"));
    }
    // An upper-case first letter marks a chunk without which the picture cannot be read.
    if chunks.iter().any(|chunk| chunk.kind[0].is_ascii_uppercase() && !KEPT.contains(&&chunk.kind)) {
        return Err(damaged("it needs an extension nobody knows"));
    }
    Ok(size)
}

/// A copy without metadata, and the orientation (1 to 8, as in EXIF) a viewer must apply.
pub(in crate::objects) fn strip(bytes: &[u8]) -> Result<(Cow<'_, [u8]>, u8), Refused> {
    let chunks = chunks(bytes)?;
    let orientation =
        chunks.iter().find(|chunk| &chunk.kind == b"eXIf").map_or(1, |chunk| orientation_in(chunk.data));
    let mut clean = Vec::with_capacity(bytes.len());
    clean.extend_from_slice(&SIGNATURE);
    for chunk in &chunks {
        if !KEPT.contains(&&chunk.kind) || (&chunk.kind == b"iCCP" && chunk.data.len() > MAX_PROFILE) {
            continue;
        }
        clean.extend_from_slice(chunk.whole);
        if &chunk.kind == b"IHDR" && orientation != 1 {
            push(&mut clean, *b"eXIf", &minimal_exif(orientation));
        }
    }
    let clean = if clean == bytes { Cow::Borrowed(bytes) } else { Cow::Owned(clean) };
    Ok((clean, orientation))
}

/// Appends a chunk with its length and checksum.
pub(super) fn push(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend_from_slice(&kind);
    out.extend_from_slice(data);
    let mut sum = flate2::Crc::new();
    sum.update(&out[from..]);
    out.extend_from_slice(&sum.sum().to_be_bytes());
}
