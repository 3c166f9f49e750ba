//! Answers as people read them at a terminal. What others wrote never reaches it as control characters.

use crate::sms::outbox::Outgoing;
use miantan_domain::model::{FairCard, FairPage, Registration, RegistrationState};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Build, Page, ReportLine};
use std::io::{Result, Write};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// A text on one line, without what a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Local time of the server's settings.
fn time(at: WallTime, offset_minutes: i32) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let utc = OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1_000));
    let offset = UtcOffset::from_whole_seconds(offset_minutes * 60);
    match (utc, offset) {
        (Ok(utc), Ok(offset)) => {
            utc.checked_to_offset(offset).and_then(|local| local.format(form).ok()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

pub(super) fn registrations(out: &mut dyn Write, list: &[Registration], offset: i32) -> Result<()> {
    if list.is_empty() {
        return writeln!(out, "没有报名 / no registrations");
    }
    for one in list {
        let state = match &one.state {
            RegistrationState::LicenceMissing => "licence_missing".to_owned(),
            RegistrationState::Waiting => "waiting".to_owned(),
            RegistrationState::Approved => "approved".to_owned(),
            RegistrationState::Rejected { reason } => format!("rejected: {}", plain(reason)),
        };
        writeln!(out, "{}  {}  {state}", one.id, time(one.at, offset))?;
        writeln!(out, "    {}  {}  {}", plain(&one.name), plain(&one.uscc), plain(&one.contact))?;
        writeln!(out, "    {}", plain(&one.fair_title))?;
    }
    Ok(())
}

fn card(out: &mut dyn Write, card: &FairCard, offset: i32) -> Result<()> {
    writeln!(out, "{}  {} – {}", card.id, time(card.starts, offset), time(card.ends, offset))?;
    writeln!(out, "    {}  {}", plain(&card.title), plain(&card.kind))?;
    writeln!(
        out,
        "    {} {}  单位 {}  职位 {}",
        plain(&card.city),
        plain(&card.district),
        card.employers,
        card.positions
    )
}

pub(super) fn fairs(out: &mut dyn Write, page: &Page<FairCard>, offset: i32) -> Result<()> {
    if page.items.is_empty() {
        return writeln!(out, "没有招聘会 / no fairs");
    }
    page.items.iter().try_for_each(|one| card(out, one, offset))
}

pub(super) fn fair(out: &mut dyn Write, page: &FairPage, offset: i32) -> Result<()> {
    card(out, &page.card, offset)?;
    writeln!(out, "    {}", plain(&page.link))
}

pub(super) fn build(out: &mut dyn Write, build: &Build, _: i32) -> Result<()> {
    writeln!(out, "{}  {}  {}", build.system.as_str(), plain(&build.version), plain(&build.file))?;
    writeln!(out, "    {} bytes  sha256 {}", build.size, plain(&build.sha256))
}

pub(super) fn reports(out: &mut dyn Write, list: &[ReportLine], offset: i32) -> Result<()> {
    if list.is_empty() {
        return writeln!(out, "没有举报 / no reports");
    }
    for one in list {
        let by = match one.by {
            miantan_domain::model::Side::Candidate => "求职者",
            miantan_domain::model::Side::Recruiter => "用人单位",
        };
        let (employer, candidate) = (plain(&one.employer_name), plain(&one.candidate_name));
        writeln!(out, "{}  {by}举报  {employer} · {candidate}  {}", time(one.at, offset), one.conversation)?;
        writeln!(out, "    {}", plain(&one.reason))?;
    }
    Ok(())
}

pub(super) fn sms(out: &mut dyn Write, list: &[Outgoing], offset: i32) -> Result<()> {
    if list.is_empty() {
        return writeln!(out, "没有短信 / no messages");
    }
    for one in list {
        writeln!(out, "{}  {}  {}", time(one.at, offset), plain(&one.masked), plain(&one.kind))?;
        writeln!(out, "    {}", plain(&one.text))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::{FairId, RegistrationId};

    #[test]
    fn what_people_wrote_cannot_command_the_terminal() {
        let registration = Registration {
            id: RegistrationId(uuid::Uuid::nil()),
            fair: FairId(uuid::Uuid::nil()),
            fair_title: "招聘会\u{1b}[2J".into(),
            name: "青禾\r\n公司".into(),
            uscc: "91310199MA9X10009A".into(),
            contact: "王敏".into(),
            at: WallTime(1_795_482_000_000),
            state: RegistrationState::Rejected { reason: "看不清\u{7}".into() },
        };
        let mut out = Vec::new();
        registrations(&mut out, &[registration], 480).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("2026-11-24 09:00  rejected: 看不清"), "{text}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert_eq!(text.lines().count(), 3);
    }
}
