//! The identity step (J4) as candidates' devices meet it.

mod faces;
mod moving;
mod photos;
mod probing;
mod ready;
mod reports;
mod sms;

use super::people::*;
use super::*;
use crate::store::{AttemptAsk, AttemptBegun, Session};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::identity::challenge::{Challenge, needed};
use miantan_domain::rules::identity::report::FaceReport;
use miantan_domain::rules::round::Ticket;
use miantan_domain::wire::rest::IdentityAnswer;
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A candidate's phone in a room, with its own key.
pub struct Joined<'a> {
    pub organiser: &'a Organiser,
    pub device: Device<'a>,
    pub token: String,
    pub me: Me,
    pub key: Ed25519KeyPair,
}

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&secrets::random::<32>()).unwrap()
}

fn public(key: &Ed25519KeyPair) -> String {
    STANDARD.encode(key.public_key().as_ref())
}

/// As `wire::rest::Signed`.
fn signed(key: &Ed25519KeyPair, content: &str) -> Value {
    let signature = key.sign(content.as_bytes());
    json!({ "content": STANDARD.encode(content), "signature": STANDARD.encode(signature.as_ref()) })
}

/// The pictures that come with the sources.
fn face(file: &str) -> Vec<u8> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = [workspace.join("../shared/faces"), workspace.join("../../shared/faces")];
    let folder = found.into_iter().find(|path| path.is_dir()).expect("shared/faces is beside the sources");
    std::fs::read(folder.join(file)).unwrap()
}

impl Organiser {
    /// Joins with a key, as the app does.
    pub async fn joined(&self, line: &CandidateLine) -> Joined<'_> {
        let (device, key) = (self.device(), key());
        let signed: SignedIn = device.joins(line, Some(&public(&key)), None).await.json();
        Joined { organiser: self, device, token: signed.token, me: signed.me, key }
    }

    /// A code for the identity that was sent to a number last.
    pub fn identity_code(&self, phone: &str) -> String {
        let outbox = self.state.sms.outbox.as_ref().unwrap();
        let sent = outbox.latest(phone, crate::sms::SmsKind::IdentityCode).unwrap();
        let digits: Vec<&str> = sent.text.split(|c: char| !c.is_ascii_digit()).collect();
        digits.into_iter().find(|part| part.len() == 6).expect("a code of six digits").to_owned()
    }

    /// The organiser's own request.
    pub async fn organises(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        self.device().send(method, &format!("/api/v1{path}"), Some(&self.token()), body).await
    }

    pub async fn puts_photo(&self, line: &CandidateLine, file: &str) {
        let path = format!("/admin/candidates/{}/photo", line.id);
        assert_eq!(self.organises("PUT", &path, face(file)).await.status, StatusCode::NO_CONTENT);
    }
}

impl Device<'_> {
    pub async fn joins(&self, line: &CandidateLine, key: Option<&str>, sms: Option<&str>) -> Answer {
        let body = json!({
            "code": line.code, "password": line.password, "device": self.id, "device_key": key, "sms_code": sms,
        });
        self.send("POST", "/api/v1/join", None, body.to_string()).await
    }
}

impl Joined<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.device.get(&format!("/api/v1{path}"), Some(&self.token)).await
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.device.send(method, &format!("/api/v1{path}"), Some(&self.token), body.to_string()).await
    }

    pub fn ticket(&self) -> TicketId {
        let Me::Candidate { ticket, .. } = &self.me else { panic!("a candidate's session") };
        *ticket
    }

    pub fn round(&self) -> RoundId {
        let Me::Candidate { round, .. } = &self.me else { panic!("a candidate's session") };
        round.id
    }

    /// The ticket as the round knows it.
    pub async fn seat(&self) -> Ticket {
        self.organiser.state.hall.ticket(self.round(), self.ticket()).await.unwrap().1.unwrap()
    }

    pub async fn session(&self) -> Session {
        let mac = self.organiser.state.secrets.token(&self.token);
        self.organiser.state.stores.accounts.session_by_token(&mac, NOW).await.unwrap().unwrap()
    }

    pub async fn consents(&self, purpose: &str, given: bool) -> Answer {
        self.send("POST", "/me/consents", &json!({ "purpose": purpose, "version": 1, "given": given })).await
    }

    /// An attempt, as `POST /me/identity/face` writes it down. What comes after needs no models.
    pub async fn begins(&self) -> Nonce {
        let nonce = Nonce::new(secrets::random());
        let ask = AttemptAsk {
            nonce,
            ticket: self.ticket(),
            candidate: candidate_of(&self.me),
            device: self.device.id,
            device_key: self.key.public_key().as_ref().try_into().unwrap(),
            models: models(),
            wanted: false,
            now: self.organiser.clock.wall(),
            most: 3,
        };
        let begun = self.organiser.state.stores.identity.begin_attempt(ask).await.unwrap();
        assert!(matches!(begun, AttemptBegun::Yes { .. }), "{begun:?}");
        nonce
    }

    /// A report of an attempt that went well.
    pub fn report(&self, nonce: Nonce) -> FaceReport {
        FaceReport {
            interview: self.ticket(),
            nonce,
            models: models(),
            scores: FaceScores { frames: 9, cosine: 0.71, liveness: 0.93, same_person: 0.88 },
            movements: done(nonce),
            reasons: Vec::new(),
            passed: true,
            simulated: false,
            at: self.organiser.clock.wall(),
        }
    }

    pub async fn reports(&self, report: &FaceReport) -> Answer {
        self.says(&self.key, &serde_json::to_string(report).unwrap()).await
    }

    pub async fn says(&self, key: &Ed25519KeyPair, content: &str) -> Answer {
        self.send("POST", "/me/identity/face/report", &signed(key, content)).await
    }
}

fn models() -> BTreeMap<String, String> {
    [("detector".to_owned(), "ab".repeat(32)), ("embedding".to_owned(), "cd".repeat(32))].into()
}

/// The movements a nonce asks for, done well.
fn done(nonce: Nonce) -> Vec<MovementSeen> {
    let movements = Challenge::of(&nonce).movements;
    let seen = |(index, movement)| {
        let asked_ms = 2_000 + index as u64 * 3_000;
        MovementSeen { movement, asked_ms, done_ms: asked_ms + 1_200, extent: needed(movement) + 0.1 }
    };
    movements.into_iter().enumerate().map(seen).collect()
}
