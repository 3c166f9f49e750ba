//! Numbers as people read them: running times, waited times, clock times, the invitation code in its groups.
//! Pure; the local offset from UTC is an argument.

use crate::i18n::Lang;
use miantan_domain::model::{Salary, WaitRange};
use miantan_domain::time::WallTime;
use time::{OffsetDateTime, UtcOffset};

/// A running time: `03:07`, from an hour on `1:03:07`.
pub fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// Seconds left, rounded up, so that "0" is only shown when it is over.
pub fn seconds_left(ms: u64) -> u64 {
    ms.div_ceil(1000)
}

/// A waited time in words: under a minute, minutes, hours and minutes.
pub fn waited(l: Lang, ms: u64) -> String {
    let minutes = ms / 60_000;
    match (minutes / 60, minutes % 60) {
        (0, 0) => l.tr("time-under-minute"),
        (0, minutes) => l.tr_with("time-minutes", &[("n", minutes.into())]),
        (hours, 0) => l.tr_with("time-hours", &[("n", hours.into())]),
        (hours, minutes) => {
            l.tr_with("time-hours-minutes", &[("hours", hours.into()), ("minutes", minutes.into())])
        }
    }
}

/// How long one may still have to wait (J8), rounded outwards to what anybody would say, so that it stands still while
/// little changes: minutes up to ten, fives up to an hour and a half, then half hours. `None`: it is not known.
pub fn wait_range(l: Lang, range: Option<WaitRange>) -> String {
    let Some(WaitRange { from_min, to_min }) = range else { return l.tr("wait-unknown") };
    let to_min = to_min.max(from_min + 1);
    if to_min > 90 {
        let halves = |halves: u32| {
            if halves.is_multiple_of(2) { (halves / 2).to_string() } else { format!("{}.5", halves / 2) }
        };
        let from = (from_min / 30).max(1);
        let to = to_min.div_ceil(30).max(from + 1);
        return l.tr_with("wait-hours", &[("from", halves(from).into()), ("to", halves(to).into())]);
    }
    let (from, to) = if to_min > 10 {
        let from = from_min / 5 * 5;
        (from, to_min.div_ceil(5) * 5)
    } else {
        (from_min, to_min)
    };
    if from == 0 {
        l.tr_with("wait-under", &[("to", to.into())])
    } else {
        l.tr_with("wait-minutes", &[("from", from.into()), ("to", to.into())])
    }
}

/// The hour and minute of a wall time: `14:05`.
pub fn hour(at: WallTime, offset: UtcOffset) -> String {
    match local(at, offset) {
        Some(at) => format!("{:02}:{:02}", at.hour(), at.minute()),
        None => "--:--".to_owned(),
    }
}

/// `09:00 – 11:30`.
pub fn span(from: WallTime, to: WallTime, offset: UtcOffset) -> String {
    format!("{} – {}", hour(from, offset), hour(to, offset))
}

/// The day: `11月24日 星期二` / `Tuesday, 24 November`.
pub fn day(l: Lang, at: WallTime, offset: UtcOffset) -> String {
    let Some(at) = local(at, offset) else { return String::new() };
    match l {
        Lang::Zh => {
            let weekday = ["一", "二", "三", "四", "五", "六", "日"]
                [usize::from(at.weekday().number_days_from_monday())];
            format!("{}月{}日 星期{weekday}", u8::from(at.month()), at.day())
        }
        Lang::En => format!("{}, {} {}", at.weekday(), at.day(), at.month()),
    }
}

fn local(at: WallTime, offset: UtcOffset) -> Option<OffsetDateTime> {
    let seconds = at.0.div_euclid(1000);
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.checked_to_offset(offset)
}

/// A monthly salary in yuan: `8000-12000`, `1500以下`, `面议`.
pub fn salary(l: Lang, salary: Salary) -> String {
    match (salary.from, salary.to) {
        (_, 0) => l.tr("salary-agreed"),
        (0, to) => l.tr_with("salary-below", &[("to", to.to_string().into())]),
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}-{to}"),
    }
}

/// What is typed into the code field, one character a cell: case, separators and full-width forms do not
/// matter, look-alikes are shown as what they are read as. Characters that no code has stay, so that the
/// person sees what was typed; at most `cells` of them.
pub fn code_cells(typed: &str, cells: usize) -> Vec<char> {
    typed
        .chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '\u{2010}'..='\u{2014}'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .take(cells)
        .collect()
}

/// The picture of a person without one: the given name's last character for Chinese names, else up to two
/// initials.
pub fn initials(name: &str) -> String {
    // "employer · member": the member is the one who speaks
    let name = name.rsplit(" · ").next().unwrap_or(name).trim();
    match name.chars().last() {
        Some(last) if !last.is_ascii() && !name.contains(' ') => {
            // a Chinese name: the last two characters of three or more, else the last one
            let all: Vec<char> = name.chars().collect();
            let from = if all.len() > 2 { all.len() - 2 } else { all.len() - 1 };
            all[from..].iter().collect()
        }
        _ => name
            .split_whitespace()
            .filter_map(|word| word.chars().next())
            .take(2)
            .collect::<String>()
            .to_uppercase(),
    }
}

/// One of `count` calm colours, always the same one for a name.
pub fn tint(name: &str, count: u32) -> u32 {
    name.chars().fold(7_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(c as u32)) % count.max(1)
}

/// Share of a level meter that is lit, 0 to 1: −60 dBFS and less is nothing, 0 dBFS is full.
pub fn meter(dbfs: f32) -> f32 {
    if dbfs.is_nan() { 0.0 } else { ((dbfs + 60.0) / 60.0).clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::offset;

    #[test]
    fn running_times() {
        assert_eq!(clock(0), "00:00");
        assert_eq!(clock(187_999), "03:07");
        assert_eq!(clock(3_787_000), "1:03:07");
        assert_eq!([seconds_left(0), seconds_left(1), seconds_left(1000), seconds_left(1001)], [0, 1, 1, 2]);
    }

    #[test]
    fn waited_times_in_words() {
        let zh: Vec<String> =
            [59_999, 60_000, 12 * 60_000, 3_600_000, 3_780_000].map(|ms| waited(Lang::Zh, ms)).into();
        assert_eq!(zh, ["不到 1 分钟", "1 分钟", "12 分钟", "1 小时", "1 小时 3 分钟"]);
        let en: Vec<String> =
            [59_999, 60_000, 12 * 60_000, 3_600_000, 3_780_000].map(|ms| waited(Lang::En, ms)).into();
        assert_eq!(en, ["less than a minute", "1 min", "12 min", "1 h", "1 h 3 min"]);
    }

    #[test]
    fn an_estimate_is_a_range_in_round_numbers() {
        let zh = |from_min, to_min| wait_range(Lang::Zh, Some(WaitRange { from_min, to_min }));
        assert_eq!(zh(0, 4), "4 分钟以内");
        assert_eq!(zh(3, 8), "3–8 分钟");
        assert_eq!(zh(0, 12), "15 分钟以内");
        assert_eq!(zh(11, 18), "10–20 分钟");
        assert_eq!(zh(12, 19), zh(10, 20));
        assert_eq!(zh(62, 88), "60–90 分钟");
        assert_eq!(zh(62, 101), "1–2 小时");
        assert_eq!(zh(95, 145), "1.5–2.5 小时");
        assert_eq!(zh(9, 3), "9–10 分钟");
        assert_eq!(wait_range(Lang::En, Some(WaitRange { from_min: 11, to_min: 18 })), "10–20 min");
        assert_eq!(wait_range(Lang::Zh, None), "暂时无法估计");
        assert_eq!(wait_range(Lang::En, None), "Cannot be said yet");
    }

    #[test]
    fn clock_times_are_local() {
        // 2026-11-24 06:05 UTC
        let at = WallTime(1_795_500_300_000);
        assert_eq!(hour(at, offset!(+8)), "14:05");
        assert_eq!(span(at, at.after(5_400_000), offset!(+8)), "14:05 – 15:35");
        assert_eq!(day(Lang::Zh, at, offset!(+8)), "11月24日 星期二");
        assert_eq!(day(Lang::En, at, offset!(+8)), "Tuesday, 24 November");
        assert_eq!(hour(WallTime(i64::MAX), offset!(+8)), "--:--");
    }

    #[test]
    fn salaries() {
        let all = [(7500, 8499), (0, 1500), (0, 0), (6000, 6000), (6000, 0)];
        let zh = all.map(|(from, to)| salary(Lang::Zh, Salary { from, to }));
        assert_eq!(zh, ["7500-8499", "1500以下", "面议", "6000", "面议"]);
        assert_eq!(salary(Lang::En, Salary { from: 0, to: 1500 }), "up to 1500");
    }

    #[test]
    fn a_code_falls_into_its_cells() {
        let cells = |text| code_cells(text, 9).into_iter().collect::<String>();
        assert_eq!(cells("abc-def ghj"), "ABCDEFGHJ");
        assert_eq!(cells("oil"), "011");
        assert_eq!(cells("ＡＢ２－ｃ"), "AB2C");
        assert_eq!(cells("ABCDEFGHJKM"), "ABCDEFGHJ");
        assert_eq!(cells("面"), "面");
    }

    #[test]
    fn names_without_a_picture() {
        for (name, short) in [
            ("林晓", "晓"),
            ("欧阳明月", "明月"),
            ("王小明", "小明"),
            ("Ada Lovelace", "AL"),
            ("杭州青禾数据科技有限公司 · 王敏", "敏"),
            ("", ""),
        ] {
            assert_eq!(initials(name), short, "{name}");
        }
        assert_eq!(tint("林晓", 6), tint("林晓", 6));
        assert!(tint("任何人", 6) < 6);
    }

    #[test]
    fn levels_fill_a_meter() {
        assert!((meter(-96.0) - 0.0).abs() < f32::EPSILON);
        assert!((meter(-30.0) - 0.5).abs() < 1e-6);
        assert!((meter(3.0) - 1.0).abs() < f32::EPSILON);
        assert!((meter(f32::NAN) - 0.0).abs() < f32::EPSILON);
    }
}
