//! Angles of a head from its five landmarks. Coarse (yaw and roll within a few degrees, pitch less), but free: the
//! landmarks are there. Source: `spec.geometry` of faces/expected.json; the numbers are a fit to a head pose model.

use crate::detect::Point;

/// In degrees.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Angles {
    /// Distance between the eyes, in pixels.
    pub eyes: f32,
    /// Positive: the nose points to the image's right.
    pub yaw: f32,
    /// Positive: looking down.
    pub pitch: f32,
    /// Positive: clockwise.
    pub roll: f32,
}

/// Landmarks in the detector's order: eye at the image's left, eye at its right, nose, mouth corner at the left, mouth
/// corner at the right. Landmarks that lie on one point give angles of 0.
pub(crate) fn angles(landmarks: &[Point; 5]) -> Angles {
    let [left, right, nose, mouth_left, mouth_right] = *landmarks;
    let eyes = minus(right, left);
    let distance = eyes[0].hypot(eyes[1]);
    if distance <= f32::EPSILON {
        return Angles::default();
    }
    let along = [eyes[0] / distance, eyes[1] / distance];
    let across = [-along[1], along[0]];
    let eyes_middle = middle(left, right);
    let mouth_middle = middle(mouth_left, mouth_right);
    let aside = dot(minus(nose, middle(eyes_middle, mouth_middle)), along) / distance;
    let length = dot(minus(mouth_middle, eyes_middle), across);
    // A mouth at the height of the eyes says nothing of the pitch.
    let pitch = if length.abs() <= f32::EPSILON {
        0.0
    } else {
        78.0 * dot(minus(nose, eyes_middle), across) / length - 35.0
    };
    Angles {
        eyes: distance,
        yaw: (1.72 * aside).atan().to_degrees(),
        pitch,
        roll: along[1].atan2(along[0]).to_degrees(),
    }
}

fn minus(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

fn middle(a: Point, b: Point) -> Point {
    [f32::midpoint(a[0], b[0]), f32::midpoint(a[1], b[1])]
}

fn dot(a: Point, b: Point) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRAIGHT: [Point; 5] = [[30.0, 50.0], [70.0, 50.0], [50.0, 72.0], [34.0, 95.0], [66.0, 95.0]];

    #[test]
    fn wang_looks_straight_then_turns_and_tilts_his_head() {
        let straight = angles(&STRAIGHT);
        assert!(
            (straight.eyes - 40.0).abs() < 1e-4 && straight.yaw.abs() < 1e-3 && straight.roll.abs() < 1e-3
        );
        let mut turned = STRAIGHT;
        turned[2][0] += 10.0;
        assert!((angles(&turned).yaw - 23.3).abs() < 0.1, "{:?}", angles(&turned));
        let mut down = STRAIGHT;
        down[2][1] += 8.0;
        assert!(angles(&down).pitch > straight.pitch + 10.0);
        // Clockwise on the screen: the eye at the image's right is lower.
        let (sin, cos) = 20_f32.to_radians().sin_cos();
        let tilted = STRAIGHT.map(|[x, y]| [x * cos - y * sin, x * sin + y * cos]);
        let tilted = angles(&tilted);
        assert!((tilted.roll - 20.0).abs() < 1e-3 && tilted.yaw.abs() < 1e-3);
    }

    #[test]
    fn landmarks_on_one_point_give_no_nonsense() {
        assert_eq!(angles(&[[5.0, 5.0]; 5]), Angles::default());
        let flat = [[0.0, 5.0], [10.0, 5.0], [5.0, 5.0], [2.0, 5.0], [8.0, 5.0]];
        assert!(angles(&flat).pitch == 0.0);
    }
}
