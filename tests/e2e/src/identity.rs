//! People before the camera of the face check: synthetic ones, made of the shared pictures. Their declared camera is the
//! only thing here that is not real: models, server, signature and thresholds are.

use crate::applicant::digits;
use crate::hall::Hall;
use crate::person::Candidate;
use crate::seen;
use miantan_backend::sms::SmsKind;
use miantan_client::Intent;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_media::camera::ACTOR_PREFIX;
use std::path::{Path, PathBuf};

/// One of the pictures beside the project (`people/d1.jpg`); $MIANTAN_FACES names another folder. These tests fail, not
/// skip, without them.
pub fn picture(name: &str) -> PathBuf {
    let beside = || {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|folder| folder.join("shared/faces"))
            .find(|folder| folder.is_dir())
    };
    let folder = std::env::var_os("MIANTAN_FACES").map(PathBuf::from).or_else(beside);
    let path = folder.expect("shared/faces beside the project, or MIANTAN_FACES").join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

/// A face's box in pixels.
type Bounds = &'static str;

/// The person whose photo the organiser has, another picture of her.
pub const LIN: (&str, Bounds) = ("people/d2.jpg", "58,54,173,232");
/// The organiser's photo of her.
pub const LIN_ON_FILE: &str = "people/d1.jpg";
pub const SOMEBODY_ELSE: (&str, Bounds) = ("people/a2.jpg", "37,55,101,153");
pub const PRINTED: (&str, Bounds) = ("live/spoof_printed_id.jpg", "174,243,192,260");
pub const ON_A_TABLET: (&str, Bounds) = ("live/spoof_tablet_2.png", "272,325,335,517");

pub fn identity(view: &AppView) -> Option<&IdentityView> {
    seen::candidate(view)?.identity.as_deref()
}

pub fn stage(view: &AppView) -> Option<&IdentityStage> {
    Some(&identity(view)?.stage)
}

/// How it was settled, once it was.
pub fn settled(view: &AppView) -> Option<Assurance> {
    Some(seen::room(view)?.identity?.assurance)
}

fn reasons(view: &AppView) -> Option<&[FaceReason]> {
    match stage(view)? {
        IdentityStage::NotPassed { reasons } => Some(reasons),
        _ => None,
    }
}

impl Candidate {
    fn identity(&self, intent: IdentityIntent) {
        self.wants(Intent::Identity(intent));
    }

    /// This person is before the camera; with `film`, a film of that person is.
    pub fn is_before_the_camera(&self, (name, face): (&str, Bounds), film: Option<&str>) {
        let film = film.map(|film| format!(";play={film}")).unwrap_or_default();
        let id = format!("{ACTOR_PREFIX}{}#{face}{film}", picture(name).display());
        self.wants(Intent::ChooseCamera(Some(id)));
    }

    pub async fn is_asked_who_it_is(&self) {
        self.sees("both ways", |v| {
            seen::step(v) == Some(CheckInStep::Identity) && stage(v) == Some(&IdentityStage::Choice)
        })
        .await;
    }

    /// Consents where that is asked for, fetches the models, sees the live picture.
    pub async fn chooses_the_face_check(&self) {
        self.identity(IdentityIntent::ChooseFace);
        let view = self
            .sees("consent or camera", |v| {
                matches!(stage(v), Some(IdentityStage::Consent { .. } | IdentityStage::Framing(_)))
            })
            .await;
        if let Some(IdentityStage::Consent { frames }) = stage(&view) {
            self.identity(IdentityIntent::Consent { face: true, frames: *frames });
        }
        self.sees(
            "the live picture",
            |v| matches!(stage(v), Some(IdentityStage::Framing(framing)) if framing.camera.live),
        )
        .await;
        assert!(identity(&self.view()).is_some_and(|identity| identity.simulated), "it is declared");
    }

    /// 开始校验, and the challenge begins when everything is right for a moment.
    pub async fn starts_the_attempt(&self) {
        self.identity(IdentityIntent::Start);
        self.sees(
            "the challenge",
            |v| matches!(stage(v), Some(IdentityStage::Challenge(challenge)) if challenge.movement.is_some()),
        )
        .await;
    }

    pub async fn passes_by_face(&self) {
        self.chooses_the_face_check().await;
        self.starts_the_attempt().await;
        self.sees("settled", |v| settled(v).is_some()).await;
    }

    /// Why not, once the server has decided.
    pub async fn is_refused(&self) -> Vec<FaceReason> {
        let view = self.sees("why not", |v| reasons(v).is_some()).await;
        reasons(&view).expect("just seen").to_vec()
    }

    /// The SMS way, with the code that came to the number on file.
    pub async fn passes_by_sms(&self, hall: &Hall) {
        let before = hall.last_sms();
        self.identity(IdentityIntent::ChooseSms);
        self.identity(IdentityIntent::SendCode);
        self.sees("sent", |v| matches!(stage(v), Some(IdentityStage::Sms(sms)) if sms.sent)).await;
        let code = hall.code_in_sms(&self.line.phone, before).await;
        self.identity(IdentityIntent::CheckCode(code));
        self.sees("settled", |v| settled(v) == Some(Assurance::Sms)).await;
    }

    pub fn face_attempts_left(&self) -> Option<u32> {
        Some(identity(&self.view())?.attempts_left)
    }
}

impl Hall {
    /// The code of the first short message to this number after the one with number `after`.
    pub async fn code_in_sms(&self, phone: &str, after: u64) -> String {
        let message = self.sms(phone, SmsKind::IdentityCode, after).await;
        digits(&message.text, 6)
    }
}
