//! What is typed into the forms of positions and rounds, and what it becomes: pure, every fault with the field it
//! belongs to.

use crate::format::hour;
use crate::i18n::Lang;
use crate::screens::talks::times::{DAY_MS, date_value, day_span, moment};
use miantan_domain::model::{IdentityRule, PositionEdit, PositionFault, RoundInfo, Salary, Stage};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{RoundEdit, RoundFault};
use time::UtcOffset;

pub const TITLE_MAX_CHARS: usize = 60;
pub const TEXT_MAX_CHARS: usize = 5_000;
pub const STAGES: [Stage; 4] = [Stage::Briefing, Stage::Interview, Stage::Announcement, Stage::Closed];
/// A ring's steps in seconds, a kept place's in minutes.
pub const RING_STEP_S: u64 = 5;
pub const GRACE_STEP_MIN: u64 = 5;
pub const RING_S: std::ops::RangeInclusive<u64> = 10..=120;
pub const GRACE_MIN: std::ops::RangeInclusive<u64> = 0..=60;

/// A position's form as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionDraft {
    pub title: String,
    /// 面议: the two numbers do not count.
    pub agreed: bool,
    pub from: String,
    pub to: String,
    pub city: String,
    pub openings: String,
    pub description: String,
    pub requirements: String,
    pub open: bool,
}

/// The field that something is wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PositionField {
    Title,
    Salary,
    City,
    Openings,
    Description,
    Requirements,
}

/// A typed number; full-width digits and separators do not matter.
fn number(typed: &str) -> Option<u32> {
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，'))
        .map(|c| match c {
            '\u{FF10}'..='\u{FF19}' => char::from_u32(c as u32 - 0xFF10 + 0x30).unwrap_or(c),
            c => c,
        })
        .collect();
    digits.parse().ok()
}

impl PositionDraft {
    pub fn new() -> Self {
        Self {
            title: String::new(),
            agreed: false,
            from: String::new(),
            to: String::new(),
            city: String::new(),
            openings: "1".into(),
            description: String::new(),
            requirements: String::new(),
            open: true,
        }
    }

    pub fn of(edit: &PositionEdit) -> Self {
        let shown = |n: u32| if n == 0 { String::new() } else { n.to_string() };
        Self {
            title: edit.title.clone(),
            agreed: edit.salary.to == 0,
            from: shown(edit.salary.from),
            to: shown(edit.salary.to),
            city: edit.city.clone(),
            openings: edit.openings.to_string(),
            description: edit.description.clone(),
            requirements: edit.requirements.clone(),
            open: edit.open,
        }
    }

    fn salary(&self) -> Option<Salary> {
        if self.agreed {
            return Some(Salary::default());
        }
        let from = if self.from.trim().is_empty() { 0 } else { number(&self.from)? };
        number(&self.to).filter(|to| *to > 0).map(|to| Salary { from, to })
    }

    fn edit(&self) -> PositionEdit {
        PositionEdit {
            title: self.title.trim().to_owned(),
            // `from` above `to` is what the domain's check refuses
            salary: self.salary().unwrap_or(Salary { from: u32::MAX, to: 1 }),
            city: self.city.trim().to_owned(),
            openings: number(&self.openings).unwrap_or(0),
            description: self.description.trim().to_owned(),
            requirements: self.requirements.trim().to_owned(),
            open: self.open,
        }
    }

    /// All that is wrong, each with its field.
    pub fn faults(&self) -> Vec<PositionField> {
        let edit = self.edit();
        let plain = PositionEdit {
            title: "x".into(),
            salary: Salary::default(),
            city: String::new(),
            openings: 1,
            description: String::new(),
            requirements: String::new(),
            open: true,
        };
        // the domain's check, one field at a time
        let alone = [
            (PositionField::Title, PositionEdit { title: edit.title.clone(), ..plain.clone() }),
            (PositionField::Salary, PositionEdit { salary: edit.salary, ..plain.clone() }),
            (PositionField::City, PositionEdit { city: edit.city.clone(), ..plain.clone() }),
            (PositionField::Openings, PositionEdit { openings: edit.openings, ..plain.clone() }),
            (
                PositionField::Description,
                PositionEdit { description: edit.description.clone(), ..plain.clone() },
            ),
            (PositionField::Requirements, PositionEdit { requirements: edit.requirements.clone(), ..plain }),
        ];
        alone.into_iter().filter(|(_, edit)| edit.check().is_err()).map(|(field, _)| field).collect()
    }

    /// What it becomes.
    pub fn to_edit(&self) -> Result<PositionEdit, PositionFault> {
        let edit = self.edit();
        edit.check().map(|()| edit)
    }
}

/// What to say next to a field.
pub fn position_fault(l: Lang, field: PositionField) -> String {
    match field {
        PositionField::Title => l.tr("own-position-title-bad"),
        PositionField::Salary => l.tr("own-position-salary-bad"),
        PositionField::City => l.tr("own-position-city-bad"),
        PositionField::Openings => l.tr("own-position-openings-bad"),
        PositionField::Description | PositionField::Requirements => l.tr("own-position-text-bad"),
    }
}

/// A round's form as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundDraft {
    pub name: String,
    pub day: String,
    pub from: String,
    pub to: String,
    pub stages: Vec<Stage>,
    pub identity: IdentityRule,
    pub ring_s: u64,
    pub grace_min: u64,
}

impl RoundDraft {
    /// A new one: the day after `now`, in the morning.
    pub fn new(now: WallTime, offset: UtcOffset) -> Self {
        Self {
            name: String::new(),
            day: date_value(now.after(24 * 3_600_000), offset),
            from: "09:00".into(),
            to: "12:00".into(),
            stages: STAGES.to_vec(),
            identity: IdentityRule::default(),
            ring_s: 45,
            grace_min: 10,
        }
    }

    pub fn of(round: &RoundInfo, offset: UtcOffset) -> Self {
        Self {
            name: round.name.clone(),
            day: date_value(round.starts, offset),
            from: hour(round.starts, offset),
            to: hour(round.ends, offset),
            stages: round.stages.clone(),
            identity: round.identity,
            ring_s: round.ring_ms / 1000,
            grace_min: round.grace_ms / 60_000,
        }
    }

    /// On or off; the interview always is. They stay in their order.
    pub fn flip(&mut self, stage: Stage) {
        if stage == Stage::Interview {
            return;
        }
        if self.stages.contains(&stage) {
            self.stages.retain(|each| *each != stage);
        } else {
            self.stages.push(stage);
            self.stages.sort();
        }
    }

    /// Beginning and end; an end before the beginning is of the next day.
    fn times(&self, offset: UtcOffset) -> Option<(WallTime, WallTime)> {
        let starts = moment(&self.day, &self.from, offset)?;
        let ends = moment(&self.day, &self.to, offset)?;
        Some((starts, if ends < starts { ends.after(DAY_MS) } else { ends }))
    }

    /// It goes over midnight.
    pub fn ends_next_day(&self, offset: UtcOffset) -> bool {
        let midnight = day_span(&self.day, offset).map(|(_, midnight)| midnight);
        self.times(offset).zip(midnight).is_some_and(|((_, ends), midnight)| ends >= midnight)
    }

    /// What it becomes. `offset` is this device's.
    pub fn to_edit(&self, offset: UtcOffset) -> Result<RoundEdit, RoundFault> {
        let (starts, ends) = self.times(offset).ok_or(RoundFault::Times)?;
        let edit = RoundEdit {
            name: self.name.trim().to_owned(),
            stages: self.stages.clone(),
            starts,
            ends,
            identity: self.identity,
            ring_ms: self.ring_s * 1000,
            grace_ms: self.grace_min * 60_000,
        };
        edit.check().map(|()| edit)
    }
}

/// The step next to `value`, up or down, within `range`: values between steps go to the next one.
pub fn step(value: u64, by: i64, size: u64, range: &std::ops::RangeInclusive<u64>) -> u64 {
    let next = if by < 0 { value.saturating_sub(1) / size * size } else { (value / size + 1) * size };
    next.clamp(*range.start(), *range.end())
}

/// What to say of a round's fault, next to its field.
pub fn round_fault(l: Lang, fault: RoundFault) -> String {
    match fault {
        RoundFault::Name => l.tr("round-name-bad"),
        RoundFault::Stages => l.tr("round-stages-bad"),
        RoundFault::Times => l.tr("round-times-bad"),
        RoundFault::Ring => l.tr("round-ring-bad"),
        RoundFault::Grace => l.tr("round-grace-bad"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::offset;

    const CHINA: UtcOffset = offset!(+8);
    /// 2026-11-24 14:05 in China.
    const NOW: WallTime = WallTime(1_795_500_300_000);

    fn position() -> PositionDraft {
        PositionDraft {
            title: " 会计 ".into(),
            from: "6,000".into(),
            to: "８０００".into(),
            city: "无锡".into(),
            openings: "3".into(),
            ..PositionDraft::new()
        }
    }

    /// The round that the server makes of an edit.
    fn kept(edit: &RoundEdit) -> RoundInfo {
        RoundInfo {
            id: miantan_domain::ids::RoundId::from_parts(1, &[1; 10]),
            name: edit.name.clone(),
            employer: String::new(),
            stages: edit.stages.clone(),
            starts: edit.starts,
            ends: edit.ends,
            identity: edit.identity,
            ring_ms: edit.ring_ms,
            grace_ms: edit.grace_ms,
        }
    }

    #[test]
    fn a_position_form_becomes_an_edit() {
        let edit = position().to_edit().expect("it is whole");
        assert_eq!((edit.title.as_str(), edit.salary), ("会计", Salary { from: 6000, to: 8000 }));
        let agreed = PositionDraft { agreed: true, ..position() };
        assert_eq!(agreed.to_edit().map(|edit| edit.salary), Ok(Salary::default()));
        let up_to = PositionDraft { from: " ".into(), to: "1500".into(), ..position() };
        assert_eq!(up_to.to_edit().map(|edit| edit.salary), Ok(Salary { from: 0, to: 1500 }));
        assert_eq!(PositionDraft::of(&edit).to_edit(), Ok(edit));
    }

    #[test]
    fn every_fault_stands_at_its_field() {
        let faults = |draft: PositionDraft| {
            assert_eq!(draft.faults().is_empty(), draft.to_edit().is_ok());
            draft.faults()
        };
        assert_eq!(faults(position()), []);
        assert_eq!(faults(PositionDraft { title: " ".into(), ..position() }), [PositionField::Title]);
        for (from, to) in [("9000", "8000"), ("x", "8000"), ("6000", ""), ("", "0"), ("1", "99999999999")] {
            let draft = PositionDraft { from: from.into(), to: to.into(), ..position() };
            assert_eq!(faults(draft), [PositionField::Salary], "{from} {to}");
        }
        for openings in ["", "0", "10000", "-1", "三"] {
            let draft = PositionDraft { openings: openings.into(), ..position() };
            assert_eq!(faults(draft), [PositionField::Openings], "{openings}");
        }
        let long =
            PositionDraft {
                description: "长".repeat(5_001), requirements: "长".repeat(5_001), ..position()
            };
        assert_eq!(faults(long), [PositionField::Description, PositionField::Requirements]);
        assert_eq!(faults(PositionDraft { city: "长".repeat(61), ..position() }), [PositionField::City]);
    }

    #[test]
    fn a_round_form_becomes_an_edit() {
        let mut draft = RoundDraft { name: " 软件岗位面谈 ".into(), ..RoundDraft::new(NOW, CHINA) };
        assert_eq!(draft.day, "2026-11-25");
        let edit = draft.to_edit(CHINA).expect("it is whole");
        assert_eq!((edit.name.as_str(), edit.ends.since(edit.starts)), ("软件岗位面谈", 3 * 3_600_000));
        assert_eq!((edit.ring_ms, edit.grace_ms), (45_000, 600_000));
        draft.flip(Stage::Briefing);
        draft.flip(Stage::Interview);
        draft.flip(Stage::Closed);
        assert_eq!(draft.stages, [Stage::Interview, Stage::Announcement]);
        draft.flip(Stage::Briefing);
        assert_eq!(draft.stages, [Stage::Briefing, Stage::Interview, Stage::Announcement]);
        assert_eq!(RoundDraft::of(&kept(&edit), CHINA).to_edit(CHINA), Ok(edit));
    }

    #[test]
    fn a_round_may_go_over_midnight_and_comes_back_as_it_was_typed() {
        let day = RoundDraft { name: "夜场".into(), ..RoundDraft::new(NOW, CHINA) };
        assert!(!day.ends_next_day(CHINA));
        let night = RoundDraft { from: "20:00".into(), to: "02:30".into(), ..day };
        assert!(night.ends_next_day(CHINA));
        let edit = night.to_edit(CHINA).expect("it is whole");
        assert_eq!(edit.ends.since(edit.starts), (6 * 60 + 30) * 60_000);
        assert_eq!(RoundDraft::of(&kept(&edit), CHINA), night);
    }

    #[test]
    fn a_round_form_says_what_is_wrong() {
        let good = || RoundDraft { name: "面谈".into(), ..RoundDraft::new(NOW, CHINA) };
        let fault = |draft: RoundDraft| draft.to_edit(CHINA).expect_err("a fault");
        assert_eq!(fault(RoundDraft { name: String::new(), ..good() }), RoundFault::Name);
        assert_eq!(fault(RoundDraft { day: String::new(), ..good() }), RoundFault::Times);
        assert_eq!(fault(RoundDraft { to: "09:00".into(), ..good() }), RoundFault::Times);
        assert_eq!(
            fault(RoundDraft { from: "00:00".into(), to: "16:01".into(), ..good() }),
            RoundFault::Times
        );
        // nearly a whole day, when it is read as one over midnight
        assert_eq!(fault(RoundDraft { to: "08:59".into(), ..good() }), RoundFault::Times);
        assert_eq!(fault(RoundDraft { ring_s: 5, ..good() }), RoundFault::Ring);
        assert_eq!(fault(RoundDraft { grace_min: 61, ..good() }), RoundFault::Grace);
        let all =
            [RoundFault::Name, RoundFault::Stages, RoundFault::Times, RoundFault::Ring, RoundFault::Grace];
        for l in Lang::ALL {
            let words: std::collections::BTreeSet<_> = all.iter().map(|each| round_fault(l, *each)).collect();
            assert_eq!(words.len(), all.len());
        }
    }

    #[test]
    fn steps_keep_within_their_range() {
        assert_eq!(step(45, 1, RING_STEP_S, &RING_S), 50);
        assert_eq!(step(45, -1, RING_STEP_S, &RING_S), 40);
        assert_eq!(step(47, 1, RING_STEP_S, &RING_S), 50);
        assert_eq!(step(47, -1, RING_STEP_S, &RING_S), 45);
        assert_eq!(step(120, 1, RING_STEP_S, &RING_S), 120);
        assert_eq!(step(10, -1, RING_STEP_S, &RING_S), 10);
        assert_eq!(step(0, -1, GRACE_STEP_MIN, &GRACE_MIN), 0);
    }
}
