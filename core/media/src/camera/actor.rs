//! A camera without a device that shows a person: a still, bent in depth so that the head turns, nods and comes nearer.
//! For the demo and tests of the face check only; it exists with the feature `synthetic` and says so wherever it is used.
//!
//! The head is a dome over the face's box with a bump for the nose. A turn shifts each point sideways by its depth
//! (parallax), a nod shifts it downwards, coming nearer enlarges the picture about the face: enough for landmarks to move as
//! those of a living head do. Straight on, it is the still itself with a breath of movement and of noise.
//!
//! With a *play* it performs its movements whatever is asked, as a film recorded before does.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage};
use miantan_domain::model::Movement;

use super::{CameraSource, synthetic::pace};
use crate::frame::{I420Frame, now_ms};
use crate::problem::MediaProblem;

/// Sides of the picture, upright as a phone's.
const SIDES: (u32, u32) = (480, 640);
const RATE: u32 = 30;
/// The still fills the width where the face's box then has a share of it between these; else the face is made so wide.
const WIDE: (f32, f32) = (0.40, 0.56);
/// Where the face's middle is put (shares of the sides).
const MIDDLE: (f32, f32) = (0.5, 0.46);
/// Where the face is when nobody says: the middle of a portrait, as shares of its sides.
const PORTRAIT: [f32; 4] = [0.20, 0.17, 0.60, 0.66];
/// Half axes of the dome, in boxes.
const DOME: (f32, f32) = (0.72, 0.72);
/// The nose's middle below that of the box, and how broad it is, in boxes.
const NOSE: (f32, f32) = (0.10, 0.13);
/// Shifts of a whole turn and a whole nod, in widths and heights of the box: of the dome's top and of the nose on it.
/// Measured with the models of the face check (`core/client/examples/actor_probe.rs`) on people/a2, c1, d2 and the prints:
/// turns of 21° to 30°, nods of 20°, coming nearer of 1.24 to 1.37.
const TURN: (f32, f32) = (0.16, 0.13);
const NOD: (f32, f32) = (0.08, 0.075);
/// A whole step nearer.
const NEARER: f32 = 0.33;
/// A movement takes so long each way, s.
const MOVING: f32 = 0.45;
/// Someone needs so long to understand what is asked.
const REACTION: Duration = Duration::from_millis(250);
/// A film: still for so long at first and between movements, and each movement held so long, ms.
const FILM_STILL_MS: u64 = 3_000;
const FILM_BETWEEN_MS: u64 = 1_000;
const FILM_HELD_MS: u64 = 900;
/// Points of the displacement grid are so many samples apart.
const CELL: usize = 8;

/// What the person before the camera is asked for; shared between the session and the camera.
#[derive(Debug, Clone, Default)]
pub struct Cue(Arc<AtomicU8>);

impl Cue {
    pub fn ask(&self, movement: Option<Movement>) {
        self.0.store(movement.map_or(0, code), Ordering::Relaxed);
    }

    fn asked(&self) -> Option<Movement> {
        let asked = self.0.load(Ordering::Relaxed);
        ALL.into_iter().find(|movement| code(*movement) == asked)
    }
}

impl PartialEq for Cue {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Cue {}

const ALL: [Movement; 4] = [Movement::TurnLeft, Movement::TurnRight, Movement::Nod, Movement::ComeNearer];

const fn code(movement: Movement) -> u8 {
    match movement {
        Movement::TurnLeft => 1,
        Movement::TurnRight => 2,
        Movement::Nod => 3,
        Movement::ComeNearer => 4,
    }
}

/// Who acts and how: `PATH[#x,y,w,h][;play=left,right,nod,nearer]`; the face's box in pixels of the upright picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    pub picture: PathBuf,
    pub face: Option<[f32; 4]>,
    pub film: Option<Vec<Movement>>,
}

impl std::str::FromStr for Role {
    type Err = MediaProblem;

    fn from_str(text: &str) -> Result<Self, MediaProblem> {
        let bad = |what: &str| MediaProblem::Codec(format!("synthetic person: {what} in {text:?}"));
        let mut parts = text.split(';');
        let (picture, face) = match parts.next().unwrap_or_default().split_once('#') {
            None => (text.split(';').next().unwrap_or_default(), None),
            Some((picture, face)) => {
                let numbers: Result<Vec<f32>, _> = face.split(',').map(str::parse).collect();
                let numbers = numbers.ok().and_then(|numbers| <[f32; 4]>::try_from(numbers).ok());
                (picture, Some(numbers.ok_or_else(|| bad("no box x,y,w,h"))?))
            }
        };
        let mut film = None;
        for part in parts {
            let moves = part.strip_prefix("play=").ok_or_else(|| bad("an unknown part"))?;
            let moves: Option<Vec<Movement>> = moves.split(',').map(movement).collect();
            film = Some(moves.ok_or_else(|| bad("an unknown movement"))?);
        }
        if picture.is_empty() {
            return Err(bad("no picture"));
        }
        Ok(Self { picture: picture.into(), face, film })
    }
}

fn movement(word: &str) -> Option<Movement> {
    match word {
        "left" => Some(Movement::TurnLeft),
        "right" => Some(Movement::TurnRight),
        "nod" => Some(Movement::Nod),
        "nearer" => Some(Movement::ComeNearer),
        _ => None,
    }
}

pub(super) struct Actor {
    still: I420Frame,
    /// Middle and sides of the face in the picture.
    face: Face,
    cue: Cue,
    film: Option<Vec<Movement>>,
    began: Instant,
    heard: (Option<Movement>, Instant),
    pose: Pose,
    last: Instant,
    due: Instant,
    noise: u32,
}

#[derive(Debug, Clone, Copy)]
struct Face {
    middle: (f32, f32),
    sides: (f32, f32),
}

/// How far into each movement, −1..1 for turns, 0..1 for the others.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Pose {
    turn: f32,
    nod: f32,
    near: f32,
}

impl Pose {
    fn of(movement: Option<Movement>) -> Self {
        match movement {
            None => Self::default(),
            Some(Movement::TurnLeft) => Self { turn: 1.0, ..Self::default() },
            Some(Movement::TurnRight) => Self { turn: -1.0, ..Self::default() },
            Some(Movement::Nod) => Self { nod: 1.0, ..Self::default() },
            Some(Movement::ComeNearer) => Self { near: 1.0, ..Self::default() },
        }
    }

    fn towards(self, to: Self, step: f32) -> Self {
        let go = |from: f32, to: f32| from + (to - from).clamp(-step, step);
        Self { turn: go(self.turn, to.turn), nod: go(self.nod, to.nod), near: go(self.near, to.near) }
    }
}

impl Actor {
    pub(super) fn open(role: &str, cue: Cue) -> Result<Self, MediaProblem> {
        let role: Role = role.parse()?;
        let picture = load(&role.picture)?;
        let (still, face) = stand(&picture, role.face);
        let now = Instant::now();
        Ok(Self {
            still,
            face,
            cue,
            film: role.film,
            began: now,
            heard: (None, now),
            pose: Pose::default(),
            last: now,
            due: now,
            noise: 0x9E37_79B9,
        })
    }

    /// What is being done now.
    fn act(&mut self, now: Instant) -> Option<Movement> {
        if let Some(film) = &self.film {
            let at = now.duration_since(self.began).as_millis() as u64;
            return on_film(film, at);
        }
        let asked = self.cue.asked();
        if asked != self.heard.0 && now.duration_since(self.heard.1) >= REACTION {
            self.heard = (asked, now);
        } else if asked == self.heard.0 {
            self.heard.1 = now;
        }
        self.heard.0
    }
}

/// The movement at this time of a film; it begins anew at its end.
fn on_film(film: &[Movement], at_ms: u64) -> Option<Movement> {
    let one = FILM_HELD_MS + FILM_BETWEEN_MS;
    let whole = FILM_STILL_MS + one * film.len() as u64;
    let at = (at_ms % whole).checked_sub(FILM_STILL_MS)?;
    if at % one < FILM_HELD_MS { film.get((at / one) as usize).copied() } else { None }
}

impl CameraSource for Actor {
    fn next_frame(&mut self) -> Result<Option<I420Frame>, MediaProblem> {
        pace(&mut self.due, Duration::from_secs(1) / RATE);
        let now = Instant::now();
        let passed = now.duration_since(self.last).as_secs_f32();
        self.last = now;
        let to = Pose::of(self.act(now));
        self.pose = self.pose.towards(to, passed / MOVING);
        let breath = now.duration_since(self.began).as_secs_f32();
        Ok(Some(self.draw(breath)))
    }
}

impl Actor {
    fn draw(&mut self, breath: f32) -> I420Frame {
        let sway = ((breath * 1.1).sin() * 1.2, (breath * 1.7).sin() * 0.9);
        let grid = Grid::of(self.face, self.pose, sway);
        let (w, h) = (SIDES.0 as usize, SIDES.1 as usize);
        let [luma, blue, red] = self.still.planes();
        let mut data = Vec::with_capacity(I420Frame::len_of(SIDES.0, SIDES.1));
        grid.bend(luma, (w, h), 1.0, &mut data);
        for sample in &mut data {
            self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *sample = sample.saturating_add_signed((self.noise >> 30) as i8 - 1);
        }
        grid.bend(blue, (w / 2, h / 2), 2.0, &mut data);
        grid.bend(red, (w / 2, h / 2), 2.0, &mut data);
        let mut frame = self.still.clone();
        frame.data = data.into();
        frame.captured_ms = now_ms();
        frame
    }
}

/// Where each point of the picture comes from in the still, on a coarse grid.
struct Grid {
    columns: usize,
    sources: Vec<(f32, f32)>,
}

impl Grid {
    fn of(face: Face, pose: Pose, sway: (f32, f32)) -> Self {
        let ease = |x: f32| x.abs() * x * (3.0 - 2.0 * x.abs());
        let pose = Pose { turn: ease(pose.turn), nod: ease(pose.nod), near: ease(pose.near) };
        let (mx, my) = face.middle;
        let (fw, fh) = face.sides;
        let zoom = 1.0 + NEARER * pose.near;
        let shift = |(x, y): (f32, f32)| {
            let (dome, nose) = depth(((x - mx) / fw, (y - my) / fh));
            (pose.turn * fw * (TURN.0 * dome + TURN.1 * nose), pose.nod * fh * (NOD.0 * dome + NOD.1 * nose))
        };
        let columns = SIDES.0 as usize / CELL + 1;
        let rows = SIDES.1 as usize / CELL + 1;
        let mut sources = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (u, v) = ((column * CELL) as f32 - sway.0, (row * CELL) as f32 - sway.1);
                let target = (mx + (u - mx) / zoom, my + (v - my) / zoom);
                // The inverse of p → p + shift(p): the shift is flat enough for this to settle.
                let mut point = target;
                for _ in 0..12 {
                    let (dx, dy) = shift(point);
                    point = (target.0 - dx, target.1 - dy);
                }
                sources.push(point);
            }
        }
        Self { columns, sources }
    }

    /// Draws one plane whose samples are `scale` of the picture's apart.
    fn bend(&self, plane: &[u8], (w, h): (usize, usize), scale: f32, out: &mut Vec<u8>) {
        let cell = CELL as f32 / scale;
        for y in 0..h {
            let at = y as f32 / cell;
            let (row, down) = (at as usize, at.fract());
            for x in 0..w {
                let at = x as f32 / cell;
                let (column, right) = (at as usize, at.fract());
                let first = row * self.columns + column;
                let (a, b) = (self.sources[first], self.sources[first + 1]);
                let (c, d) = (self.sources[first + self.columns], self.sources[first + self.columns + 1]);
                let mix = |a: f32, b: f32, c: f32, d: f32| {
                    let (top, below) = (a + (b - a) * right, c + (d - c) * right);
                    (top + (below - top) * down) / scale
                };
                out.push(sample(plane, (w, h), mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1)));
            }
        }
    }
}

/// Depth of dome and nose at a point given in boxes from the face's middle, 0..1 each.
fn depth((x, y): (f32, f32)) -> (f32, f32) {
    let round = (x / DOME.0).powi(2) + (y / DOME.1).powi(2);
    let dome = if round < 1.0 { (1.0 - round).powi(2) } else { 0.0 };
    let nose = (-((x / NOSE.1).powi(2) + ((y - NOSE.0) / NOSE.1).powi(2)) / 2.0).exp();
    (dome, nose)
}

/// Bilinear; the edge goes on outside.
fn sample(plane: &[u8], (w, h): (usize, usize), x: f32, y: f32) -> u8 {
    let (x, y) = (x.clamp(0.0, (w - 1) as f32), y.clamp(0.0, (h - 1) as f32));
    let (left, top) = (x as usize, y as usize);
    let (right, below) = ((left + 1).min(w - 1), (top + 1).min(h - 1));
    let (fx, fy) = ((x.fract() * 256.0) as u32, (y.fract() * 256.0) as u32);
    let at = |x: usize, y: usize| u32::from(plane[y * w + x]);
    let upper = at(left, top) * (256 - fx) + at(right, top) * fx;
    let lower = at(left, below) * (256 - fx) + at(right, below) * fx;
    ((upper * (256 - fy) + lower * fy + (1 << 15)) >> 16) as u8
}

fn load(path: &std::path::Path) -> Result<RgbImage, MediaProblem> {
    let bad = |reason: &str| MediaProblem::Codec(format!("synthetic person {}: {reason}", path.display()));
    let reader = ImageReader::open(path).map_err(|error| bad(&error.to_string()))?;
    let reader = reader.with_guessed_format().map_err(|error| bad(&error.to_string()))?;
    let mut decoder = reader.into_decoder().map_err(|error| bad(&error.to_string()))?;
    let orientation = decoder.orientation().map_err(|error| bad(&error.to_string()))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| bad(&error.to_string()))?;
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

/// Puts the person before the camera: the face at its place in its size; where the still ends, its edge goes on.
fn stand(picture: &RgbImage, face: Option<[f32; 4]>) -> (I420Frame, Face) {
    let (pw, ph) = (picture.width() as f32, picture.height() as f32);
    let share = PORTRAIT;
    let [x, y, w, h] = face.unwrap_or([share[0] * pw, share[1] * ph, share[2] * pw, share[3] * ph]);
    // Nobody is so narrow; a box without a width would put everything out of the picture.
    let (w, h) = (w.max(0.1), h.max(0.1));
    let (width, height) = (SIDES.0 as f32, SIDES.1 as f32);
    let share_of_width = (w / pw).clamp(WIDE.0, WIDE.1);
    let scale = share_of_width * width / w;
    let middle = (MIDDLE.0 * width, MIDDLE.1 * height);
    let from = (x + w / 2.0, y + h / 2.0);
    let mut pixels = Vec::with_capacity((SIDES.0 * SIDES.1 * 3) as usize);
    for v in 0..SIDES.1 {
        for u in 0..SIDES.0 {
            let sx = from.0 + (u as f32 - middle.0) / scale;
            let sy = from.1 + (v as f32 - middle.1) / scale;
            pixels.extend(colour(picture, sx, sy, 1.0 / scale));
        }
    }
    let still = I420Frame::from_rgb(SIDES.0, SIDES.1, &pixels, 0);
    let still = still.unwrap_or_else(|| unreachable!("even sides and three bytes a pixel"));
    (still, Face { middle, sides: (w * scale, h * scale) })
}

/// Mean of a square of `side` pixels about a place (one bilinear sample where the picture is enlarged).
fn colour(picture: &RgbImage, x: f32, y: f32, side: f32) -> [u8; 3] {
    let taps = (side.ceil() as i32).clamp(1, 8);
    let mut sum = [0.0_f32; 3];
    for row in 0..taps {
        for column in 0..taps {
            let off = |tap: i32| (tap as f32 + 0.5) / taps as f32 * side - side / 2.0;
            let shift = |tap: i32| if taps == 1 { 0.0 } else { off(tap) };
            let pixel = bilinear(picture, x + shift(column), y + shift(row));
            for (total, value) in sum.iter_mut().zip(pixel) {
                *total += value;
            }
        }
    }
    sum.map(|total| (total / (taps * taps) as f32 + 0.5) as u8)
}

fn bilinear(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let x = x.clamp(0.0, picture.width() as f32 - 1.0);
    let y = y.clamp(0.0, picture.height() as f32 - 1.0);
    let (left, top) = (x as u32, y as u32);
    let (right, below) = ((left + 1).min(picture.width() - 1), (top + 1).min(picture.height() - 1));
    let (fx, fy) = (x.fract(), y.fract());
    let at = |x: u32, y: u32| picture.get_pixel(x, y).0.map(f32::from);
    let (a, b, c, d) = (at(left, top), at(right, top), at(left, below), at(right, below));
    std::array::from_fn(|n| {
        let (upper, lower) = (a[n] + (b[n] - a[n]) * fx, c[n] + (d[n] - c[n]) * fx);
        upper + (lower - upper) * fy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_and_bad_ones_are_refused() {
        let role: Role = "/faces/d2.jpg#1,2,30,40.5;play=left,nod,right".parse().unwrap();
        assert_eq!(role.picture, PathBuf::from("/faces/d2.jpg"));
        assert_eq!(role.face, Some([1.0, 2.0, 30.0, 40.5]));
        assert_eq!(role.film, Some(vec![Movement::TurnLeft, Movement::Nod, Movement::TurnRight]));
        let plain: Role = "d2.jpg".parse().unwrap();
        assert_eq!((plain.face, plain.film), (None, None));
        for bad in ["", "#1,2,3,4", "a.jpg#1,2,3", "a.jpg;play=jump", "a.jpg;loud"] {
            assert!(bad.parse::<Role>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_film_plays_its_movements_whatever_is_asked() {
        let film = [Movement::Nod, Movement::TurnLeft];
        assert_eq!(on_film(&film, 0), None);
        assert_eq!(on_film(&film, FILM_STILL_MS + 10), Some(Movement::Nod));
        assert_eq!(on_film(&film, FILM_STILL_MS + FILM_HELD_MS + 10), None);
        assert_eq!(
            on_film(&film, FILM_STILL_MS + FILM_HELD_MS + FILM_BETWEEN_MS + 10),
            Some(Movement::TurnLeft)
        );
        let whole = FILM_STILL_MS + 2 * (FILM_HELD_MS + FILM_BETWEEN_MS);
        assert_eq!(on_film(&film, whole + FILM_STILL_MS + 10), Some(Movement::Nod), "over again");
    }

    #[test]
    fn the_still_stays_where_nobody_moves_and_the_nose_goes_furthest() {
        let face = Face { middle: (240.0, 300.0), sides: (200.0, 260.0) };
        let grid = Grid::of(face, Pose::default(), (0.0, 0.0));
        assert!(grid.sources.iter().enumerate().all(|(n, &(x, y))| {
            let (u, v) = ((n % grid.columns * CELL) as f32, (n / grid.columns * CELL) as f32);
            (x - u).abs() < 0.01 && (y - v).abs() < 0.01
        }));
        let turned = Grid::of(face, Pose::of(Some(Movement::TurnLeft)), (0.0, 0.0));
        let source = |x: usize, y: usize| turned.sources[y / CELL * turned.columns + x / CELL];
        let edge = source(16, 328);
        assert!((edge.0 - 16.0).abs() < 0.01, "the wall stays: {edge:?}");
        // What is shown right of the middle is the nose.
        assert!(source(288, 328).0 < 262.0, "{:?}", source(288, 328));
    }

    #[test]
    fn the_face_comes_to_its_place_and_every_side_of_a_still_will_do() {
        for (width, height) in [(293, 363), (1, 1), (3, 900), (1000, 664)] {
            let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]));
            let (still, face) = stand(&picture, None);
            assert_eq!((still.width, still.height), SIDES);
            let share = face.sides.0 / SIDES.0 as f32;
            assert!((WIDE.0 - 0.01..=WIDE.1 + 0.01).contains(&share), "{width}x{height}: {share}");
        }
    }
}
