//! Numbers, dates and salaries as people read them.

use miantan_domain::model::Salary;
use miantan_domain::time::WallTime;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// Monthly, in yuan: "7500-8499", "1500以下", "面议".
pub(super) fn salary(salary: Salary) -> String {
    match (salary.from, salary.to) {
        (_, 0) => "面议".into(),
        (0, to) => format!("{to}以下"),
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}-{to}"),
    }
}

fn local(at: WallTime, offset: i32) -> OffsetDateTime {
    let utc =
        OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    UtcOffset::from_whole_seconds(offset * 60).ok().and_then(|o| utc.checked_to_offset(o)).unwrap_or(utc)
}

/// "2020-03-20 09:00" at so many minutes east of UTC.
pub(super) fn moment(at: WallTime, offset: i32) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]");
    local(at, offset).format(&format).unwrap_or_default()
}

/// For machines: "2020-03-20T09:00+08:00".
pub(super) fn machine(at: WallTime, offset: i32) -> String {
    let format = format_description!(
        "[year]-[month]-[day]T[hour]:[minute][offset_hour sign:mandatory]:[offset_minute]"
    );
    local(at, offset).format(&format).unwrap_or_default()
}

/// "12.3 MB".
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..=1_023 => format!("{bytes} B"),
        1_024..=1_048_575 => format!("{:.0} KB", bytes as f64 / 1_024.0),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

/// Paragraphs of a plain text: parted by blank lines, lines inside kept apart. Nothing empty.
pub(super) fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let mut all = vec![Vec::new()];
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            all.push(Vec::new());
        } else if let Some(last) = all.last_mut() {
            last.push(line);
        }
    }
    all.retain(|lines| !lines.is_empty());
    all
}

/// The beginning in one line, cut at a character with "…", for link previews.
pub(super) fn beginning(text: &str, characters: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= characters {
        return line;
    }
    let mut cut: String = line.chars().take(characters.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salaries_read_as_in_the_manual() {
        for (from, to, text) in [
            (7_500, 8_499, "7500-8499"),
            (0, 1_500, "1500以下"),
            (0, 0, "面议"),
            (3_000, 0, "面议"),
            (5_000, 5_000, "5000"),
        ] {
            assert_eq!(salary(Salary { from, to }), text);
        }
    }

    #[test]
    fn dates_are_the_organisers() {
        let at = WallTime(1_584_666_000_000);
        assert_eq!(moment(at, 480), "2020-03-20 09:00");
        assert_eq!(machine(at, 480), "2020-03-20T09:00+08:00");
        assert_eq!(moment(at, -210), "2020-03-19 21:30");
        // whatever is stored, a page can be made of it
        for at in [i64::MIN, i64::MAX, 0] {
            moment(WallTime(at), 840);
        }
    }

    #[test]
    fn texts_fall_into_paragraphs() {
        assert_eq!(paragraphs("一\n二\n\n\n 三 \r\n"), [vec!["一", "二"], vec!["三"]]);
        assert!(paragraphs(" \n \n").is_empty());
        assert_eq!(beginning("工程师\n 招聘", 20), "工程师 招聘");
        assert_eq!(beginning("工程师招聘", 3), "工程…");
        assert_eq!((size(5), size(2_048), size(13_002_342)), ("5 B".into(), "2 KB".into(), "12.4 MB".into()));
    }
}
