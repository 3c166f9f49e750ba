//! The bundled sounds, composed from note tables at run time: the music of the speaker check and
//! the ring. Pure functions from nothing to samples; no sound file is shipped.
//!
//! Both loop without a seam: notes that ring past the end are folded onto the beginning.

use super::SAMPLE_RATE;

/// Level that both sounds are brought to (RMS over the whole), in dBFS.
const LOUDNESS: f32 = -20.0;
/// No sample exceeds this: −1 dBFS.
const CEILING: f32 = 0.891;

/// One note: start and length in beats, MIDI key, strength 0..=1.
type Note = (f32, f32, u8, f32);

/// How a note sounds.
#[derive(Clone, Copy)]
struct Instrument {
    /// Strengths of the harmonics, the fundamental first.
    harmonics: &'static [f32],
    /// Seconds to rise, and seconds in which it decays to 1/e.
    attack: f32,
    decay: f32,
}

/// A soft marimba: an almost pure fundamental with a short bright start.
const MARIMBA: Instrument = Instrument { harmonics: &[1.0, 0.06, 0.03, 0.12], attack: 0.006, decay: 0.45 };

/// A warm pad under it.
const PAD: Instrument = Instrument { harmonics: &[1.0, 0.35, 0.12, 0.05], attack: 0.25, decay: 2.5 };

/// A clear bell for the ring: heard through a pocket and on small speakers (harmonics to 3 kHz).
const BELL: Instrument = Instrument { harmonics: &[1.0, 0.55, 0.3, 0.22, 0.1], attack: 0.004, decay: 0.35 };

/// Check music: four bars in G pentatonic, 120 beats a minute (16 beats = 8 s).
const MELODY: &[Note] = &[
    (0.0, 1.0, 74, 0.9),
    (1.0, 0.5, 76, 0.7),
    (1.5, 0.5, 79, 0.8),
    (2.0, 1.5, 83, 0.9),
    (3.5, 0.5, 81, 0.6),
    (4.0, 1.0, 79, 0.9),
    (5.0, 0.5, 76, 0.7),
    (5.5, 0.5, 74, 0.7),
    (6.0, 2.0, 71, 0.8),
    (8.0, 1.0, 72, 0.9),
    (9.0, 0.5, 76, 0.7),
    (9.5, 0.5, 79, 0.8),
    (10.0, 1.5, 81, 0.9),
    (11.5, 0.5, 83, 0.6),
    (12.0, 1.0, 81, 0.9),
    (13.0, 0.5, 79, 0.7),
    (13.5, 0.5, 76, 0.7),
    (14.0, 2.0, 74, 0.8),
];

/// Chords under it: G, Em, C, D.
const CHORDS: &[Note] = &[
    (0.0, 4.0, 55, 0.5),
    (0.0, 4.0, 59, 0.4),
    (0.0, 4.0, 62, 0.4),
    (4.0, 4.0, 52, 0.5),
    (4.0, 4.0, 59, 0.4),
    (4.0, 4.0, 67, 0.4),
    (8.0, 4.0, 48, 0.5),
    (8.0, 4.0, 60, 0.4),
    (8.0, 4.0, 64, 0.4),
    (12.0, 4.0, 50, 0.5),
    (12.0, 4.0, 57, 0.4),
    (12.0, 4.0, 66, 0.4),
];

/// The ring: two rising figures, then rest (8 beats at 160 = 3 s).
const RING: &[Note] = &[
    (0.0, 0.5, 79, 0.9),
    (0.5, 0.5, 83, 0.9),
    (1.0, 0.5, 86, 1.0),
    (1.5, 1.0, 91, 1.0),
    (2.5, 0.5, 79, 0.9),
    (3.0, 0.5, 83, 0.9),
    (3.5, 0.5, 86, 1.0),
    (4.0, 1.0, 91, 1.0),
];

/// Music of the speaker check: 8 s, mono at 48 kHz, gentle, loops without a seam.
pub fn check_music() -> Vec<f32> {
    let mut sound = vec![0.0; 8 * SAMPLE_RATE as usize];
    play(&mut sound, 120.0, MELODY, MARIMBA);
    play(&mut sound, 120.0, CHORDS, PAD);
    finish(sound)
}

/// The ring: 3 s with its rest, mono at 48 kHz, loops without a seam.
pub fn ring() -> Vec<f32> {
    let mut sound = vec![0.0; 3 * SAMPLE_RATE as usize];
    play(&mut sound, 160.0, RING, BELL);
    finish(sound)
}

fn play(sound: &mut [f32], beats_per_minute: f32, notes: &[Note], instrument: Instrument) {
    let rate = SAMPLE_RATE as f32;
    let beat = 60.0 / beats_per_minute;
    for (start, length, key, strength) in notes {
        let hertz = 440.0 * 2f32.powf((f32::from(*key) - 69.0) / 12.0);
        let first = (start * beat * rate) as usize;
        let held = length * beat;
        // After its length a note is let go and dies away within a fifth of a second or so.
        let samples = ((held + 1.0) * rate) as usize;
        for n in 0..samples {
            let t = n as f32 / rate;
            let rise = (t / instrument.attack).min(1.0);
            let fall = (-t / instrument.decay).exp() * (-(t - held).max(0.0) / 0.15).exp();
            // The last 50 ms close to nothing, so that no note ends with a click.
            let close = (((samples - n) as f32 / rate) / 0.05).min(1.0);
            let mut value = 0.0;
            for (index, weight) in instrument.harmonics.iter().enumerate() {
                let harmonic = (index + 1) as f32;
                // Higher harmonics die sooner, as on anything that is struck.
                let damp = (-t * (harmonic - 1.0) * 1.5).exp();
                value += weight * damp * (std::f32::consts::TAU * hertz * harmonic * t).sin();
            }
            let place = (first + n) % sound.len();
            sound[place] += strength * rise * fall * close * value;
        }
    }
}

/// Brings the whole to its loudness, and below the ceiling if its peaks need that.
fn finish(mut sound: Vec<f32>) -> Vec<f32> {
    let gain = super::level::amplitude(LOUDNESS - super::level::dbfs(&sound));
    let peak = sound.iter().fold(0f32, |peak, s| peak.max(s.abs()));
    let gain = gain.min(CEILING / peak.max(f32::MIN_POSITIVE));
    for sample in &mut sound {
        *sample *= gain;
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::super::level;
    use super::*;

    /// Strength of one frequency in a piece of sound (Goertzel), as a level in dBFS.
    fn strength(sound: &[f32], hertz: f32) -> f32 {
        let omega = f64::from(std::f32::consts::TAU * hertz / SAMPLE_RATE as f32);
        let (mut re, mut im) = (0.0f64, 0.0f64);
        for (n, sample) in sound.iter().enumerate() {
            re += f64::from(*sample) * (omega * n as f64).cos();
            im += f64::from(*sample) * (omega * n as f64).sin();
        }
        let amplitude = 2.0 * re.hypot(im) / sound.len() as f64;
        20.0 * (amplitude as f32).max(1e-6).log10()
    }

    #[test]
    fn audio_music_is_as_long_and_loud_as_promised_and_never_clips() {
        for (sound, seconds) in [(check_music(), 8), (ring(), 3)] {
            assert_eq!(sound.len(), seconds * 48_000);
            let loudness = level::dbfs(&sound);
            assert!((-24.0..=-19.0).contains(&loudness), "{loudness}");
            let peak = sound.iter().fold(0f32, |peak, s| peak.max(s.abs()));
            assert!(peak < 0.9, "{peak}");
            let mean = sound.iter().sum::<f32>() / sound.len() as f32;
            assert!(mean.abs() < 1e-3, "offset {mean}");
        }
    }

    #[test]
    fn audio_music_has_no_clicks_not_even_at_the_seam() {
        for sound in [check_music(), ring()] {
            let steps = |a: usize| (sound[(a + 1) % sound.len()] - sound[a]).abs();
            let steepest = (0..sound.len()).map(steps).fold(0f32, f32::max);
            // A 3 kHz partial at the ceiling moves 0.35 a sample; a click moves more.
            assert!(steepest < 0.3, "{steepest}");
            assert!(steps(sound.len() - 1) < 0.05);
        }
    }

    #[test]
    fn audio_music_plays_the_notes_of_its_table() {
        let sound = check_music();
        // Beat 2 to 3.5 is B5 (key 83, 987.8 Hz) over G major; F#5 (740 Hz) is not played there.
        let bar = &sound[48_000..80_000];
        assert!(strength(bar, 987.77) > -35.0);
        assert!(strength(bar, 987.77) > strength(bar, 739.99) + 20.0);
        let sound = ring();
        let rest = level::dbfs(&sound[130_000..]);
        assert!(rest < -50.0, "the ring rests: {rest}");
        assert!(strength(&sound[27_000..45_000], 1_567.98) > -30.0);
    }
}
