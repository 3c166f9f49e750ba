//! The camera's picture in its oval: the framing guide, the challenge, and the moment the server decides in. One
//! sentence at a time, large and on top, near the lens one looks into; a screen reader hears it once for each change.

use super::art::{HeadArt, OvalMask, Ring};
use super::{SmsInstead, wish};
use crate::bridge::use_hall;
use crate::format::seconds_left;
use crate::i18n::Lang;
use crate::parts::{Button, DeviceKind, DevicePicker, Glyph, Icon, Kind, Picture, PictureOf, Spinner};
use crate::screens::check_steps::DeviceTrouble;
use crate::words;
use dioxus::prelude::*;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::{ChallengeView, FramingView, IdentityStage, IdentityView};
use miantan_domain::model::Advice;

/// The picture with the oval over it.
#[component]
fn FaceView(ring: Ring, good: bool, #[props(default)] absent: Option<String>) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "face-view",
            Picture { of: PictureOf::Own, name: l.tr("frame-own"), absent: absent.clone() }
            if absent.is_none() {
                OvalMask { ring, good }
            }
        }
    }
}

/// What stands around the picture at this moment.
#[derive(Debug, Clone, PartialEq)]
enum Scene {
    Framing(FramingView),
    Challenge(ChallengeView),
}

impl Scene {
    fn of(stage: &IdentityStage) -> Option<Self> {
        match stage {
            IdentityStage::Framing(framing) => Some(Self::Framing(framing.clone())),
            IdentityStage::Challenge(challenge) => Some(Self::Challenge(challenge.clone())),
            IdentityStage::Loading
            | IdentityStage::Failed(_)
            | IdentityStage::Choice
            | IdentityStage::Consent { .. }
            | IdentityStage::Models { .. }
            | IdentityStage::Checking
            | IdentityStage::NotPassed { .. }
            | IdentityStage::Broken(_)
            | IdentityStage::Sms(_) => None,
        }
    }

    const fn test(&self) -> &'static str {
        match self {
            Self::Framing(_) => "framing",
            Self::Challenge(_) => "challenge",
        }
    }

    /// The one sentence.
    fn said(&self, l: Lang) -> String {
        match self {
            Self::Framing(framing) => match framing.advice {
                Some(advice) if is_live(framing) => words::advice(l, advice),
                Some(_) | None => l.tr("frame-title"),
            },
            Self::Challenge(challenge) => words::movement(l, challenge.movement),
        }
    }

    /// Why there is no picture.
    fn absent(&self, l: Lang) -> Option<String> {
        match self {
            Self::Framing(FramingView { problem: Some(_), .. }) => Some(l.tr("frame-none")),
            Self::Framing(framing) if !framing.camera.live => Some(l.tr("frame-starting")),
            Self::Framing(_) | Self::Challenge(_) => None,
        }
    }
}

fn is_live(framing: &FramingView) -> bool {
    framing.camera.live && framing.problem.is_none()
}

/// Guide and challenge are one screen: the picture stays the same canvas, so that nothing flickers when the first
/// movement is asked for.
#[component]
pub(super) fn Live(identity: Box<IdentityView>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let now = hall.now();
    let scene = Scene::of(&identity.stage);
    // Which movement, and the most of its time that was seen: the whole ring.
    let mut most = use_signal(|| (usize::MAX, 0_u64));
    let timed = match &scene {
        Some(Scene::Challenge(challenge)) => challenge.until.map(|until| (challenge.index, until.left(now))),
        Some(Scene::Framing(_)) | None => None,
    };
    use_effect(use_reactive((&timed,), move |(timed,)| {
        let known = *most.peek();
        if let Some((index, left)) = timed
            && (known.0 != index || left > known.1)
        {
            most.set((index, left));
        }
    }));
    let Some(scene) = scene else { return rsx! {} };
    let (ring, good) = match &scene {
        Scene::Framing(framing) => (
            if framing.started { Ring::Steady(framing.steady) } else { Ring::Open },
            framing.advice == Some(Advice::Good),
        ),
        Scene::Challenge(_) => match timed {
            Some((index, left)) => {
                let whole = if most().0 == index { most().1 } else { left };
                (Ring::Left(share(left, whole)), true)
            }
            None => (Ring::Open, true),
        },
    };
    let asks = matches!(scene, Scene::Challenge(_));
    rsx! {
        div { class: "step-body face-step", "data-test": scene.test(),
            div { class: "movement",
                if let Scene::Challenge(challenge) = &scene {
                    HeadArt { movement: challenge.movement }
                }
                h1 {
                    class: "advice",
                    role: "status",
                    "aria-live": if asks { "assertive" } else { "polite" },
                    "aria-atomic": "true",
                    "data-test": "advice",
                    {scene.said(l)}
                }
            }
            FaceView { ring, good, absent: scene.absent(l) }
            match scene.clone() {
                Scene::Framing(framing) => rsx! {
                    FramingNotes { framing, attempts_left: identity.attempts_left }
                },
                Scene::Challenge(challenge) => rsx! {
                    ChallengeNotes { index: challenge.index, of: challenge.of, left: timed.map(|(_, left)| left) }
                },
            }
        }
        footer { class: "step-actions",
            match &scene {
                Scene::Framing(framing) if !framing.started => rsx! {
                    Button {
                        test: "face-start",
                        label: l.tr("frame-start"),
                        disabled: !is_live(framing),
                        onpress: move |()| hall.send(wish(IdentityIntent::Start)),
                    }
                    if identity.phone.is_some() {
                        SmsInstead {}
                    }
                },
                Scene::Framing(_) | Scene::Challenge(_) => rsx! {
                    Button {
                        test: "identity-cancel",
                        label: l.tr("cancel"),
                        kind: Kind::Secondary,
                        onpress: move |()| hall.send(wish(IdentityIntent::Cancel)),
                    }
                },
            }
        }
    }
}

/// Below the picture before an attempt: what is wrong with the camera, what to do, which camera.
#[component]
fn FramingNotes(framing: FramingView, attempts_left: u32) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let several = hall.view().devices.cameras.len() > 1;
    rsx! {
        DeviceTrouble { lang: l, problem: framing.problem }
        p { class: "aside",
            {if framing.started { l.tr("frame-waiting") } else { l.tr("frame-hint") }}
            if !framing.started {
                br {}
                span { "data-test": "attempts-left",
                    {l.tr_with("way-face-left", &[("n", attempts_left.into())])}
                }
            }
        }
        if !framing.started && (several || framing.problem.is_some()) {
            DevicePicker { kind: DeviceKind::Camera }
        }
    }
}

/// Below the picture in an attempt: which movement, and how long it may still take.
#[component]
fn ChallengeNotes(index: usize, of: usize, left: Option<u64>) -> Element {
    let l = use_hall().lang();
    let place = [("place", (index + 1).min(of).into()), ("count", of.into())];
    rsx! {
        div { class: "movement-foot",
            div { class: "dots", role: "img", "aria-label": l.tr_with("movement-place", &place),
                for each in 0..of {
                    span {
                        key: "{each}",
                        class: match each.cmp(&index) {
                            std::cmp::Ordering::Less => "dot done",
                            std::cmp::Ordering::Equal => "dot here",
                            std::cmp::Ordering::Greater => "dot todo",
                        },
                    }
                }
            }
            p { class: "state-line figures", "data-test": "movement-left",
                if let Some(left) = left {
                    {l.tr_with("movement-left-time", &[("n", seconds_left(left).into())])}
                }
            }
        }
    }
}

/// How much of a movement's time is left, 0..1, against the most that was seen of it.
fn share(left: u64, most: u64) -> f32 {
    // a movement's time is a few thousand milliseconds
    #[expect(clippy::cast_precision_loss, reason = "far below 2^24")]
    let share = left as f32 / most.max(1) as f32;
    share.min(1.0)
}

/// The server decides.
#[component]
pub(super) fn Checking() -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "step-body", role: "status", "data-test": "checking",
            div { class: "hero",
                h1 { {l.tr("checking-title")} }
                p { {l.tr("checking-line")} }
            }
            div { class: "stage-art",
                div { class: "disc", Icon { glyph: Glyph::Shield } }
            }
            p { class: "state-line", Spinner {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_client::view::{CameraCheckView, DeviceProblem};

    #[test]
    fn the_ring_empties_with_the_time() {
        assert!((share(4_000, 4_000) - 1.0).abs() < 1e-6);
        assert!((share(2_000, 4_000) - 0.5).abs() < 1e-6);
        assert!(share(0, 4_000).abs() < 1e-6);
        assert!(share(0, 0).abs() < 1e-6);
    }

    #[test]
    fn advice_is_said_only_of_a_picture_that_is_there() {
        let framing = |live, problem| {
            Scene::Framing(FramingView {
                started: false,
                advice: Some(Advice::Nearer),
                steady: 0.0,
                camera: CameraCheckView { live, ..CameraCheckView::default() },
                problem,
            })
        };
        let l = Lang::En;
        assert_eq!(framing(true, None).said(l), words::advice(l, Advice::Nearer));
        assert!(framing(true, None).absent(l).is_none());
        assert_eq!(framing(false, None).said(l), l.tr("frame-title"));
        assert!(framing(false, None).absent(l).is_some());
        let refused = framing(true, Some(DeviceProblem::CameraRefused));
        assert_ne!(refused.said(l), words::advice(l, Advice::Nearer));
        assert_ne!(refused.absent(l), framing(false, None).absent(l));
    }
}
