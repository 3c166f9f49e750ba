//! What is wrong with one picture. Limits and their order are `spec.guidance` of the reference values
//! (shared `faces/expected.json`); back light and movement are defined here.

use crate::model::{Advice, FaceFacts, FrameFacts, Framing};

/// A second face this high against the largest is another person.
pub(super) const SECOND_HEIGHT: f32 = 0.35;
/// Share of the box that must be inside the frame.
const INSIDE: f32 = 0.92;
/// The box this near to the left, right or lower edge (share of the side) is cut off.
const EDGE: f32 = 0.02;
/// Box width over the shorter side.
const FAR: f32 = 0.25;
const NEAR: f32 = 0.70;
/// Pixels between the eyes.
const EYES: f32 = 40.0;
/// Where the middle of the face belongs (share of the sides), and how far off it may be.
pub const CENTRE: (f32, f32) = (0.5, 0.45);
const OFF: (f32, f32) = (0.15, 0.20);
/// Degrees.
const YAW: f32 = 20.0;
const ROLL: f32 = 15.0;
const DOWN: f32 = 25.0;
const UP: f32 = -20.0;
/// The 95th percentile, not the mean: dark skin is not a dark picture.
const DARK: f32 = 90.0;
/// Share of burnt-out luma.
const BURNT: f32 = 0.40;
const BLURRED: f32 = 25.0;
/// Light behind: even the face's brightest twentieth is under this, and the surroundings are brighter than it by the margin:
/// the camera has closed itself for what is behind. Set by hand from the reference pictures: a dark-haired man before
/// a bright wall (`framing/ok`, 205 against 160) has a bright enough face and does not trip it. `live/real_3_hard`
/// does not either: its face is exposed well, what is odd there is the light from the side.
const BACK_FACE: f32 = 150.0;
const BACK_BRIGHTER: f32 = 30.0;

/// Everything wrong with a picture, worst first; empty: good. What needs two pictures ([`Framing::Moving`]) is not
/// here, see [`super::guide`]. Numbers that are none (NaN) count as "no face".
pub fn framing(facts: &FrameFacts) -> Vec<Framing> {
    let Some(face) = facts.face.filter(|face| usable(facts, face)) else { return vec![Framing::NoFace] };
    let [x, y, w, h] = face.bounds;
    let (width, height) = (facts.width, facts.height);
    let inside_w = (x + w).min(width) - x.max(0.0);
    let inside_h = (y + h).min(height) - y.max(0.0);
    let inside = inside_w.max(0.0) * inside_h.max(0.0) / (w * h);
    let at_edge = x < EDGE * width || x + w > (1.0 - EDGE) * width || y + h > (1.0 - EDGE) * height;
    let relative = w / width.min(height);
    let far = relative < FAR;
    let (cx, cy) = ((x + w / 2.0) / width, (y + h / 2.0) / height);
    let found = [
        (Framing::MultipleFaces, facts.second_height >= SECOND_HEIGHT),
        (Framing::CutOff, inside < INSIDE || at_edge),
        (Framing::TooFar, far),
        (Framing::LowResolution, !far && face.eye_distance < EYES * scale(facts)),
        (Framing::TooClose, relative > NEAR),
        (Framing::OffCentre, (cx - CENTRE.0).abs() > OFF.0 || (cy - CENTRE.1).abs() > OFF.1),
        (Framing::Tilted, face.roll.abs() > ROLL),
        (Framing::Turned, face.yaw.abs() > YAW),
        (Framing::LookingDown, face.pitch > DOWN),
        (Framing::LookingUp, face.pitch < UP),
        (Framing::TooDark, face.luma_p95 < DARK),
        (Framing::BackLit, back_lit(&face)),
        (Framing::TooBright, face.saturated > BURNT),
        (Framing::Blurred, face.sharpness < BLURRED),
    ];
    found.into_iter().filter(|(_, wrong)| *wrong).map(|(what, _)| what).collect()
}

/// The limit for the eyes is given for work pictures of up to 640; a preview of half that has half the pixels.
fn scale(facts: &FrameFacts) -> f32 {
    if facts.preview { 0.5 } else { 1.0 }
}

fn back_lit(face: &FaceFacts) -> bool {
    face.luma_p95 < BACK_FACE && face.surround_luma - face.luma_p95 > BACK_BRIGHTER
}

fn usable(facts: &FrameFacts, face: &FaceFacts) -> bool {
    let [_, _, w, h] = face.bounds;
    let numbers = [
        face.bounds[0],
        face.bounds[1],
        w,
        h,
        face.score,
        face.eye_distance,
        face.yaw,
        face.pitch,
        face.roll,
        face.luma_p95,
        face.luma_median,
        face.saturated,
        face.surround_luma,
        face.sharpness,
        facts.second_height,
    ];
    facts.width > 0.0 && facts.height > 0.0 && w > 0.0 && h > 0.0 && numbers.iter().all(|n| n.is_finite())
}

/// The sentence for a fault.
pub const fn advice(framing: Framing) -> Advice {
    match framing {
        Framing::NoFace => Advice::NoFace,
        Framing::MultipleFaces => Advice::OnePersonOnly,
        Framing::CutOff | Framing::OffCentre => Advice::Centre,
        Framing::TooFar | Framing::LowResolution => Advice::Nearer,
        Framing::TooClose => Advice::Further,
        Framing::Tilted => Advice::Level,
        Framing::Turned | Framing::LookingDown | Framing::LookingUp => Advice::LookAtCamera,
        Framing::TooDark => Advice::MoreLight,
        Framing::BackLit => Advice::LightBehind,
        Framing::TooBright => Advice::LessLight,
        Framing::Moving | Framing::Blurred => Advice::HoldStill,
    }
}
