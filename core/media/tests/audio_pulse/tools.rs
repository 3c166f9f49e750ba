//! What the stories do with sound and time: tones, witnesses, sinks that come and go, waiting for
//! events with a deadline.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use miantan_media::audio::level;
use miantan_media::audio::wav::WavWriter;
use tokio::sync::watch;

/// Generous: it only passes when something is broken.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub fn run<F: Future>(story: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(story)
}

/// Waits until the watched state is as wanted.
pub async fn until<T: Clone + std::fmt::Debug>(
    watched: &mut watch::Receiver<T>,
    what: &str,
    wanted: impl FnMut(&T) -> bool,
) -> T {
    let found = async { watched.wait_for(wanted).await.map(|state| state.clone()) };
    if let Ok(found) = tokio::time::timeout(DEADLINE, found).await {
        return found.unwrap_or_else(|_| panic!("the device ended before: {what}"));
    }
    panic!("not within {DEADLINE:?}: {what}; now {:?}", *watched.borrow())
}

/// The steady reading of a constant tone: the upper quartile of `count`, one per change. Holes that a
/// busy machine tears only make single readings lower.
pub async fn steady<T: Clone>(
    watched: &mut watch::Receiver<T>,
    count: usize,
    value: impl Fn(&T) -> f32,
) -> f32 {
    let mut readings = Vec::with_capacity(count);
    while readings.len() < count {
        let changed = tokio::time::timeout(DEADLINE, watched.changed()).await;
        changed.expect("readings come").expect("the device goes on");
        readings.push(value(&watched.borrow_and_update()));
    }
    readings.sort_by(f32::total_cmp);
    readings[count * 3 / 4]
}

/// Something that is played into a sink by `paplay`, not by us.
pub struct Played {
    player: Child,
    _folder: tempfile::TempDir,
}

impl Played {
    /// Plays `sound(t)` (t in seconds) into a sink for a minute or until dropped.
    pub fn into_sink(sink: &str, sound: impl Fn(f64) -> f64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sound.wav");
        write_wav(&path, sound);
        let player = Command::new("paplay")
            .arg(format!("--device={sink}"))
            .arg(&path)
            .spawn()
            .expect("paplay is not installed: apt-get install pulseaudio-utils");
        Self { player, _folder: folder }
    }

    pub fn tone(sink: &str, hertz: f64, dbfs: f32) -> Self {
        let amplitude = f64::from(level::amplitude(dbfs));
        Self::into_sink(sink, move |t| amplitude * (std::f64::consts::TAU * hertz * t).sin())
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        let _ = self.player.kill();
        let _ = self.player.wait();
    }
}

fn write_wav(path: &Path, sound: impl Fn(f64) -> f64) {
    let mut wav = WavWriter::create(path, 48_000, Duration::from_mins(1)).expect("a WAV file");
    let samples: Vec<f32> = (0..60 * 48_000).map(|n| sound(f64::from(n) / 48_000.0) as f32).collect();
    wav.write(&samples).expect("write");
}

/// `parec` listening to a sink, independent of our code.
pub struct Witness {
    listener: Child,
}

impl Witness {
    pub fn of(sink: &str) -> Self {
        Self::listening(None, sink)
    }

    fn listening(server: Option<&str>, sink: &str) -> Self {
        let listener = Command::new("parec")
            .envs(server.map(|server| ("PULSE_SERVER", server)))
            .arg(format!("--device={sink}.monitor"))
            .args(["--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=20"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("parec is not installed: apt-get install pulseaudio-utils");
        Self { listener }
    }

    /// The same on another server.
    pub fn at(server: &str, sink: &str) -> Self {
        Self::listening(Some(server), sink)
    }

    /// Hears the next `seconds`.
    pub fn hear(&mut self, seconds: f64) -> Vec<f32> {
        let mut bytes = vec![0; (seconds * 48_000.0) as usize * 2];
        let out = self.listener.stdout.as_mut().expect("parec's output");
        out.read_exact(&mut bytes).expect("parec goes on");
        bytes.chunks_exact(2).map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0).collect()
    }

    /// Hears until the last 100 ms are at least this loud; the deadline is in sound, not in time.
    pub fn wait_for_sound(&mut self, dbfs: f32) {
        for _ in 0..200 {
            if level::dbfs(&self.hear(0.1)) >= dbfs {
                return;
            }
        }
        panic!("nothing of {dbfs} dBFS within 20 s of sound");
    }

    /// Hears until 300 ms in a row are silent.
    pub fn wait_for_silence(&mut self) {
        let mut quiet = 0;
        for _ in 0..200 {
            quiet = if level::dbfs(&self.hear(0.1)) < -80.0 { quiet + 1 } else { 0 };
            if quiet == 3 {
                return;
            }
        }
        panic!("no silence within 20 s of sound");
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.listener.kill();
        let _ = self.listener.wait();
    }
}

/// Levels of one frequency in the 100 ms pieces of a sound, in dBFS, ascending. A busy machine may
/// tear a hole into some pieces; the others are exact.
fn strengths(sound: &[f32], hertz: f64) -> Vec<f32> {
    let omega = std::f64::consts::TAU * hertz / 48_000.0;
    let strength = |piece: &[f32]| {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in piece.iter().enumerate() {
            re += f64::from(*sample) * (omega * n as f64).cos();
            im += f64::from(*sample) * (omega * n as f64).sin();
        }
        let amplitude = 2.0 * f64::hypot(re, im) / piece.len() as f64;
        (20.0 * amplitude.max(1e-6).log10()) as f32
    };
    let mut levels: Vec<f32> = sound.chunks_exact(4_800).map(strength).collect();
    levels.sort_by(f32::total_cmp);
    levels
}

/// The steady level of one frequency (upper quartile, as above).
pub fn strength(sound: &[f32], hertz: f64) -> f32 {
    let levels = strengths(sound, hertz);
    levels[levels.len() * 3 / 4]
}

/// The level of one frequency where it is strongest.
pub fn strongest(sound: &[f32], hertz: f64) -> f32 {
    *strengths(sound, hertz).last().expect("some sound")
}

/// The usual level of everything, in dBFS, over pieces of 100 ms.
pub fn loudness(sound: &[f32]) -> f32 {
    let mut levels: Vec<f32> = sound.chunks_exact(4_800).map(level::dbfs).collect();
    levels.sort_by(f32::total_cmp);
    levels[levels.len() / 2]
}

/// A null sink that can be unplugged.
pub struct Plugged {
    server: Option<String>,
    module: String,
}

impl Plugged {
    /// A new sink on the desktop's server.
    pub fn sink(name: &str) -> Self {
        let module = pactl(&[
            "load-module",
            "module-null-sink",
            &format!("sink_name={name}"),
            "rate=48000",
            "channels=2",
        ]);
        Self { server: None, module: module.trim().to_owned() }
    }

    /// A sink that a server (the desktop's for `None`) was started with.
    pub fn found(server: Option<String>, sink: &str) -> Self {
        let list = pactl_at(server.as_deref(), &["list", "short", "modules"]);
        let line = list
            .lines()
            .find(|line| line.contains(&format!("sink_name={sink} ")))
            .unwrap_or_else(|| panic!("no module of {sink}: {list}"));
        let module = line.split_whitespace().next().expect("its number").to_owned();
        Self { server, module }
    }

    pub fn unplug(self) {
        pactl_at(self.server.as_deref(), &["unload-module", &self.module]);
    }
}

pub fn pactl(arguments: &[&str]) -> String {
    pactl_at(None, arguments)
}

fn pactl_at(server: Option<&str>, arguments: &[&str]) -> String {
    let mut command = Command::new("pactl");
    command.args(arguments);
    if let Some(server) = server {
        command.env("PULSE_SERVER", server);
    }
    let output = command.output().expect("pactl");
    assert!(output.status.success(), "pactl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
