//! Sentences of the identity step, the network check and what a recruiter reads of both. Complete matches, as in
//! [`super`].

use crate::i18n::Lang;
use miantan_client::view::NoFaceOffer;
use miantan_domain::model::{
    Advice, Assurance, FaceReason, IdentityRule, Movement, NetworkVerdict, NoFaceWay, ReadinessReason,
};

/// The one sentence of the framing guide.
pub fn advice(l: Lang, advice: Advice) -> String {
    match advice {
        Advice::NoFace => l.tr("advice-no-face"),
        Advice::OnePersonOnly => l.tr("advice-one-person"),
        Advice::Nearer => l.tr("advice-nearer"),
        Advice::Further => l.tr("advice-further"),
        Advice::Centre => l.tr("advice-centre"),
        Advice::Level => l.tr("advice-level"),
        Advice::LookAtCamera => l.tr("advice-look"),
        Advice::MoreLight => l.tr("advice-more-light"),
        Advice::LightBehind => l.tr("advice-light-behind"),
        Advice::LessLight => l.tr("advice-less-light"),
        Advice::HoldStill => l.tr("advice-still"),
        Advice::Good => l.tr("advice-good"),
    }
}

/// What the challenge asks for; `None`: to look straight.
pub fn movement(l: Lang, movement: Option<Movement>) -> String {
    match movement {
        Some(Movement::TurnLeft) => l.tr("movement-left"),
        Some(Movement::TurnRight) => l.tr("movement-right"),
        Some(Movement::Nod) => l.tr("movement-nod"),
        Some(Movement::ComeNearer) => l.tr("movement-nearer"),
        None => l.tr("movement-straight"),
    }
}

/// Why an attempt did not pass: what was seen, and what to do about it.
pub fn face_reason(l: Lang, reason: FaceReason) -> (String, String) {
    match reason {
        FaceReason::OtherPerson => (l.tr("face-other-person"), l.tr("face-other-person-more")),
        FaceReason::NotSure => (l.tr("face-not-sure"), l.tr("face-not-sure-more")),
        FaceReason::NotLive => (l.tr("face-not-live"), l.tr("face-not-live-more")),
        FaceReason::LivenessDoubt => (l.tr("face-doubt"), l.tr("face-doubt-more")),
        FaceReason::MovementMissed => (l.tr("face-missed"), l.tr("face-missed-more")),
        FaceReason::MovementWrong => (l.tr("face-wrong"), l.tr("face-wrong-more")),
        FaceReason::FaceLost => (l.tr("face-lost"), l.tr("face-lost-more")),
        FaceReason::PersonChanged => (l.tr("face-changed"), l.tr("face-changed-more")),
        FaceReason::TooFewFrames => (l.tr("face-few"), l.tr("face-few-more")),
        FaceReason::FramesDiffer => (l.tr("face-differ"), l.tr("face-differ-more")),
        FaceReason::Simulated => (l.tr("face-simulated"), l.tr("face-simulated-more")),
        FaceReason::Unanswered => (l.tr("face-unanswered"), l.tr("face-unanswered-more")),
    }
}

/// Why there is no face way.
pub fn no_face(l: Lang, why: &NoFaceOffer) -> String {
    match why {
        NoFaceOffer::Server(NoFaceWay::NoReference) => l.tr("no-face-reference"),
        NoFaceOffer::Server(NoFaceWay::ReferenceUnusable) => l.tr("no-face-unusable"),
        NoFaceOffer::Server(NoFaceWay::NoModels) => l.tr("no-face-models"),
        NoFaceOffer::Server(NoFaceWay::Off) => l.tr("no-face-off"),
        NoFaceOffer::Server(NoFaceWay::Full) => l.tr("no-face-full"),
        NoFaceOffer::Server(NoFaceWay::AttemptsUsed) => l.tr("no-face-used"),
        NoFaceOffer::Server(NoFaceWay::SmsFirst) => l.tr("no-face-sms-first"),
        NoFaceOffer::Server(NoFaceWay::NoKey) => l.tr("no-face-key"),
        NoFaceOffer::NoRuntime => l.tr("no-face-runtime"),
        NoFaceOffer::ModelsBroken(_) => l.tr("no-face-broken"),
    }
}

/// What a measured network means: a heading, and what it does to the call.
pub fn network(l: Lang, verdict: NetworkVerdict) -> (String, String) {
    match verdict {
        NetworkVerdict::Good => (l.tr("network-good"), l.tr("network-good-more")),
        NetworkVerdict::SmallPicture => (l.tr("network-small"), l.tr("network-small-more")),
        NetworkVerdict::SoundOnly => (l.tr("network-sound"), l.tr("network-sound-more")),
        NetworkVerdict::Weak => (l.tr("network-weak"), l.tr("network-weak-more")),
        NetworkVerdict::NoUdp => (l.tr("network-no-udp"), l.tr("network-no-udp-more")),
        NetworkVerdict::Unreachable => (l.tr("network-unreachable"), l.tr("network-unreachable-more")),
    }
}

/// Why a candidate is amber: in a word for the queue, and in a sentence.
pub fn readiness(l: Lang, reason: ReadinessReason) -> (String, String) {
    match reason {
        ReadinessReason::NotChecked => (l.tr("amber-not-checked"), l.tr("amber-not-checked-more")),
        ReadinessReason::IdentityOpen => (l.tr("amber-identity"), l.tr("amber-identity-more")),
        ReadinessReason::IdentityDoubt => (l.tr("amber-doubt"), l.tr("amber-doubt-more")),
        ReadinessReason::SpeakerCannot => (l.tr("amber-speaker"), l.tr("amber-speaker-more")),
        ReadinessReason::MicrophoneCannot => (l.tr("amber-microphone"), l.tr("amber-microphone-more")),
        ReadinessReason::CameraCannot => (l.tr("amber-camera"), l.tr("amber-camera-more")),
        ReadinessReason::NetworkWeak => (l.tr("amber-network"), l.tr("amber-network-more")),
        ReadinessReason::NetworkNoUdp => (l.tr("amber-no-udp"), l.tr("amber-no-udp-more")),
    }
}

/// How the identity was settled.
pub fn assurance(l: Lang, assurance: Assurance) -> String {
    match assurance {
        Assurance::Device => l.tr("assurance-device"),
        Assurance::Verified => l.tr("assurance-verified"),
        Assurance::Simulated => l.tr("assurance-simulated"),
        Assurance::Sms => l.tr("assurance-sms"),
        Assurance::Staff => l.tr("assurance-staff"),
    }
}

/// A round's identity rule: its name, and what it means for the candidate.
pub fn identity_rule(l: Lang, rule: IdentityRule) -> (String, String) {
    match rule {
        IdentityRule::NotRequired => (l.tr("rule-none"), l.tr("rule-none-more")),
        IdentityRule::FaceOrSms => (l.tr("rule-face"), l.tr("rule-face-more")),
        IdentityRule::VerifiedFaceOrSms => (l.tr("rule-verified"), l.tr("rule-verified-more")),
        IdentityRule::SmsThenFace => (l.tr("rule-sms-face"), l.tr("rule-sms-face-more")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sentence;
    use super::*;
    use miantan_domain::wire::{Problem, ProblemCode};
    use std::collections::BTreeSet;

    /// Each has its own words, in the language.
    fn all_differ<T: Copy>(all: &[T], of: impl Fn(Lang, T) -> Vec<String>) {
        for l in Lang::ALL {
            let mut said = BTreeSet::new();
            for each in all {
                for text in of(l, *each) {
                    sentence(l, &text);
                    assert!(said.insert(text.clone()), "{text} stands twice");
                }
            }
        }
    }

    #[test]
    fn every_advice_and_movement_has_a_sentence_of_its_own() {
        use Advice::*;
        let all = [
            NoFace,
            OnePersonOnly,
            Nearer,
            Further,
            Centre,
            Level,
            LookAtCamera,
            MoreLight,
            LightBehind,
            LessLight,
            HoldStill,
            Good,
        ];
        all_differ(&all, |l, each| vec![advice(l, each)]);
        let movements = [Movement::TurnLeft, Movement::TurnRight, Movement::Nod, Movement::ComeNearer];
        all_differ(&movements.map(Some), |l, each| vec![movement(l, each)]);
        all_differ(&[None], |l, each| vec![movement(l, each)]);
    }

    #[test]
    fn every_reason_says_what_was_seen_and_what_to_do() {
        use FaceReason::*;
        let all = [
            OtherPerson,
            NotSure,
            NotLive,
            LivenessDoubt,
            MovementMissed,
            MovementWrong,
            FaceLost,
            PersonChanged,
            TooFewFrames,
            FramesDiffer,
            Simulated,
            Unanswered,
        ];
        all_differ(&all, |l, each| {
            let (what, more) = face_reason(l, each);
            assert!(more.ends_with(['。', '.']), "{more}");
            vec![what, more]
        });
    }

    #[test]
    fn a_closed_face_way_says_why() {
        let mut all: Vec<NoFaceOffer> = [
            NoFaceWay::NoReference,
            NoFaceWay::ReferenceUnusable,
            NoFaceWay::NoModels,
            NoFaceWay::Off,
            NoFaceWay::Full,
            NoFaceWay::AttemptsUsed,
            NoFaceWay::SmsFirst,
            NoFaceWay::NoKey,
        ]
        .map(NoFaceOffer::Server)
        .into();
        all.extend([NoFaceOffer::NoRuntime, NoFaceOffer::ModelsBroken(Problem::from(ProblemCode::NotFound))]);
        let all: Vec<&NoFaceOffer> = all.iter().collect();
        all_differ(&all, |l, each| vec![no_face(l, each)]);
    }

    #[test]
    fn what_recruiters_read_is_in_words() {
        use NetworkVerdict::*;
        all_differ(&[Good, SmallPicture, SoundOnly, Weak, NoUdp, Unreachable], |l, each| {
            let (what, more) = network(l, each);
            vec![what, more]
        });
        use ReadinessReason::*;
        let all = [
            NotChecked,
            IdentityOpen,
            IdentityDoubt,
            SpeakerCannot,
            MicrophoneCannot,
            CameraCannot,
            NetworkWeak,
            NetworkNoUdp,
        ];
        all_differ(&all, |l, each| {
            let (word, more) = readiness(l, each);
            assert!(word.chars().count() <= 20, "{word} is too long for a queue's row");
            vec![word, more]
        });
        use Assurance::*;
        all_differ(&[Device, Verified, Simulated, Sms, Staff], |l, each| vec![assurance(l, each)]);
        use IdentityRule::*;
        all_differ(&[NotRequired, FaceOrSms, VerifiedFaceOrSms, SmsThenFace], |l, each| {
            let (name, more) = identity_rule(l, each);
            vec![name, more]
        });
    }
}
