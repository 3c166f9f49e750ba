//! Sentences for every state and problem the core can name: what happened, whether anything was lost, what to
//! do next. Each `match` is complete, so that a new variant does not compile without its sentence.

mod identity;

pub use identity::*;

use crate::i18n::Lang;
use miantan_client::platform::LocalNote;
use miantan_client::view::{
    AudioRoute, CallQuality, CannotHere, DeviceProblem, NoticeWhat, RemotePause, SoundTo, VideoStep,
};
use miantan_domain::model::{CheckInStep, MemberRole, Outcome, Presence, Side, Stage};
use miantan_domain::rules::call::{EndReason, Interruption};
use miantan_domain::rules::check_in::Hint;
use miantan_domain::wire::ProblemCode;

/// A problem in one or two sentences.
pub fn problem(l: Lang, code: ProblemCode) -> String {
    match code {
        ProblemCode::Malformed => l.tr("problem-malformed"),
        ProblemCode::UnknownKind => l.tr("problem-unknown-kind"),
        ProblemCode::TooLarge => l.tr("problem-too-large"),
        ProblemCode::TooMany => l.tr("problem-too-many"),
        ProblemCode::VersionUnsupported => l.tr("problem-version"),
        ProblemCode::NotFound => l.tr("problem-not-found"),
        ProblemCode::NotSignedIn => l.tr("problem-not-signed-in"),
        ProblemCode::ReplacedByDevice => l.tr("problem-replaced"),
        ProblemCode::NotAllowed => l.tr("problem-not-allowed"),
        ProblemCode::CodeWrong => l.tr("problem-code-wrong"),
        ProblemCode::CodeUsed => l.tr("problem-code-used"),
        ProblemCode::CodeExpired => l.tr("problem-code-expired"),
        ProblemCode::CodeTooEarly => l.tr("problem-code-too-early"),
        ProblemCode::CodeCancelled => l.tr("problem-code-cancelled"),
        ProblemCode::PasswordNeeded => l.tr("problem-password-needed"),
        ProblemCode::PasswordWrong => l.tr("problem-password-wrong"),
        ProblemCode::CredentialsWrong => l.tr("problem-credentials-wrong"),
        ProblemCode::SlowDown => l.tr("problem-slow-down"),
        ProblemCode::StageWrong => l.tr("problem-stage-wrong"),
        ProblemCode::TicketUnknown => l.tr("problem-ticket-unknown"),
        ProblemCode::TicketClosed => l.tr("problem-ticket-closed"),
        ProblemCode::IdentityNeeded => l.tr("problem-identity-needed"),
        ProblemCode::OutcomePending => l.tr("problem-outcome-pending"),
        ProblemCode::OutcomeMissing => l.tr("problem-outcome-missing"),
        ProblemCode::NotAnnounced => l.tr("problem-not-announced"),
        ProblemCode::AlreadyConfirmed => l.tr("problem-already-confirmed"),
        ProblemCode::TextTooLong => l.tr("problem-text-too-long"),
        ProblemCode::TextEmpty => l.tr("problem-text-empty"),
        ProblemCode::CandidateBusy => l.tr("problem-candidate-busy"),
        ProblemCode::RecruiterBusy => l.tr("problem-recruiter-busy"),
        ProblemCode::NotesFull => l.tr("problem-notes-full"),
        ProblemCode::CallUnknown => l.tr("problem-call-unknown"),
        ProblemCode::CallOver => l.tr("problem-call-over"),
        ProblemCode::SignalBad => l.tr("problem-signal-bad"),
        ProblemCode::PhoneBad => l.tr("problem-phone-bad"),
        ProblemCode::SmsCodeWrong => l.tr("problem-sms-code-wrong"),
        ProblemCode::SmsCodeExpired => l.tr("problem-sms-code-expired"),
        ProblemCode::SmsTriesUsed => l.tr("problem-sms-tries-used"),
        ProblemCode::SmsTooSoon => l.tr("problem-sms-too-soon"),
        ProblemCode::SmsLimit => l.tr("problem-sms-limit"),
        ProblemCode::SmsFailed => l.tr("problem-sms-failed"),
        ProblemCode::UnderAge => l.tr("problem-under-age"),
        ProblemCode::ProfileNeeded => l.tr("problem-profile-needed"),
        ProblemCode::ConsentNeeded => l.tr("problem-consent-needed"),
        ProblemCode::ResumeChanged => l.tr("problem-resume-changed"),
        ProblemCode::ResumeTooLong => l.tr("problem-resume-too-long"),
        ProblemCode::FairClosed => l.tr("problem-fair-closed"),
        ProblemCode::PositionClosed => l.tr("problem-position-closed"),
        ProblemCode::AlreadyApplied => l.tr("problem-already-applied"),
        ProblemCode::ResumeMissing => l.tr("problem-resume-missing"),
        ProblemCode::ConversationBlocked => l.tr("problem-conversation-blocked"),
        ProblemCode::InvitationUnknown => l.tr("problem-invitation-unknown"),
        ProblemCode::InvitationOver => l.tr("problem-invitation-over"),
        ProblemCode::InvitationChanged => l.tr("problem-invitation-changed"),
        ProblemCode::InvitationTimePast => l.tr("problem-invitation-time-past"),
        ProblemCode::InvitationTermsBad => l.tr("problem-invitation-terms-bad"),
        ProblemCode::FileTypeRefused => l.tr("problem-file-type-refused"),
        ProblemCode::FileTooLarge => l.tr("problem-file-too-large"),
        ProblemCode::FileBroken => l.tr("problem-file-broken"),
        ProblemCode::UploadOffset => l.tr("problem-upload-offset"),
        ProblemCode::UploadIncomplete => l.tr("problem-upload-incomplete"),
        ProblemCode::FileUnknown => l.tr("problem-file-unknown"),
        ProblemCode::UsccBad => l.tr("problem-uscc-bad"),
        ProblemCode::NameBad => l.tr("problem-name-bad"),
        ProblemCode::PasswordWeak => l.tr("problem-password-weak"),
        ProblemCode::EmployerKnown => l.tr("problem-employer-known"),
        ProblemCode::RegistrationOver => l.tr("problem-registration-over"),
        ProblemCode::MemberKnown => l.tr("problem-member-known"),
        ProblemCode::LastOwner => l.tr("problem-last-owner"),
        ProblemCode::PositionBad => l.tr("problem-position-bad"),
        ProblemCode::RoundBad => l.tr("problem-round-bad"),
        ProblemCode::FaceUnavailable => l.tr("problem-face-unavailable"),
        ProblemCode::AttemptsUsed => l.tr("problem-attempts-used"),
        ProblemCode::AttemptOver => l.tr("problem-attempt-over"),
        ProblemCode::ReportBad => l.tr("problem-report-bad"),
        ProblemCode::ModelsDiffer => l.tr("problem-models-differ"),
        ProblemCode::OtherDevice => l.tr("problem-other-device"),
        ProblemCode::NumberMissing => l.tr("problem-number-missing"),
        ProblemCode::ServerStorage => l.tr("problem-server-storage"),
        ProblemCode::TimedOut => l.tr("problem-timed-out"),
        ProblemCode::Offline => l.tr("problem-offline"),
        ProblemCode::StorageFailed => l.tr("problem-storage"),
        ProblemCode::Internal => l.tr("problem-internal"),
        ProblemCode::Unknown => l.tr("problem-unknown"),
    }
}

/// A server that could not be reached while choosing it: an address is in question, not a change.
pub fn server_problem(l: Lang, code: ProblemCode) -> String {
    match code {
        ProblemCode::Offline | ProblemCode::TimedOut => l.tr("server-unreachable"),
        ProblemCode::NotFound | ProblemCode::Malformed | ProblemCode::Unknown | ProblemCode::UnknownKind => {
            l.tr("server-not-miantan")
        }
        other => problem(l, other),
    }
}

/// How a call ended, as one side should read it: heading and explanation.
pub fn end_reason(l: Lang, reason: EndReason, side: Side) -> (String, String) {
    match (reason, side) {
        (EndReason::Declined, Side::Candidate) => (l.tr("end-declined-mine"), l.tr("end-declined-mine-more")),
        (EndReason::Missed, Side::Candidate) => (l.tr("end-missed-mine"), l.tr("end-missed-mine-more")),
        (EndReason::LeftByCandidate, Side::Candidate) => (l.tr("end-left-mine"), l.tr("end-left-mine-more")),
        _ => end_reason_seen(l, reason),
    }
}

fn end_reason_seen(l: Lang, reason: EndReason) -> (String, String) {
    match reason {
        EndReason::Declined => (l.tr("end-declined"), l.tr("end-declined-more")),
        EndReason::Missed => (l.tr("end-missed"), l.tr("end-missed-more")),
        EndReason::Unreachable => (l.tr("end-unreachable"), l.tr("end-unreachable-more")),
        EndReason::Cancelled => (l.tr("end-cancelled"), l.tr("end-cancelled-more")),
        EndReason::ConnectFailed => (l.tr("end-connect-failed"), l.tr("end-connect-failed-more")),
        EndReason::Completed => (l.tr("end-completed"), l.tr("end-completed-more")),
        EndReason::LeftByCandidate => (l.tr("end-left"), l.tr("end-left-more")),
        EndReason::Lost => (l.tr("end-lost"), l.tr("end-lost-more")),
        EndReason::AnsweredElsewhere => (l.tr("end-elsewhere"), l.tr("end-elsewhere-more")),
    }
}

/// Why a call stands still, and on which side: heading and explanation. `connected`: this device does reach the
/// server, so that it is not for sure its own network that broke the media.
pub fn interruption(l: Lang, why: Interruption, mine: bool, connected: bool) -> (String, String) {
    match (why, mine) {
        (Interruption::Network, true) if connected => (l.tr("cut-network"), l.tr("cut-network-more")),
        (Interruption::Network, true) => (l.tr("cut-network-mine"), l.tr("cut-network-mine-more")),
        (Interruption::Network, false) => (l.tr("cut-network-other"), l.tr("cut-network-other-more")),
        (Interruption::PhoneCall, true) => (l.tr("cut-phone-mine"), l.tr("cut-phone-mine-more")),
        (Interruption::PhoneCall, false) => (l.tr("cut-phone-other"), l.tr("cut-phone-other-more")),
        (Interruption::DeviceGone, true) => (l.tr("cut-gone-mine"), l.tr("cut-gone-mine-more")),
        (Interruption::DeviceGone, false) => (l.tr("cut-gone-other"), l.tr("cut-gone-other-more")),
    }
}

/// A device problem with the way out.
pub fn device_problem(l: Lang, problem: DeviceProblem) -> String {
    match problem {
        DeviceProblem::NoCamera => l.tr("device-no-camera"),
        DeviceProblem::CameraRefused => l.tr("device-camera-refused"),
        DeviceProblem::CameraLost => l.tr("device-camera-lost"),
        DeviceProblem::NoMicrophone => l.tr("device-no-microphone"),
        DeviceProblem::MicrophoneRefused => l.tr("device-microphone-refused"),
        DeviceProblem::MicrophoneLost => l.tr("device-microphone-lost"),
        DeviceProblem::NoSpeaker => l.tr("device-no-speaker"),
        DeviceProblem::SpeakerLost => l.tr("device-speaker-lost"),
    }
}

/// What may help in a check: heading and explanation. The hotline's heading is the number itself.
pub fn hint(l: Lang, hint: Hint, step: CheckInStep) -> (String, String) {
    match (hint, step) {
        (Hint::Muted, _) => (l.tr("hint-muted"), l.tr("hint-muted-more")),
        (Hint::VolumeLow, _) => (l.tr("hint-volume"), l.tr("hint-volume-more")),
        (Hint::SwitchDevice, CheckInStep::Microphone) => {
            (l.tr("hint-microphone"), l.tr("hint-microphone-more"))
        }
        (Hint::SwitchDevice, CheckInStep::Camera) => (l.tr("hint-camera"), l.tr("hint-camera-more")),
        (Hint::SwitchDevice, _) => (l.tr("hint-speaker"), l.tr("hint-speaker-more")),
        (Hint::SwitchNetwork, _) => (l.tr("hint-network"), l.tr("hint-network-more")),
        (Hint::Hotline, _) => (l.tr("hint-hotline"), l.tr("hint-hotline-more")),
    }
}

/// A notification of the system while the window is not in front: title and one line. Never what was said.
pub fn local_note(l: Lang, note: &LocalNote) -> (String, String) {
    match note {
        LocalNote::Message { from, unread, .. } => {
            (from.clone(), l.tr_with("local-messages", &[("n", (*unread).into())]))
        }
        LocalNote::InterviewSoon { round_name, .. } => (
            l.tr("local-interview"),
            l.tr_with("notice-interview-soon", &[("round", round_name.clone().into())]),
        ),
    }
}

/// A notice of the session.
pub fn notice(l: Lang, what: &NoticeWhat) -> String {
    match what {
        NoticeWhat::Refused(refused) => problem(l, refused.code),
        NoticeWhat::Saved { name, .. } => l.tr_with("notice-saved", &[("name", name.clone().into())]),
        NoticeWhat::InterviewSoon { round_name, .. } => {
            l.tr_with("notice-interview-soon", &[("round", round_name.clone().into())])
        }
        NoticeWhat::SessionMoved => l.tr("notice-moved"),
        NoticeWhat::SessionOver => l.tr("notice-over"),
        NoticeWhat::StorageFailed => l.tr("notice-storage"),
        NoticeWhat::StorageReplaced => l.tr("notice-storage-replaced"),
        NoticeWhat::CannotHere(CannotHere::OpenSettings) => l.tr("notice-cannot-settings"),
        NoticeWhat::CannotHere(CannotHere::Dial) => l.tr("notice-cannot-dial"),
    }
}

pub fn stage(l: Lang, stage: Stage) -> String {
    match stage {
        Stage::Briefing => l.tr("stage-briefing"),
        Stage::Interview => l.tr("stage-interview"),
        Stage::Announcement => l.tr("stage-announcement"),
        Stage::Closed => l.tr("stage-closed"),
    }
}

pub fn step(l: Lang, step: CheckInStep) -> String {
    match step {
        CheckInStep::Code => l.tr("step-code"),
        CheckInStep::Password => l.tr("step-password"),
        CheckInStep::Identity => l.tr("step-identity"),
        CheckInStep::Speaker => l.tr("step-speaker"),
        CheckInStep::Microphone => l.tr("step-microphone"),
        CheckInStep::Camera => l.tr("step-camera"),
        CheckInStep::Network => l.tr("step-network"),
    }
}

pub fn presence(l: Lang, presence: Presence) -> String {
    match presence {
        Presence::Offline => l.tr("presence-offline"),
        Presence::Online => l.tr("presence-online"),
        Presence::Ready => l.tr("presence-ready"),
        Presence::OnPhoneCall => l.tr("presence-phone"),
    }
}

pub fn outcome(l: Lang, outcome: Outcome) -> String {
    match outcome {
        Outcome::Suitable => l.tr("outcome-suitable"),
        Outcome::Unsuitable => l.tr("outcome-unsuitable"),
        Outcome::Pending => l.tr("outcome-pending"),
    }
}

pub fn role(l: Lang, role: MemberRole) -> String {
    match role {
        MemberRole::Owner => l.tr("role-owner"),
        MemberRole::Recruiter => l.tr("role-recruiter"),
        MemberRole::Panellist => l.tr("role-panellist"),
    }
}

pub fn quality(l: Lang, quality: CallQuality) -> String {
    match quality {
        CallQuality::Unknown => l.tr("quality-unknown"),
        CallQuality::Good => l.tr("quality-good"),
        CallQuality::Fair => l.tr("quality-fair"),
        CallQuality::Poor => l.tr("quality-poor"),
        CallQuality::Lost => l.tr("quality-lost"),
    }
}

/// What the network takes from the own picture; `None`: nothing.
pub fn sending(l: Lang, step: VideoStep) -> Option<String> {
    match step {
        VideoStep::Full => None,
        VideoStep::Medium => Some(l.tr("call-ladder-medium")),
        VideoStep::Small => Some(l.tr("call-ladder-small")),
        VideoStep::AudioOnly => Some(l.tr("call-ladder-audio")),
    }
}

/// Where the sound goes.
pub fn sound_to(l: Lang, to: &SoundTo) -> String {
    let named = |name: &String| l.tr_with("call-sound-to", &[("name", name.clone().into())]);
    match to {
        SoundTo::Named(name) | SoundTo::Route(AudioRoute::Bluetooth(Some(name))) => named(name),
        SoundTo::Route(AudioRoute::Bluetooth(None)) => l.tr("call-sound-bluetooth"),
        SoundTo::Route(AudioRoute::Earpiece) => l.tr("call-sound-earpiece"),
        SoundTo::Route(AudioRoute::Loudspeaker) => l.tr("call-sound-loudspeaker"),
        SoundTo::Route(AudioRoute::Wired) => l.tr("call-sound-wired"),
    }
}

/// Why there is no picture of the other side. Nothing said is a camera that is off.
pub fn no_remote_picture(l: Lang, why: Option<RemotePause>, name: &str) -> String {
    let key = match why {
        None | Some(RemotePause::CameraOff) => "remote-camera-off",
        Some(RemotePause::Network) => "remote-pause-network",
        Some(RemotePause::PhoneCall) => "remote-pause-phone",
        Some(RemotePause::Away) => "remote-pause-away",
    };
    l.tr_with(key, &[("name", name.to_owned().into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sentence, not a key and not the other language's.
    pub(super) fn sentence(l: Lang, text: &str) {
        assert!(text.chars().count() >= 2, "{text}");
        assert!(!text.contains('{'), "{text}");
        let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert_eq!(chinese, l == Lang::Zh, "{} {text}", l.code());
    }

    #[test]
    fn every_problem_has_a_sentence_of_its_own() {
        for l in Lang::ALL {
            let mut said = std::collections::BTreeSet::new();
            for &code in ProblemCode::ALL {
                let text = problem(l, code);
                sentence(l, &text);
                sentence(l, &server_problem(l, code));
                assert!(said.insert(text.clone()), "{code}: {text}");
                assert!(text.ends_with(['。', '.', '？', '?']), "{code}: {text}");
            }
        }
    }

    #[test]
    fn a_weak_network_is_said_in_words() {
        let zh = |step| sending(Lang::Zh, step);
        assert_eq!(zh(VideoStep::Full), None);
        assert_eq!(zh(VideoStep::Medium).as_deref(), Some("网络较弱，已降低画质"));
        assert_eq!(zh(VideoStep::Small).as_deref(), Some("网络很弱，画面已缩小，优先保证声音"));
        assert_eq!(zh(VideoStep::AudioOnly).as_deref(), Some("网络很弱，暂时只有声音，好转后自动恢复画面"));
        let gone = |why| no_remote_picture(Lang::Zh, Some(why), "王敏");
        assert_eq!(gone(RemotePause::Network), "王敏 的网络很弱，暂时只有声音");
        assert_eq!(gone(RemotePause::PhoneCall), "王敏 正在接电话");
        for l in Lang::ALL {
            let mut said = std::collections::BTreeSet::new();
            for step in [VideoStep::Medium, VideoStep::Small, VideoStep::AudioOnly] {
                let text = sending(l, step).unwrap();
                sentence(l, &text);
                assert!(said.insert(text));
            }
            for to in [
                AudioRoute::Earpiece,
                AudioRoute::Loudspeaker,
                AudioRoute::Wired,
                AudioRoute::Bluetooth(None),
                AudioRoute::Bluetooth(Some("FreeBuds".into())),
            ] {
                let text = sound_to(l, &SoundTo::Route(to));
                sentence(l, &text);
                assert!(said.insert(text));
            }
            let reasons =
                [RemotePause::CameraOff, RemotePause::Network, RemotePause::PhoneCall, RemotePause::Away];
            for why in reasons {
                let text = no_remote_picture(l, Some(why), if l == Lang::Zh { "王敏" } else { "Wang" });
                sentence(l, &text);
                assert!(said.insert(text));
            }
        }
    }

    #[test]
    fn every_end_interruption_device_and_hint_has_sentences() {
        for l in Lang::ALL {
            for reason in [
                EndReason::Declined,
                EndReason::Missed,
                EndReason::Unreachable,
                EndReason::Cancelled,
                EndReason::ConnectFailed,
                EndReason::Completed,
                EndReason::LeftByCandidate,
                EndReason::Lost,
                EndReason::AnsweredElsewhere,
            ] {
                for side in [Side::Candidate, Side::Recruiter] {
                    let (heading, more) = end_reason(l, reason, side);
                    sentence(l, &heading);
                    sentence(l, &more);
                }
            }
            for why in [Interruption::Network, Interruption::PhoneCall, Interruption::DeviceGone] {
                for (mine, connected) in [(true, true), (true, false), (false, true), (false, false)] {
                    let (heading, more) = interruption(l, why, mine, connected);
                    sentence(l, &heading);
                    sentence(l, &more);
                }
                assert_ne!(interruption(l, why, true, true), interruption(l, why, false, true));
            }
            for problem in [
                DeviceProblem::NoCamera,
                DeviceProblem::CameraRefused,
                DeviceProblem::CameraLost,
                DeviceProblem::NoMicrophone,
                DeviceProblem::MicrophoneRefused,
                DeviceProblem::MicrophoneLost,
                DeviceProblem::NoSpeaker,
                DeviceProblem::SpeakerLost,
            ] {
                sentence(l, &device_problem(l, problem));
            }
            for step in
                [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera, CheckInStep::Network]
            {
                for &each in Hint::of(step) {
                    let (heading, more) = hint(l, each, step);
                    sentence(l, &heading);
                    sentence(l, &more);
                }
            }
            for what in [
                NoticeWhat::SessionMoved,
                NoticeWhat::SessionOver,
                NoticeWhat::StorageFailed,
                NoticeWhat::StorageReplaced,
                NoticeWhat::CannotHere(CannotHere::OpenSettings),
                NoticeWhat::CannotHere(CannotHere::Dial),
            ] {
                sentence(l, &notice(l, &what));
            }
        }
    }

    #[test]
    fn short_words_are_in_the_language() {
        for l in Lang::ALL {
            for each in [Stage::Briefing, Stage::Interview, Stage::Announcement, Stage::Closed] {
                sentence(l, &stage(l, each));
            }
            for each in [Presence::Offline, Presence::Online, Presence::Ready, Presence::OnPhoneCall] {
                sentence(l, &presence(l, each));
            }
            for each in [Outcome::Suitable, Outcome::Unsuitable, Outcome::Pending] {
                sentence(l, &outcome(l, each));
            }
            for each in [MemberRole::Owner, MemberRole::Recruiter, MemberRole::Panellist] {
                sentence(l, &role(l, each));
            }
            for each in [
                CallQuality::Unknown,
                CallQuality::Good,
                CallQuality::Fair,
                CallQuality::Poor,
                CallQuality::Lost,
            ] {
                sentence(l, &quality(l, each));
            }
            for each in
                [CheckInStep::Code, CheckInStep::Password, CheckInStep::Identity, CheckInStep::Speaker]
            {
                sentence(l, &step(l, each));
            }
        }
    }
}
