//! What is drawn over the camera's picture: the oval with its ring, and a small head that shows the movement asked
//! for. The picture is a mirror, so the person's left is the screen's left. With reduced motion the head stands in the
//! pose asked for.

use dioxus::prelude::*;
use miantan_domain::model::Movement;

/// The oval on a ground of 300 × 400: its middle is where the guide wants the face's ([`CENTRE`]), and a face that
/// fills it is neither too near nor too far.
///
/// [`CENTRE`]: miantan_domain::rules::identity::CENTRE
const OVAL: &str = "M150 52a96 126 0 1 1-.01 0z";

/// What the ring around the oval shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ring {
    /// Nothing yet.
    Open,
    /// How much of the steady moment has passed, 0..1.
    Steady(f32),
    /// How much of a movement's time is left, 0..1.
    Left(f32),
}

impl Ring {
    const fn kind(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Steady(_) => "steady",
            Self::Left(_) => "left",
        }
    }

    /// Percent that is drawn.
    fn share(self) -> f32 {
        match self {
            Self::Steady(share) | Self::Left(share) if share.is_finite() => share.clamp(0.0, 1.0) * 100.0,
            Self::Open | Self::Steady(_) | Self::Left(_) => 0.0,
        }
    }
}

#[component]
pub(super) fn OvalMask(ring: Ring, good: bool) -> Element {
    let share = ring.share();
    rsx! {
        svg {
            class: "oval",
            view_box: "0 0 300 400",
            preserve_aspect_ratio: "xMidYMid slice",
            "data-ring": ring.kind(),
            "data-good": good,
            "aria-hidden": "true",
            // Far beyond the ground: a wider view shows more of it.
            path { class: "around", d: "M-600-600h1500v1600h-1500z{OVAL}", fill_rule: "evenodd" }
            path { class: "line", d: OVAL }
            path { class: "ring", d: OVAL, "pathLength": "100", stroke_dasharray: "{share:.1} 200" }
        }
    }
}

/// How the little head moves.
const fn pose(movement: Option<Movement>) -> &'static str {
    match movement {
        Some(Movement::TurnLeft) => "left",
        Some(Movement::TurnRight) => "right",
        Some(Movement::Nod) => "nod",
        Some(Movement::ComeNearer) => "nearer",
        None => "straight",
    }
}

#[component]
pub(super) fn HeadArt(movement: Option<Movement>) -> Element {
    let pose = pose(movement);
    rsx! {
        // A new element for each movement, so that each begins from the straight pose.
        svg {
            key: "{pose}",
            class: "head-art",
            view_box: "0 0 96 64",
            "data-pose": pose,
            "aria-hidden": "true",
            g { class: "head",
                ellipse { cx: "48", cy: "32", rx: "20", ry: "25" }
                g { class: "features",
                    path { d: "M40 28v2M56 28v2M48 32v5M42.500 44c3 2.500 8 2.500 11 0" }
                }
            }
            path { class: "arrow to-left", d: "M18 22L8 32l10 10M8 32h13" }
            path { class: "arrow to-right", d: "M78 22l10 10-10 10M88 32H75" }
            path { class: "arrow to-down", d: "M82 26l7 8 7-8M89 34V18" }
            path { class: "arrow to-near", d: "M20 12l-9-7M76 12l9-7M20 52l-9 7M76 52l9 7" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_never_more_than_whole_and_never_no_number() {
        for (ring, share) in [
            (Ring::Open, 0.0),
            (Ring::Steady(0.5), 50.0),
            (Ring::Steady(1.7), 100.0),
            (Ring::Left(-0.2), 0.0),
            (Ring::Left(f32::NAN), 0.0),
        ] {
            assert!((ring.share() - share).abs() < f32::EPSILON, "{ring:?}");
        }
    }
}
