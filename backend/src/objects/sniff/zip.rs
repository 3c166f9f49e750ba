//! Reads a ZIP archive (PKWARE APPNOTE 6.3) as strictly as a document needs, and inflates it with a budget.
//!
//! What two readers could understand differently is refused: several closing records, names that differ between
//! directory and entry, entries that share bytes, sizes that are not true. Nothing is ever written anywhere.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::{Kind, Refused};

/// More parts than any document has.
const MAX_ENTRIES: usize = 2_000;
/// Most bytes all parts may inflate to, parts of embedded documents included (128 MiB).
pub(super) const MAX_INFLATED: u64 = 128 * 1024 * 1024;
/// Text deflates to a tenth, rarely to a fiftieth; deflate itself reaches 1:1032.
pub(super) const MAX_RATIO: u64 = 120;
/// Below this the ratio does not matter (8 MiB).
const RATIO_FROM: u64 = 8 * 1024 * 1024;
const END_RECORD: usize = 22;
const MAX_COMMENT: usize = 65_535;

/// One file in the archive.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub name: String,
    packed: &'a [u8],
    deflated: bool,
    /// As the directory declares them.
    size: u64,
    crc: u32,
}

/// What may still be inflated.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
    spent: u64,
    packed: u64,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { left: MAX_INFLATED, spent: 0, packed: 0 }
    }

    fn spend(&mut self, bytes: u64) -> Result<(), Refused> {
        self.left = self.left.checked_sub(bytes).ok_or(Refused::ExpandsTooMuch)?;
        self.spent += bytes;
        if self.spent > RATIO_FROM && self.spent / self.packed.max(1) > MAX_RATIO {
            return Err(Refused::ExpandsTooMuch);
        }
        Ok(())
    }
}

const fn damaged(why: &'static str) -> Refused {
    Refused::Damaged { kind: Kind::Docx, why }
}

const SHORT: Refused = Refused::Truncated { kind: Kind::Docx };

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The directory's entries, checked against the entries themselves.
///
/// # Errors
/// [`Refused::Truncated`] without a closing record; [`Refused::Unsafe`] for names that lead out of the archive;
/// [`Refused::ExpandsTooMuch`] when the declared sizes already say so; [`Refused::Damaged`] otherwise.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>, Refused> {
    let end = end_record(bytes)?;
    let (disks, total) = (u32_at(bytes, end + 4).ok_or(SHORT)?, u16_at(bytes, end + 10).ok_or(SHORT)?);
    let here = u16_at(bytes, end + 8).ok_or(SHORT)?;
    let (length, start) = (u32_at(bytes, end + 12).ok_or(SHORT)?, u32_at(bytes, end + 16).ok_or(SHORT)?);
    if disks != 0 || here != total || total == u16::MAX || start == u32::MAX {
        return Err(damaged("it is split or larger than a document can be"));
    }
    if usize::from(total) > MAX_ENTRIES {
        return Err(Refused::ExpandsTooMuch);
    }
    if start as usize + length as usize != end {
        return Err(damaged("its directory is not where it says"));
    }
    let mut at = start as usize;
    let mut found = Vec::with_capacity(usize::from(total));
    let mut spans = Vec::with_capacity(usize::from(total));
    let mut declared = 0_u64;
    for _ in 0..total {
        let (entry, span, next) = entry(bytes, at, start as usize)?;
        declared = declared.saturating_add(entry.size);
        if declared > MAX_INFLATED {
            return Err(Refused::ExpandsTooMuch);
        }
        found.push(entry);
        spans.push(span);
        at = next;
    }
    if at != end {
        return Err(damaged("its directory is not as long as it says"));
    }
    spans.sort_unstable();
    if spans.first().is_some_and(|first| first.0 != 0) {
        return Err(damaged("data stands before its first part"));
    }
    if spans.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        // The trick of bombs without nesting: many entries over the same bytes.
        return Err(Refused::ExpandsTooMuch);
    }
    let mut names: Vec<String> = found.iter().map(|entry| entry.name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(damaged("two parts have one name"));
    }
    Ok(found)
}

/// Where the closing record starts. Its comment must end with the file.
fn end_record(bytes: &[u8]) -> Result<usize, Refused> {
    let from = bytes.len().saturating_sub(END_RECORD + MAX_COMMENT);
    let mut ends = (from..=bytes.len().checked_sub(END_RECORD).ok_or(SHORT)?).rev().filter(|at| {
        bytes[*at..].starts_with(b"PK\x05\x06")
            && u16_at(bytes, at + 20)
                .is_some_and(|comment| at + END_RECORD + usize::from(comment) == bytes.len())
    });
    let end = ends.next().ok_or(SHORT)?;
    if ends.next().is_some() {
        return Err(damaged("it has two directories"));
    }
    Ok(end)
}

type Span = (usize, usize);

/// The directory's entry at `at`, the bytes it occupies, and where the next one starts.
fn entry(bytes: &[u8], at: usize, directory: usize) -> Result<(Entry<'_>, Span, usize), Refused> {
    const BROKEN: Refused = damaged("an entry of its directory is broken");
    let head = bytes.get(at..at + 46).ok_or(BROKEN)?;
    if !head.starts_with(b"PK\x01\x02") {
        return Err(BROKEN);
    }
    let short = |at: usize| u16_at(head, at).ok_or(BROKEN);
    let long = |at: usize| u32_at(head, at).ok_or(BROKEN);
    let (flags, method) = (short(8)?, short(10)?);
    let (crc, packed, size) = (long(16)?, long(20)?, long(24)?);
    let name_length = usize::from(short(28)?);
    let next = at + 46 + name_length + usize::from(short(30)?) + usize::from(short(32)?);
    let offset = long(42)? as usize;
    if packed == u32::MAX || size == u32::MAX || offset == u32::MAX as usize {
        return Err(damaged("it is split or larger than a document can be"));
    }
    let raw_name = bytes.get(at + 46..at + 46 + name_length).ok_or(BROKEN)?;
    let name = std::str::from_utf8(raw_name).map_err(|_| damaged("a part has a name no document has"))?;
    check_name(name)?;
    // Bit 0: encrypted; bit 6: strongly encrypted; bit 13: hidden directory.
    if flags & 0x2041 != 0 {
        return Err(Refused::Unsafe { why: "encrypted parts" });
    }
    let deflated = match method {
        0 => false,
        8 => true,
        _ => return Err(damaged("a part is packed in a way no document is")),
    };
    let local = bytes.get(offset..offset + 30).ok_or(BROKEN)?;
    if !local.starts_with(b"PK\x03\x04") || u16_at(local, 8) != Some(method) {
        return Err(BROKEN);
    }
    let extra = usize::from(u16_at(local, 28).ok_or(BROKEN)?);
    let local_name_length = usize::from(u16_at(local, 26).ok_or(BROKEN)?);
    let data = offset + 30 + local_name_length + extra;
    if bytes.get(offset + 30..offset + 30 + local_name_length) != Some(raw_name) {
        return Err(damaged("a part has two names"));
    }
    let after = data + packed as usize;
    if after > directory {
        return Err(BROKEN);
    }
    let packed = &bytes[data..after];
    if !deflated && packed.len() as u64 != u64::from(size) {
        return Err(damaged("a part has not the size it says"));
    }
    let entry = Entry { name: name.to_owned(), packed, deflated, size: u64::from(size), crc };
    Ok((entry, (offset, after), next))
}

fn check_name(name: &str) -> Result<(), Refused> {
    let out = name.starts_with(['/', '\\'])
        || name.split(['/', '\\']).any(|part| part == "..")
        || name.contains('\0')
        || name.get(1..2) == Some(":");
    if out {
        return Err(Refused::Unsafe { why: "a part that would be written outside of it" });
    }
    if name.is_empty() || name.len() > 260 {
        return Err(damaged("a part has a name no document has"));
    }
    Ok(())
}

impl Entry<'_> {
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// Inflates the part piece by piece, `take` sees every piece; size and checksum must be the declared ones.
    ///
    /// # Errors
    /// [`Refused::ExpandsTooMuch`] as soon as the budget is spent, [`Refused::Damaged`] for anything untrue.
    pub(super) fn inflate(&self, budget: &mut Budget, mut take: impl FnMut(&[u8])) -> Result<(), Refused> {
        budget.packed += self.packed.len() as u64;
        let mut source: Box<dyn Read + '_> =
            if self.deflated { Box::new(DeflateDecoder::new(self.packed)) } else { Box::new(self.packed) };
        let mut sum = flate2::Crc::new();
        let mut piece = vec![0_u8; 64 * 1024];
        let mut size = 0_u64;
        loop {
            let read = source.read(&mut piece).map_err(|_| damaged("a part cannot be unpacked"))?;
            if read == 0 {
                break;
            }
            budget.spend(read as u64)?;
            size += read as u64;
            if size > self.size {
                return Err(Refused::ExpandsTooMuch);
            }
            sum.update(&piece[..read]);
            take(&piece[..read]);
        }
        if size != self.size || sum.sum() != self.crc {
            return Err(damaged("a part has not the content it says"));
        }
        Ok(())
    }

    /// The whole part, at most `limit` bytes.
    pub(super) fn read(&self, budget: &mut Budget, limit: u64) -> Result<Vec<u8>, Refused> {
        if self.size > limit {
            return Err(Refused::ExpandsTooMuch);
        }
        let mut whole = Vec::with_capacity(self.size as usize);
        self.inflate(budget, |piece| whole.extend_from_slice(piece))?;
        Ok(whole)
    }
}
