//! A PDF by its frame: header, end mark, and nothing that makes it a second type as well. Pages are not read.

use super::{Kind, Refused};

/// How far from the end the end mark may stand (Adobe's reader looks as far).
const END_MARK_WITHIN: usize = 1024;
/// A ZIP's closing record: 22 bytes and a comment of at most 65,535.
const ZIP_END: usize = 22 + 65_535;

pub(super) fn check(bytes: &[u8]) -> Result<(), Refused> {
    let damaged = |why| Refused::Damaged { kind: Kind::Pdf, why };
    // `%PDF-1.7`, `%PDF-2.0`.
    let version = bytes.get(5..8).ok_or(Refused::Truncated { kind: Kind::Pdf })?;
    if !version[0].is_ascii_digit() || version[1] != b'.' || !version[2].is_ascii_digit() {
        return Err(damaged("its version is not one of a PDF"));
    }
    let tail = &bytes[bytes.len().saturating_sub(END_MARK_WITHIN)..];
    if find_last(tail, b"%%EOF").is_none() {
        return Err(Refused::Truncated { kind: Kind::Pdf });
    }
    if find_last(bytes, b"startxref").is_none() || find(bytes, b" obj").is_none() {
        return Err(damaged("it has no objects"));
    }
    if is_zip_too(bytes) {
        return Err(Refused::Unsafe { why: "a ZIP archive behind its pages" });
    }
    Ok(())
}

/// Whether a ZIP reader would open it: a closing record whose comment ends with the file.
fn is_zip_too(bytes: &[u8]) -> bool {
    let from = bytes.len().saturating_sub(ZIP_END);
    let tail = &bytes[from..];
    tail.windows(22).enumerate().any(|(at, record)| {
        record.starts_with(b"PK\x05\x06")
            && at + 22 + usize::from(u16::from_le_bytes([record[20], record[21]])) == tail.len()
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}
