//! What a file really is and whether it may be kept, from its bytes alone.
//!
//! Pictures are judged by their headers here, without decoding a pixel; [`super::pictures`] decodes.
//! PDF pages are not interpreted: a PDF is only ever offered as a download.

mod docx;
mod foreign;
mod jpeg;
mod pdf;
mod png;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
mod zip;

pub use foreign::Foreign;
pub(super) use jpeg::strip as strip_jpeg;
pub(super) use png::strip as strip_png;

use super::MAX_FILE_BYTES;

/// Longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 12_000;
/// Most pixels of a picture.
pub const MAX_PIXELS: u64 = 50_000_000;

/// A type of file Miantan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Pdf,
    Docx,
    Png,
    Jpeg,
}

impl Kind {
    /// The media type to serve it under.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The ending of a file name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }

    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg)
    }

    /// The name a person knows it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx => "Word (.docx)",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
        }
    }
}

/// What a file is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// An attachment résumé.
    Resume,
    /// A picture in a conversation.
    ChatImage,
    /// A file in a conversation.
    ChatFile,
    /// An employer's licence, for its registration.
    Licence,
    /// A candidate's photo.
    Photo,
}

impl Purpose {
    /// The kinds it takes.
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Resume | Self::ChatFile => &[Kind::Pdf, Kind::Docx, Kind::Png, Kind::Jpeg],
            Self::Licence => &[Kind::Pdf, Kind::Png, Kind::Jpeg],
            Self::ChatImage | Self::Photo => &[Kind::Png, Kind::Jpeg],
        }
    }

    pub fn accepts(self, kind: Kind) -> bool {
        self.kinds().contains(&kind)
    }

    /// `PDF, PNG or JPEG`.
    fn wanted(self) -> String {
        let names: Vec<&str> = self.kinds().iter().map(|kind| kind.name()).collect();
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => names.join(""),
        }
    }
}

/// Why a file is not kept. The texts name the remedy; none carries anything from the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the file is empty")]
    Empty,
    #[error("the file has {bytes} bytes, more than the {limit} allowed; send a smaller one")]
    TooLarge { bytes: u64, limit: u64 },
    /// A type nobody may send.
    #[error("this is {found}; send {wanted}")]
    Foreign { found: Foreign, wanted: String },
    /// A type that others may send, but not for this purpose.
    #[error("{} is not taken here; send {wanted}", found.name())]
    WrongKind { found: Kind, wanted: String },
    #[error("the {} file ends too early; send it again", kind.name())]
    Truncated { kind: Kind },
    #[error("the {} file is damaged ({why}); save it anew and send that", kind.name())]
    Damaged { kind: Kind, why: &'static str },
    #[error(
        "the picture is {width} × {height} pixels; at most {MAX_SIDE} a side and {MAX_PIXELS} in all are taken"
    )]
    TooManyPixels { width: u32, height: u32 },
    #[error("opening the document would take more room than a document needs; save it anew and send that")]
    ExpandsTooMuch,
    /// A document with something in it that no résumé needs and that harms.
    #[error("the document holds {why}; remove it or send a PDF")]
    Unsafe { why: &'static str },
}

impl Refused {
    /// A stable word for the protocol and for metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::TooLarge { .. } => "file_too_large",
            Self::Foreign { .. } | Self::WrongKind { .. } => "file_type",
            Self::Truncated { .. } => "file_truncated",
            Self::Damaged { .. } => "file_damaged",
            Self::TooManyPixels { .. } => "picture_too_large",
            Self::ExpandsTooMuch => "file_expands",
            Self::Unsafe { .. } => "file_unsafe",
        }
    }
}

/// Finds what `bytes` are and checks their structure for `purpose`.
///
/// # Errors
/// Why they are not kept, in the order: size, type, purpose, structure.
pub fn inspect(bytes: &[u8], purpose: Purpose) -> Result<Kind, Refused> {
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Refused::TooLarge { bytes: bytes.len() as u64, limit: MAX_FILE_BYTES });
    }
    let kind = match detect(bytes) {
        Ok(kind) => kind,
        Err(found) => return Err(Refused::Foreign { found, wanted: purpose.wanted() }),
    };
    if !purpose.accepts(kind) {
        return Err(Refused::WrongKind { found: kind, wanted: purpose.wanted() });
    }
    match kind {
        Kind::Pdf => pdf::check(bytes)?,
        Kind::Docx => docx::check(bytes)?,
        Kind::Png => {
            png::size(bytes)?;
        }
        Kind::Jpeg => {
            jpeg::size(bytes)?;
        }
    }
    Ok(kind)
}

/// The kind by its signature at the very start: a signature further in is how one file is made to pass
/// for two types.
fn detect(bytes: &[u8]) -> Result<Kind, Foreign> {
    if bytes.starts_with(b"%PDF-") {
        return Ok(Kind::Pdf);
    }
    if bytes.starts_with(&png::SIGNATURE) {
        return Ok(Kind::Png);
    }
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return Ok(Kind::Jpeg);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return docx::detect(bytes);
    }
    Err(foreign::name(bytes))
}

/// Declared width and height of a picture, refused when they are more than a photo needs.
fn sensible(kind: Kind, width: u32, height: u32) -> Result<(u32, u32), Refused> {
    if width == 0 || height == 0 {
        return Err(Refused::Damaged { kind, why: "it has no pixels" });
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refused::TooManyPixels { width, height });
    }
    Ok((width, height))
}
