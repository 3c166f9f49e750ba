//! Somebody who comes with a phone number only: signs in by a code from the development outbox, tells
//! who they are, writes a résumé, applies.

use crate::hall::Hall;
use crate::person::{Candidate, Phone};
use crate::seen;
use miantan_backend::seed::CandidateLine;
use miantan_backend::sms::SmsKind;
use miantan_client::Intent;
use miantan_client::intent::{AccountIntent, FairIntent};
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::rest::Profile;
use std::ops::{Deref, DerefMut};

/// A candidate with an account. Their invitation, should one come, is entered from it.
pub struct Applicant {
    candidate: Candidate,
    pub number: String,
}

impl Deref for Applicant {
    type Target = Candidate;
    fn deref(&self) -> &Candidate {
        &self.candidate
    }
}

impl DerefMut for Applicant {
    fn deref_mut(&mut self) -> &mut Candidate {
        &mut self.candidate
    }
}

/// The run of digits of a message that is so long.
pub fn digits(text: &str, length: usize) -> String {
    let found = text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == length);
    found.expect("digits in the message").to_owned()
}

/// A résumé as a graduate writes it.
pub fn resume(headline: &str) -> ResumeDoc {
    ResumeDoc {
        version: 0,
        name: String::new(),
        headline: headline.into(),
        resume: Resume {
            city: "青禾市".into(),
            objective: "软件开发".into(),
            education: vec![ResumeEntry {
                period: "2023.09 – 2027.06".into(),
                place: "青禾大学".into(),
                what: "软件工程，本科".into(),
                details: String::new(),
            }],
            skills: vec!["Rust".into(), "SQL".into()],
            about: "做事认真，喜欢把小事做完整。".into(),
            ..Resume::default()
        },
    }
}

impl Applicant {
    pub async fn arrives(phone: Phone, number: &str) -> Self {
        let line = CandidateLine {
            // nobody the organiser knows
            id: CandidateId::from_parts(0, &[0; 10]),
            name: String::new(),
            phone: number.into(),
            code: String::new(),
            password: None,
            appointed: None,
            round: String::new(),
        };
        Self { candidate: Candidate::arrives(phone, line).await, number: number.into() }
    }

    pub fn account(&self, intent: AccountIntent) {
        self.wants(Intent::Account(intent));
    }

    pub fn fair(&self, intent: FairIntent) {
        self.wants(Intent::Fair(intent));
    }

    /// The code that the development outbox shows, typed.
    pub async fn signs_in(&self, hall: &Hall) {
        let before = hall.last_sms();
        self.account(AccountIntent::LoadPolicy);
        self.sees("the policy", |v| matches!(v.policy, Some(Loadable::Ready(_)))).await;
        self.account(AccountIntent::AskCode { phone: self.number.clone() });
        self.sees(
            "a code was sent",
            |v| matches!(&v.who, WhoView::SignedOut { code: Some(code), .. } if code.phone == self.number),
        )
        .await;
        let message = hall.sms(&self.number, SmsKind::SignInCode, before).await;
        let code = digits(&message.text, 6);
        self.account(AccountIntent::SignIn { phone: self.number.clone(), code });
        self.sees("the account", |v| seen::account(v).is_some()).await;
    }

    /// Name and birth, asked for before anything else.
    pub async fn tells_name(&self, name: &str) {
        self.account(AccountIntent::SaveProfile(Profile {
            name: name.into(),
            birth_year: 2004,
            birth_month: 5,
        }));
        self.sees("the name", |v| seen::account(v).is_some_and(|account| account.name == name)).await;
        self.account(AccountIntent::FormSeen);
    }

    /// Typed, and on the server.
    pub async fn writes_resume(&self, doc: ResumeDoc) {
        self.account(AccountIntent::LoadResume);
        let view =
            self.sees("the résumé", |v| seen::mine(v).is_some_and(|mine| mine.resume.doc.is_some())).await;
        let old = seen::mine(&view).and_then(|mine| mine.resume.doc.clone()).expect("just seen");
        let doc = ResumeDoc { version: old.version, name: old.name.clone(), ..doc };
        let typed = doc.resume.clone();
        self.account(AccountIntent::EditResume(Box::new(doc)));
        self.sees("saved on the server", |v| {
            seen::mine(v).is_some_and(|mine| {
                let shown = mine.resume.doc.as_ref();
                mine.resume.saved == SaveState::Saved
                    && shown.is_some_and(|doc| doc.resume == typed && doc.version > old.version)
            })
        })
        .await;
    }

    /// Signed in, named, with a résumé.
    pub async fn is_ready_to_apply(&self, hall: &Hall, name: &str) {
        self.signs_in(hall).await;
        self.tells_name(name).await;
        self.writes_resume(resume("青禾大学 · 软件工程")).await;
    }

    /// The only fair there is.
    pub async fn opens_the_fair(&self) -> FairId {
        self.fair(FairIntent::LoadList);
        let list = |v: &AppView| match &v.fairs.list {
            Some(Loadable::Ready(list)) => list.first().map(|card| card.id),
            Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
        };
        let fair = self.is_shown("the list of fairs", list).await;
        self.fair(FairIntent::Open(fair));
        self.sees("the fair", |v| {
            seen::fair(v).is_some_and(|f| f.fair == fair && matches!(f.page, Loadable::Ready(_)))
        })
        .await;
        fair
    }

    /// Finds an employer by a part of its name, and the first position at its stand.
    pub async fn finds(&self, words: &str, employer: &str) -> PositionCard {
        self.fair(FairIntent::Search(words.into()));
        let hit = |v: &AppView| match &seen::fair(v)?.stands {
            Loadable::Ready(stands) if seen::fair(v)?.search == words => {
                stands.iter().find(|card| card.name == employer).map(|card| (card.employer, stands.len()))
            }
            Loadable::Ready(_) | Loadable::Loading | Loadable::Failed(_) => None,
        };
        // fewer than all: what is listed is what was found
        let few = |v: &AppView| hit(v).filter(|(_, count)| *count < 12);
        let (found, _) = self.is_shown("what was found", few).await;
        self.fair(FairIntent::OpenStand(found));
        let stand = |v: &AppView| match &seen::fair(v)?.stand {
            Some(Loadable::Ready(stand)) if stand.employer == found => stand.positions.first().cloned(),
            _ => None,
        };
        let position = self.is_shown("the stand", stand).await;
        self.fair(FairIntent::OpenPosition(position.id));
        self.sees("the position", |v| {
            seen::fair(v).is_some_and(|fair| {
                matches!(&fair.position, Some(Loadable::Ready(p)) if p.card.id == position.id && p.fair_open)
            })
        })
        .await;
        position
    }

    /// Sends the online résumé; the conversation that opens.
    pub async fn applies(&self, position: PositionId) -> ConversationId {
        self.fair(FairIntent::Apply { position, resume: ResumeChoice::Online });
        self.sees("applied", |v| {
            seen::mine(v).is_some_and(|mine| mine.applied.get(&position) == Some(&ApplyState::Applied))
        })
        .await;
        let of = |head: &TalkHead| head.applications.iter().any(|card| card.position == position);
        let opened = |v: &AppView| v.talk.list.heads.iter().find(|head| of(head)).map(|head| head.id);
        self.is_shown("the conversation", opened).await
    }

    /// From the first screen to a conversation with the first employer.
    pub async fn applies_to_the_first_employer(&self, hall: &Hall, name: &str) -> ConversationId {
        self.applies_to(hall, name, &hall.seeded.employer.name).await
    }

    /// From the first screen to a conversation with this employer.
    pub async fn applies_to(&self, hall: &Hall, name: &str, employer: &str) -> ConversationId {
        self.is_ready_to_apply(hall, name).await;
        self.opens_the_fair().await;
        let position = self.finds(employer, employer).await;
        self.applies(position.id).await
    }

    /// Agrees to short messages about invitations.
    pub async fn allows_sms(&self) {
        self.account(AccountIntent::LoadPrivacy);
        let privacy = |v: &AppView| match &seen::mine(v)?.privacy {
            Some(Loadable::Ready(privacy)) => Some(privacy.clone()),
            Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
        };
        let version = self.is_shown("the consents", privacy).await.policy.version;
        self.account(AccountIntent::SetConsent { purpose: Purpose::SmsNotices, version, given: true });
        self.sees("agreed", |v| {
            let given = |c: &Consent| c.purpose == Purpose::SmsNotices && c.given;
            privacy(v).is_some_and(|privacy| privacy.consents.iter().any(given))
        })
        .await;
    }
}
