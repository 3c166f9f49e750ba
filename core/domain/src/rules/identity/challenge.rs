//! The challenge: movements that the server's nonce chooses, so that a film made before cannot fit, and the machine
//! that watches them being done in front of the camera.
//!
//! Between two movements the person looks straight ahead again; those pictures are compared with the reference, so
//! that nobody takes the place in between. Someone may mix up left and right once.

use crate::model::{FaceFacts, FaceReason, FrameFacts, Movement, MovementSeen, Nonce};
use crate::time::Timestamp;

/// Movements asked for in one attempt. Four kinds, none twice in a row: 4 × 3 × 3 = 36 orders.
pub const MOVEMENTS: usize = 3;
/// Degrees away from the straight view that count as turned. The natural range is about 60.
pub const TURN_DEG: f32 = 18.0;
/// Degrees of the coarse pitch that count as a nod.
pub const NOD_DEG: f32 = 10.0;
/// Height of the face against the straight view.
pub const NEARER: f32 = 1.22;
/// No muscle is faster than this, ms.
pub const FASTEST_MS: u64 = 120;
/// Straight again: this near to the straight view of the beginning.
const BACK_YAW: f32 = 9.0;
const BACK_PITCH: f32 = 6.0;
const BACK_HEIGHT: f32 = 1.14;
/// The straight view must last so long before the next movement is asked for, and come within so long.
const STRAIGHT_MS: u64 = 350;
const STRAIGHT_WITHIN_MS: u64 = 6_000;
/// The face may be out of sight so long.
const LOST_MS: u64 = 1_500;
/// Mixed up so often: over.
const WRONG_MAX: u32 = 2;

/// What a nonce asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    pub movements: [Movement; MOVEMENTS],
    /// Time for each movement, ms: 4,000 to 5,500.
    pub each_ms: u64,
}

impl Challenge {
    /// Both sides derive it, so it need not be sent and cannot be changed on the way.
    pub fn of(nonce: &Nonce) -> Self {
        const ALL: [Movement; 4] =
            [Movement::TurnLeft, Movement::TurnRight, Movement::Nod, Movement::ComeNearer];
        let bytes = nonce.bytes();
        let first = usize::from(bytes[0]) % ALL.len();
        let mut movements = [ALL[first]; MOVEMENTS];
        let mut last = first;
        for (movement, byte) in movements.iter_mut().skip(1).zip(&bytes[1..]) {
            // One of the three others.
            last = (last + 1 + usize::from(*byte) % (ALL.len() - 1)) % ALL.len();
            *movement = ALL[last];
        }
        Self { movements, each_ms: 4_000 + u64::from(bytes[MOVEMENTS] % 4) * 500 }
    }
}

/// What is asked of the person now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Look straight into the camera. The driver takes whole measurements of these pictures.
    Straight,
    Move {
        movement: Movement,
        /// Counts from 0.
        index: usize,
        until: Timestamp,
    },
    Done,
    Failed(FaceReason),
}

/// One run of a challenge in front of the camera.
#[derive(Debug, Clone)]
pub struct ChallengeRun {
    challenge: Challenge,
    began: Timestamp,
    stage: Stage,
    /// The straight view of the beginning.
    base: Option<View>,
    seen: Vec<MovementSeen>,
    wrong: u32,
    face_at: Timestamp,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Straight { asked: Timestamp, since: Option<Timestamp> },
    Move { asked: Timestamp },
    Done,
    Failed(FaceReason),
}

#[derive(Debug, Clone, Copy)]
struct View {
    yaw: f32,
    pitch: f32,
    height: f32,
}

impl From<FaceFacts> for View {
    fn from(face: FaceFacts) -> Self {
        Self { yaw: face.yaw, pitch: face.pitch, height: face.bounds[3] }
    }
}

impl ChallengeRun {
    pub const fn new(now: Timestamp, challenge: Challenge) -> Self {
        Self {
            challenge,
            began: now,
            stage: Stage::Straight { asked: now, since: None },
            base: None,
            seen: Vec::new(),
            wrong: 0,
            face_at: now,
        }
    }

    /// A picture taken at `now`.
    pub fn picture(&mut self, now: Timestamp, facts: &FrameFacts) {
        self.tick(now);
        let alone = facts.second_height < super::framing::SECOND_HEIGHT;
        let Some(view) = facts.face.filter(|_| alone).map(View::from) else { return };
        if ![view.yaw, view.pitch, view.height].iter().all(|n| n.is_finite()) || view.height <= 0.0 {
            return;
        }
        self.face_at = now;
        match self.stage {
            Stage::Straight { asked, since } => {
                let straight = match self.base {
                    None => view.yaw.abs() < 15.0,
                    Some(base) => back(base, view),
                };
                let since = straight.then(|| since.unwrap_or(now));
                self.stage = Stage::Straight { asked, since };
                if since.is_some_and(|since| now.since(since) >= STRAIGHT_MS) {
                    self.base.get_or_insert(view);
                    self.stage =
                        if self.seen.len() == MOVEMENTS { Stage::Done } else { Stage::Move { asked: now } };
                }
            }
            Stage::Move { asked } => self.moving(now, asked, view),
            Stage::Done | Stage::Failed(_) => {}
        }
    }

    fn moving(&mut self, now: Timestamp, asked: Timestamp, view: View) {
        let (Some(base), Some(movement)) =
            (self.base, self.challenge.movements.get(self.seen.len()).copied())
        else {
            return;
        };
        let extent = extent(base, view, movement);
        if extent >= needed(movement) && now.since(asked) >= FASTEST_MS {
            let since = |at: Timestamp| at.since(self.began);
            self.seen.push(MovementSeen { movement, asked_ms: since(asked), done_ms: since(now), extent });
            self.stage = Stage::Straight { asked: now, since: None };
        } else if contradicts(base, view, movement) {
            self.wrong += 1;
            self.stage = if self.wrong >= WRONG_MAX {
                Stage::Failed(FaceReason::MovementWrong)
            } else {
                Stage::Straight { asked: now, since: None }
            };
        }
    }

    /// Time went on, with or without a picture.
    pub fn tick(&mut self, now: Timestamp) {
        let late = match self.stage {
            Stage::Straight { asked, .. } => now.since(asked) > STRAIGHT_WITHIN_MS,
            Stage::Move { asked } => now.since(asked) > self.challenge.each_ms,
            Stage::Done | Stage::Failed(_) => return,
        };
        if now.since(self.face_at) > LOST_MS {
            self.stage = Stage::Failed(FaceReason::FaceLost);
        } else if late {
            self.stage = Stage::Failed(FaceReason::MovementMissed);
        }
    }

    pub fn asked(&self) -> Asked {
        match self.stage {
            Stage::Straight { .. } => Asked::Straight,
            Stage::Move { asked } => match self.challenge.movements.get(self.seen.len()) {
                Some(&movement) => {
                    let until = asked.after(self.challenge.each_ms);
                    Asked::Move { movement, index: self.seen.len(), until }
                }
                None => Asked::Done,
            },
            Stage::Done => Asked::Done,
            Stage::Failed(reason) => Asked::Failed(reason),
        }
    }

    pub fn challenge(&self) -> Challenge {
        self.challenge
    }

    pub fn seen(&self) -> &[MovementSeen] {
        &self.seen
    }
}

/// How far a movement must go: degrees, or times the first height.
pub const fn needed(movement: Movement) -> f32 {
    match movement {
        Movement::TurnLeft | Movement::TurnRight => TURN_DEG,
        Movement::Nod => NOD_DEG,
        Movement::ComeNearer => NEARER,
    }
}

fn extent(base: View, view: View, movement: Movement) -> f32 {
    match movement {
        Movement::TurnLeft => view.yaw - base.yaw,
        Movement::TurnRight => base.yaw - view.yaw,
        Movement::Nod => view.pitch - base.pitch,
        Movement::ComeNearer => view.height / base.height,
    }
}

/// A movement that cannot be a clumsy form of the one asked for. Nods and steps nearer are not told from the side effects
/// of a turn (the coarse pitch and the box change with it), so only turns contradict.
fn contradicts(base: View, view: View, movement: Movement) -> bool {
    let turned = view.yaw - base.yaw;
    match movement {
        Movement::TurnLeft => turned <= -TURN_DEG,
        Movement::TurnRight => turned >= TURN_DEG,
        Movement::Nod | Movement::ComeNearer => turned.abs() >= TURN_DEG,
    }
}

fn back(base: View, view: View) -> bool {
    (view.yaw - base.yaw).abs() < BACK_YAW
        && (view.pitch - base.pitch).abs() < BACK_PITCH
        && view.height / base.height < BACK_HEIGHT
}
