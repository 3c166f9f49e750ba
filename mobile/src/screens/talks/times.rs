//! Days and times of conversations: pure, with the local offset from UTC as an argument.

use crate::format::hour;
use crate::i18n::Lang;
use miantan_domain::time::WallTime;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

pub const MINUTE_MS: i64 = 60_000;
pub const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

fn local(at: WallTime, offset: UtcOffset) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).ok()?.checked_to_offset(offset)
}

/// Days from `at` to `now`, as the calendar counts them; negative: `at` is on a later day.
fn days_ago(at: WallTime, now: WallTime, offset: UtcOffset) -> Option<i64> {
    let days = |at| Some(i64::from(local(at, offset)?.date().to_julian_day()));
    Some(days(now)? - days(at)?)
}

fn month_day(l: Lang, date: Date, this_year: bool) -> String {
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    match (l, this_year) {
        (Lang::Zh, true) => format!("{month}月{day}日"),
        (Lang::Zh, false) => format!("{year}年{month}月{day}日"),
        (Lang::En, true) => format!("{} {day}", short(date.month())),
        (Lang::En, false) => format!("{} {day}, {year}", short(date.month())),
    }
}

const fn short(month: Month) -> &'static str {
    match month {
        Month::January => "Jan",
        Month::February => "Feb",
        Month::March => "Mar",
        Month::April => "Apr",
        Month::May => "May",
        Month::June => "Jun",
        Month::July => "Jul",
        Month::August => "Aug",
        Month::September => "Sep",
        Month::October => "Oct",
        Month::November => "Nov",
        Month::December => "Dec",
    }
}

/// In a list: `今天 14:05`, `昨天`, `11月20日`, `2025年11月20日`.
pub fn list_time(l: Lang, at: WallTime, now: WallTime, offset: UtcOffset) -> String {
    let (Some(day), Some(today), Some(ago)) =
        (local(at, offset), local(now, offset), days_ago(at, now, offset))
    else {
        return String::new();
    };
    match ago {
        0 => l.tr_with("talk-today-at", &[("time", hour(at, offset).into())]),
        1 => l.tr("talk-yesterday"),
        _ => month_day(l, day.date(), day.year() == today.year()),
    }
}

/// Between the messages of two days: `今天`, `昨天`, `11月20日 星期五`.
pub fn day_label(l: Lang, at: WallTime, now: WallTime, offset: UtcOffset) -> String {
    let (Some(day), Some(today), Some(ago)) =
        (local(at, offset), local(now, offset), days_ago(at, now, offset))
    else {
        return String::new();
    };
    match ago {
        0 => l.tr("talk-today"),
        1 => l.tr("talk-yesterday"),
        _ => month_day(l, day.date(), day.year() == today.year()),
    }
}

/// Of an appointment: `今天 11月24日`, `明天 11月25日`, `11月27日 星期五`.
pub fn appointment_day(l: Lang, at: WallTime, now: WallTime, offset: UtcOffset) -> String {
    let (Some(day), Some(today), Some(ago)) =
        (local(at, offset), local(now, offset), days_ago(at, now, offset))
    else {
        return String::new();
    };
    let date = month_day(l, day.date(), day.year() == today.year());
    let word = match ago {
        0 => l.tr("talk-today"),
        -1 => l.tr("talk-tomorrow"),
        _ => weekday(l, day),
    };
    format!("{date} {word}")
}

fn weekday(l: Lang, day: OffsetDateTime) -> String {
    let at = usize::from(day.weekday().number_days_from_monday());
    match l {
        Lang::Zh => format!("星期{}", ["一", "二", "三", "四", "五", "六", "日"][at]),
        Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][at].to_owned(),
    }
}

/// Whether two times are on one local day.
pub fn same_day(one: WallTime, other: WallTime, offset: UtcOffset) -> bool {
    days_ago(one, other, offset) == Some(0)
}

/// Whether two times are in one local minute.
pub fn same_minute(one: WallTime, other: WallTime) -> bool {
    one.0.div_euclid(MINUTE_MS) == other.0.div_euclid(MINUTE_MS)
}

/// For `<input type=date>`: `2026-11-24`.
pub fn date_value(at: WallTime, offset: UtcOffset) -> String {
    local(at, offset)
        .map(|at| format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day()))
        .unwrap_or_default()
}

/// From `2026-11-24` and `14:05` (seconds are let pass) as a page's inputs give them, or as typed with `/` and full
/// colons.
pub fn moment(date: &str, clock: &str, offset: UtcOffset) -> Option<WallTime> {
    let date = day(date)?;
    let mut parts = clock.trim().split([':', '：']);
    let hour = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let time = Time::from_hms(hour, minute, 0).ok()?;
    Some(WallTime(date.with_time(time).assume_offset(offset).unix_timestamp() * 1000))
}

/// Midnight before and after that day.
pub fn day_span(date: &str, offset: UtcOffset) -> Option<(WallTime, WallTime)> {
    let from = WallTime(day(date)?.midnight().assume_offset(offset).unix_timestamp() * 1000);
    Some((from, from.after(DAY_MS)))
}

fn day(date: &str) -> Option<Date> {
    let mut parts = date.trim().split(['-', '/', '.']);
    let year = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::offset;

    const CHINA: UtcOffset = offset!(+8);
    /// 2026-11-24 14:05 in China.
    const NOW: WallTime = WallTime(1_795_500_300_000);

    #[test]
    fn times_in_the_list() {
        let zh = |ago: i64| list_time(Lang::Zh, NOW.after(-ago), NOW, CHINA);
        assert_eq!(zh(0), "今天 14:05");
        assert_eq!(zh(14 * 60 * MINUTE_MS), "今天 00:05");
        // less than a day ago, and yesterday
        assert_eq!(zh(15 * 60 * MINUTE_MS), "昨天");
        assert_eq!(zh(4 * DAY_MS), "11月20日");
        assert_eq!(zh(365 * DAY_MS), "2025年11月24日");
        assert_eq!(list_time(Lang::En, NOW.after(-4 * DAY_MS), NOW, CHINA), "Nov 20");
        assert_eq!(list_time(Lang::En, NOW.after(-400 * DAY_MS), NOW, CHINA), "Oct 20, 2025");
        assert_eq!(list_time(Lang::Zh, WallTime(i64::MAX), NOW, CHINA), "");
    }

    #[test]
    fn the_offset_decides_which_day_it_is() {
        let late = NOW.after(-7 * 60 * MINUTE_MS);
        assert!(same_day(late, NOW, CHINA));
        assert!(!same_day(late, NOW, UtcOffset::UTC));
        assert!(same_minute(NOW, NOW.after(59_000)));
        assert!(!same_minute(NOW, NOW.after(60_000)));
    }

    #[test]
    fn days_of_appointments() {
        let zh = |later: i64| appointment_day(Lang::Zh, NOW.after(later), NOW, CHINA);
        assert_eq!(zh(0), "11月24日 今天");
        assert_eq!(zh(DAY_MS), "11月25日 明天");
        assert_eq!(zh(3 * DAY_MS), "11月27日 星期五");
        assert_eq!(appointment_day(Lang::En, NOW.after(3 * DAY_MS), NOW, CHINA), "Nov 27 Fri");
        assert_eq!(day_label(Lang::Zh, NOW.after(-DAY_MS), NOW, CHINA), "昨天");
        assert_eq!(day_label(Lang::Zh, NOW.after(-9 * DAY_MS), NOW, CHINA), "11月15日");
    }

    #[test]
    fn what_is_chosen_becomes_a_moment_and_back() {
        assert_eq!(moment("2026-11-24", "14:05", CHINA), Some(NOW));
        assert_eq!(moment("2026/11/24", "14：05", CHINA), Some(NOW));
        assert_eq!(moment("2026-11-24", "14:05:30", CHINA), Some(NOW));
        assert_eq!(date_value(NOW, CHINA), "2026-11-24");
        assert_eq!(hour(NOW, CHINA), "14:05");
        for (date, clock) in [
            ("", "14:05"),
            ("2026-02-30", "14:05"),
            ("2026-11-24", "24:00"),
            ("2026-11-24", ""),
            ("a-b-c", "x:y"),
        ] {
            assert_eq!(moment(date, clock, CHINA), None, "{date} {clock}");
        }
        let (from, to) = day_span("2026-11-24", CHINA).expect("a day");
        assert_eq!((hour(from, CHINA), to.0 - from.0), ("00:00".to_owned(), DAY_MS));
        assert!(same_day(from, NOW, CHINA) && !same_day(to, NOW, CHINA));
    }
}
