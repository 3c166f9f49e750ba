//! An interview invitation as a calendar file (iCalendar, RFC 5545; methods of RFC 5546).
//!
//! One event per file. The same `uid` with a higher `sequence` replaces or cancels what the phone's
//! calendar has. Never here: who may read it, and when it is sent.

mod lines;

pub use lines::{LINE_MAX_BYTES, escape, fold, unfold};

use miantan_domain::time::WallTime;
use time::OffsetDateTime;
use time::macros::format_description;

/// The file's media type.
pub const CONTENT_TYPE: &str = "text/calendar; charset=utf-8";
/// The reminder comes so long before the beginning.
const ALARM: &str = "-PT30M";
/// First and last second a date of this form can name: years 0001 to 9999.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Whether the appointment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Confirmed,
    Cancelled,
}

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Never changes and is nobody else's: the invitation's id and the server's name.
    pub uid: String,
    /// Counts up with every change of time, words or status.
    pub sequence: u32,
    /// When the file is made.
    pub stamp: WallTime,
    pub start: WallTime,
    /// After `start`; otherwise the event has no length.
    pub end: WallTime,
    pub summary: String,
    /// May have several lines.
    pub description: String,
    /// Opens the invitation; left out when it is not an address.
    pub url: Option<String>,
    /// The organiser's name.
    pub organiser: String,
    /// Where the organiser is found: `https://…` or `mailto:…`.
    pub organiser_address: String,
    pub status: Status,
}

impl Appointment {
    /// The file: lines of at most 75 octets ending in CRLF, times in UTC. Times outside the years
    /// 0001 to 9999 are moved to the nearest of them.
    pub fn to_ics(&self) -> String {
        let (method, status) = match self.status {
            Status::Confirmed => ("PUBLISH", "CONFIRMED"),
            Status::Cancelled => ("CANCEL", "CANCELLED"),
        };
        let start = utc(self.start);
        let mut lines = vec![
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            format!("PRODID:-//Miantan//Miantan {}//ZH", env!("CARGO_PKG_VERSION")),
            "CALSCALE:GREGORIAN".to_owned(),
            format!("METHOD:{method}"),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", escape(&self.uid)),
            format!("SEQUENCE:{}", self.sequence),
            format!("DTSTAMP:{}", utc(self.stamp)),
            format!("DTSTART:{start}"),
            format!("DTEND:{}", utc(self.end.max(self.start))),
            format!("SUMMARY:{}", escape(&self.summary)),
        ];
        if !self.description.is_empty() {
            lines.push(format!("DESCRIPTION:{}", escape(&self.description)));
        }
        if let Some(url) = self.url.as_deref().and_then(address) {
            lines.push(format!("URL:{url}"));
        }
        // the address is required; one that leads nowhere is better than none (RFC 2606 .invalid)
        let organiser = address(&self.organiser_address).unwrap_or("mailto:organiser@miantan.invalid");
        lines.push(format!("ORGANIZER;CN=\"{}\":{organiser}", lines::parameter(&self.organiser)));
        lines.push(format!("STATUS:{status}"));
        if self.status == Status::Confirmed {
            lines.extend([
                "TRANSP:OPAQUE".to_owned(),
                "BEGIN:VALARM".to_owned(),
                "ACTION:DISPLAY".to_owned(),
                format!("DESCRIPTION:{}", escape(&self.summary)),
                format!("TRIGGER:{ALARM}"),
                "END:VALARM".to_owned(),
            ]);
        }
        lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
        let mut file = String::new();
        for line in lines {
            file.push_str(&fold(&line));
            file.push_str("\r\n");
        }
        file
    }
}

/// `20231026T102232Z` (RFC 5545, 3.3.5, form 2).
fn utc(at: WallTime) -> String {
    let seconds = at.0.div_euclid(1_000).clamp(*SECONDS.start(), *SECONDS.end());
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|at| at.format(format).ok())
        // cannot happen within SECONDS
        .unwrap_or_else(|| "00010101T000000Z".to_owned())
}

/// A URI goes into the file as it is; so it must be of a scheme we write and hold nothing that could end
/// its line (RFC 3986 knows only visible ASCII).
fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let known = ["https://", "http://", "mailto:", "miantan:"].iter().any(|scheme| text.starts_with(scheme));
    (known && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"')).then_some(text)
}

#[cfg(test)]
mod tests;
