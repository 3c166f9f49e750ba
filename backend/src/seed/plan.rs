//! Puts the sample fair together.

use super::people::{self, CANDIDATES, EMPLOYERS, SALARIES, TITLES};
use super::scale::{self, Scale};
use super::texts;
use super::{BadCodes, CandidateLine, EmployerLine, Registrations, SeedError, Seeded};
use crate::secrets::{self, Secrets, SecretsError};
use crate::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::uscc::Uscc;
use time::{Month, OffsetDateTime, UtcOffset};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The manual's fair has so many positions.
const POSITIONS: usize = 269;

pub(super) fn make(secrets: &Secrets, now: WallTime, scale: Scale) -> Result<(Import, Seeded), SeedError> {
    let mut plan = Plan { secrets, now, import: Import { now, ..Import::default() }, logins: Vec::new() };
    let graduates = graduates(now);
    plan.employers()?;
    plan.further_employers(scale.employers.saturating_sub(EMPLOYERS.len()))?;
    plan.fair(graduates, scale.positions);

    let open = now.after(-(now.0.rem_euclid(HOUR / 2)) - HOUR);
    let main = plan.round(
        0,
        format!("{graduates}届毕业生软件类岗位面谈会"),
        open,
        Stage::Interview,
        IdentityRule::NotRequired,
    );
    let second = plan.round(
        1,
        format!("{graduates}届毕业生互联网运营岗位面谈会"),
        open,
        Stage::Interview,
        IdentityRule::NotRequired,
    );
    let exam = plan.round(
        2,
        format!("{graduates}届电子工程师选拔考试面谈"),
        open,
        Stage::Interview,
        IdentityRule::FaceOrSms,
    );
    let verified = plan.round(
        2,
        format!("{graduates}届电子工程师选拔考试面谈（画面复核）"),
        open,
        Stage::Interview,
        IdentityRule::VerifiedFaceOrSms,
    );
    let sms_first = plan.round(
        2,
        format!("{graduates}届电子工程师选拔考试面谈（先验手机）"),
        open,
        Stage::Interview,
        IdentityRule::SmsThenFace,
    );
    let over = plan.round(
        1,
        format!("{graduates}届毕业生运营岗位第一场面谈会"),
        open.after(-HOUR),
        Stage::Closed,
        IdentityRule::NotRequired,
    );

    let people: Vec<CandidateId> =
        CANDIDATES.iter().map(|person| plan.candidate(person.name.into(), person, graduates)).collect();
    let mut invite = |who: usize, round: &PlannedRound, how: Invite| {
        plan.invite(people[who], CANDIDATES[who].name.into(), round, how)
    };
    let mut candidates = (0..8)
        .map(|who| {
            // half of them at a time that was agreed, a quarter with a password
            let appointed = (who % 2 == 0).then(|| open.after(HOUR + (who as i64 + 1) * 10 * MINUTE));
            invite(who, &main, Invite { appointed, password: who % 4 == 1, ..Invite::default() })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let both = [invite(8, &main, Invite::default())?, invite(8, &second, Invite::default())?];
    let alone = invite(9, &second, Invite::default())?;
    let identity = invite(10, &exam, Invite::default())?;
    let identity_verified = invite(12, &verified, Invite::default())?;
    let identity_sms_first = invite(13, &sms_first, Invite::default())?;
    let other = DeviceId::from_parts(now.0 as u64, &secrets::random());
    let bad_codes = BadCodes {
        used: invite(9, &over, Invite { expires: DAY, ..Invite::default() })?.code,
        other_device: invite(11, &exam, Invite { device: Some(other), ..Invite::default() })?.code,
        expired: invite(11, &main, Invite { expires: -MINUTE, ..Invite::default() })?.code,
        too_early: invite(12, &main, Invite { opens: HOUR, ..Invite::default() })?.code,
        cancelled: invite(13, &main, Invite { cancelled: true, ..Invite::default() })?.code,
    };
    for n in 0..scale.candidates {
        let name = scale::candidate_name(n);
        let id = plan.candidate(name.clone(), scale::like(n), graduates);
        candidates.push(plan.invite(id, name, &main, Invite::default())?);
    }
    let employers = plan.logins;
    let seeded = Seeded {
        organiser: people::ORGANISER.into(),
        hotline: people::HOTLINE.into(),
        round: main.name,
        employer: employers[0].clone(),
        employers,
        candidates,
        both,
        second: alone,
        identity,
        identity_verified,
        identity_sms_first,
        bad_codes,
        registrations: Registrations::new(now),
        photos: Vec::new(),
        conversations: Vec::new(),
    };
    Ok((plan.import, seeded))
}

/// The year whose graduates are looking: the next one from July on.
fn graduates(now: WallTime) -> i32 {
    let utc = OffsetDateTime::from_unix_timestamp(now.0 / 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let local = UtcOffset::from_hms(8, 0, 0).map_or(utc, |offset| utc.to_offset(offset));
    local.year() + i32::from(local.month() as u8 >= Month::July as u8)
}

struct Plan<'a> {
    secrets: &'a Secrets,
    now: WallTime,
    import: Import,
    logins: Vec<EmployerLine>,
}

struct PlannedRound {
    id: RoundId,
    name: String,
    position: &'static str,
    starts: WallTime,
    ends: WallTime,
}

/// What is special about an invitation. Times are ms from now; 0: the round's.
#[derive(Clone, Copy, Default)]
struct Invite {
    appointed: Option<WallTime>,
    password: bool,
    opens: i64,
    expires: i64,
    cancelled: bool,
    device: Option<DeviceId>,
}

/// Digits to type on a phone.
fn new_password(digits: usize) -> String {
    let bytes = secrets::random::<16>();
    bytes.iter().take(digits).map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// The credit code of an organisation in a district that does not exist.
pub(super) fn uscc(organisation: &str) -> String {
    // 310199 is no district
    let body = format!("91310199{organisation}{}", people::organisation_check(organisation));
    #[expect(clippy::expect_used, reason = "the body is 17 characters of the standard's table; tested")]
    Uscc::from_body(&body).expect("a well-formed body").as_str().to_owned()
}

impl Plan<'_> {
    fn id<T>(&self, make: fn(u64, &[u8; 10]) -> T) -> T {
        make(self.now.0 as u64, &secrets::random())
    }

    fn employers(&mut self) -> Result<(), SecretsError> {
        for (n, (name, owner)) in EMPLOYERS.into_iter().enumerate() {
            let uscc = uscc(&format!("MA9X{:04}", 1_000 + n * 37));
            let mut people = vec![(owner, MemberRole::Owner)];
            if n == 1 {
                people.push((people::RECRUITER, MemberRole::Recruiter));
            }
            let mut members = Vec::new();
            for (person, role) in people {
                let password = format!("mt{}", new_password(8));
                members.push(NewMember {
                    id: self.id(MemberId::from_parts),
                    name: person.into(),
                    role,
                    password_hash: secrets::hash_password(&password)?,
                });
                let member = (role != MemberRole::Owner).then(|| person.to_owned());
                self.logins.push(EmployerLine { uscc: uscc.clone(), name: name.into(), password, member });
            }
            let id = self.id(EmployerId::from_parts);
            self.import.employers.push(NewEmployer { id, uscc, name: name.into(), approved: true, members });
        }
        Ok(())
    }

    /// Employers that are there to be many: one owner each, and one password for them all, because hashing one for
    /// each would take minutes.
    fn further_employers(&mut self, count: usize) -> Result<(), SecretsError> {
        if count == 0 {
            return Ok(());
        }
        let password = format!("mt{}", new_password(8));
        let password_hash = secrets::hash_password(&password)?;
        for n in 0..count {
            let (id, name) = (self.id(EmployerId::from_parts), scale::employer_name(n));
            let uscc = uscc(&format!("MA9Y{n:04}"));
            let owner = NewMember {
                id: self.id(MemberId::from_parts),
                name: scale::candidate_name(n),
                role: MemberRole::Owner,
                password_hash: password_hash.clone(),
            };
            self.logins.push(EmployerLine {
                uscc: uscc.clone(),
                name: name.clone(),
                password: password.clone(),
                member: None,
            });
            self.import.employers.push(NewEmployer { id, uscc, name, approved: true, members: vec![owner] });
        }
        Ok(())
    }

    /// `positions` of each employer; 0: as many as the manual's fair has, shared by its employers.
    fn fair(&mut self, graduates: i32, positions: usize) {
        let count = EMPLOYERS.len();
        let mut number = 0;
        let mut exhibitors = Vec::new();
        for (n, employer) in self.import.employers.iter().enumerate() {
            let share = match positions {
                0 if n < count => POSITIONS / count + usize::from(n < POSITIONS % count),
                0 => 1,
                each => each,
            };
            let positions = (0..share)
                .map(|_| {
                    number += 1;
                    let (salary_from, salary_to) = SALARIES[(number * 5) % SALARIES.len()];
                    let title = TITLES[(number * 7) % TITLES.len()];
                    let (description, requirements) = texts::position(title);
                    NewPosition {
                        id: self.id(PositionId::from_parts),
                        title: title.into(),
                        salary_from,
                        salary_to,
                        openings: 1 + (number % 5) as u32,
                        city: people::CITY.into(),
                        description,
                        requirements,
                    }
                })
                .collect();
            exhibitors.push(NewExhibitor {
                employer: employer.id,
                short: texts::SHORT.get(n).copied().unwrap_or_default().into(),
                introduction: texts::introduction(n, &employer.name),
                positions,
            });
        }
        let start = self.now.0 - self.now.0.rem_euclid(DAY);
        self.import.fairs.push(NewFair {
            id: self.id(FairId::from_parts),
            title: format!("{graduates}届毕业生互联网电子行业线上招聘会邀请函"),
            kind: "网络招聘会".into(),
            // 09:00 to 22:00 in UTC+8
            starts: WallTime(start - 2 * DAY + HOUR),
            ends: WallTime(start + 12 * DAY + 14 * HOUR),
            city: people::CITY.into(),
            district: people::DISTRICT.into(),
            venue: "线上互联网招聘大厅".into(),
            introduction: texts::fair_introduction(people::ORGANISER, graduates),
            views: 397,
            followers: 397,
            exhibitors,
        });
    }

    fn round(
        &mut self,
        employer: usize,
        name: String,
        starts: WallTime,
        stage: Stage,
        identity: IdentityRule,
    ) -> PlannedRound {
        let (id, ends) = (self.id(RoundId::from_parts), starts.after(12 * HOUR));
        let employer = &self.import.employers[employer];
        let owner = employer.members[0].id;
        let info = RoundInfo {
            id,
            name: name.clone(),
            employer: employer.name.clone(),
            stages: vec![Stage::Briefing, Stage::Interview, Stage::Announcement, Stage::Closed],
            starts,
            ends,
            identity,
            ring_ms: 45_000,
            grace_ms: 10 * MINUTE as u64,
        };
        self.import.rounds.push(NewRound { employer: employer.id, info, stage: Some((stage, owner)) });
        let position = TITLES[self.import.rounds.len() * 2 % TITLES.len()];
        PlannedRound { id, name, position, starts, ends }
    }

    fn candidate(&mut self, name: String, person: &people::Person, graduates: i32) -> CandidateId {
        let id = self.id(CandidateId::from_parts);
        self.import.candidates.push(NewCandidate {
            id,
            name,
            headline: person.headline(),
            resume: person.resume(graduates),
            phone: people::phone(self.import.candidates.len()).map(|phone| self.secrets.phone(&phone)),
        });
        id
    }

    fn invite(
        &mut self,
        candidate: CandidateId,
        name: String,
        round: &PlannedRound,
        how: Invite,
    ) -> Result<CandidateLine, SecretsError> {
        let Invite { appointed, password, opens, expires, cancelled, device } = how;
        let code = secrets::new_code();
        let password = password.then(|| new_password(6));
        let from_now = |ms: i64, otherwise: WallTime| if ms == 0 { otherwise } else { self.now.after(ms) };
        self.import.invitations.push(NewInvitation {
            id: self.id(InvitationId::from_parts),
            round: round.id,
            candidate,
            ticket: self.id(TicketId::from_parts),
            position: round.position.into(),
            code: self.secrets.code(&code),
            password_hash: password.as_deref().map(secrets::hash_password).transpose()?,
            appointed,
            opens: from_now(opens, round.starts.after(-DAY)),
            expires: from_now(expires, round.ends),
            cancelled,
            device,
        });
        // the one invited is mostly the newest
        let person = self.import.candidates.iter().rev().find(|person| person.id == candidate);
        let phone = person.and_then(|person| person.phone.as_ref());
        let phone = phone.map(|known| known.phone.digits().to_owned()).unwrap_or_default();
        Ok(CandidateLine {
            id: candidate,
            name,
            phone,
            code: code.grouped(),
            password,
            appointed,
            round: round.name.clone(),
        })
    }
}
