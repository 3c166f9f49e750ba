//! Words of fairs: their time, their place. Pure; the offset from UTC is an argument.

use super::Phase;
use crate::i18n::Lang;
use miantan_domain::model::{FairCard, PositionCard};
use miantan_domain::time::WallTime;
use time::{OffsetDateTime, UtcOffset};

fn local(at: WallTime, offset: UtcOffset) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).ok()?.checked_to_offset(offset)
}

/// `2020-03-20 09:00 — 2020-04-02 22:00`; within one day the day stands once.
pub fn period(from: WallTime, to: WallTime, offset: UtcOffset) -> String {
    let (Some(from), Some(to)) = (local(from, offset), local(to, offset)) else { return String::new() };
    let day = |at: OffsetDateTime| format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    let hour = |at: OffsetDateTime| format!("{:02}:{:02}", at.hour(), at.minute());
    if from.date() == to.date() {
        format!("{} {} — {}", day(from), hour(from), hour(to))
    } else {
        format!("{} {} — {} {}", day(from), hour(from), day(to), hour(to))
    }
}

/// `上海市 - 嘉定区`; either may be missing.
pub fn place(fair: &FairCard) -> String {
    let parts = [fair.city.trim(), fair.district.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" - ")
}

pub(super) fn phase(l: Lang, phase: Phase) -> String {
    match phase {
        Phase::Upcoming => l.tr("fair-upcoming"),
        Phase::Running => l.tr("fair-running"),
        Phase::Over => l.tr("fair-over"),
    }
}

/// `上海市 · 招 3 人`.
pub(super) fn about_position(l: Lang, card: &PositionCard) -> String {
    let openings = l.tr_with("fair-openings", &[("n", card.openings.into())]);
    if card.city.trim().is_empty() { openings } else { format!("{} · {openings}", card.city.trim()) }
}

/// Paragraphs of a plain text: blank lines part them.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in text.lines().map(str::trim_end) {
        match all.last_mut() {
            Some(last) if !line.trim().is_empty() => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
            Some(last) if !last.is_empty() => all.push(String::new()),
            Some(_) | None => {}
        }
    }
    all.retain(|paragraph| !paragraph.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::{FairId, PositionId};
    use miantan_domain::model::Salary;
    use time::macros::{datetime, offset};

    fn wall(at: OffsetDateTime) -> WallTime {
        WallTime(at.unix_timestamp() * 1000)
    }

    #[test]
    fn a_period_has_both_days_or_one() {
        let from = wall(datetime!(2020-03-20 09:00 +8));
        let to = wall(datetime!(2020-04-02 22:00 +8));
        assert_eq!(period(from, to, offset!(+8)), "2020-03-20 09:00 — 2020-04-02 22:00");
        let evening = wall(datetime!(2020-03-20 17:30 +8));
        assert_eq!(period(from, evening, offset!(+8)), "2020-03-20 09:00 — 17:30");
        // west of it the fair begins a day earlier
        assert_eq!(period(from, evening, offset!(-10)), "2020-03-19 15:00 — 23:30");
        assert_eq!(period(WallTime(i64::MAX), to, offset!(+8)), "");
    }

    #[test]
    fn places_and_positions_leave_out_what_is_not_there() {
        let mut fair = FairCard {
            id: FairId::from_parts(1, &[0; 10]),
            title: String::new(),
            kind: String::new(),
            starts: WallTime(0),
            ends: WallTime(0),
            city: "上海市".into(),
            district: "嘉定区".into(),
            employers: 0,
            positions: 0,
        };
        assert_eq!(place(&fair), "上海市 - 嘉定区");
        fair.district.clear();
        assert_eq!(place(&fair), "上海市");
        let mut card = PositionCard {
            id: PositionId::from_parts(1, &[0; 10]),
            title: "PHP".into(),
            salary: Salary::default(),
            city: "上海市".into(),
            openings: 3,
            open: true,
            applied: false,
        };
        assert_eq!(about_position(Lang::Zh, &card), "上海市 · 招 3 人");
        card.city.clear();
        assert_eq!(about_position(Lang::Zh, &card), "招 3 人");
    }

    #[test]
    fn blank_lines_part_paragraphs() {
        assert_eq!(paragraphs("a\nb\n\n \n c\r\n"), ["a\nb", " c"]);
        assert!(paragraphs(" \n\n").is_empty());
    }
}
