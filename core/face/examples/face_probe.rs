//! Measures the face check on this machine, one thread, and prints JSON; `cargo xtask bench face` reads it. Modes:
//!
//! - `face_probe run PICTURE ROUNDS`: whole looks, the bare models in the same run, memory. Times are of the clock on the wall;
//!   `_cpu_ms` are of the processor, which do not change when others work here.
//! - `face_probe detect PICTURE ROUNDS COMMAND…`: the detector beside another one, in turns. The command gets the picture's
//!   path as its last argument, and for every line on its input detects once and answers with
//!   the milliseconds it took, those of the processor, and the faces it found.
//! - `face_probe facts PICTURE…`: what the crate measures of pictures, one line each.
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use miantan_face::models::{self, ModelFiles};
use miantan_face::{Depth, FaceChecker, Options, Picture};

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["run", picture, rounds] => run(picture, rounds.parse()?),
        ["detect", picture, rounds, command @ ..] if !command.is_empty() => {
            detect(picture, rounds.parse()?, command)
        }
        ["facts", pictures @ ..] => facts(pictures),
        _ => {
            Err("usage: face_probe run PICTURE ROUNDS | detect PICTURE ROUNDS COMMAND… | facts PICTURE…"
                .into())
        }
    }
}

fn checker() -> Result<FaceChecker, Failed> {
    let folder = models::folder().ok_or("no models: set MIANTAN_MODELS")?;
    Ok(FaceChecker::load(&ModelFiles::open(&folder)?, &Options::default())?)
}

fn read(path: &str) -> Result<Picture<'static>, Failed> {
    Ok(Picture::decode(&std::fs::read(Path::new(path))?)?)
}

/// Planes of a picture in BT.601, limited range: what a camera would have given.
struct Camera {
    width: usize,
    height: usize,
    planes: [Vec<u8>; 3],
}

impl Camera {
    fn of(path: &str) -> Result<Self, Failed> {
        let photo = image::open(path)?.into_rgb8();
        let (width, height) = (photo.width() as usize & !1, photo.height() as usize & !1);
        let pixel = |x: usize, y: usize| photo.get_pixel(x as u32, y as u32).0.map(f32::from);
        let mixed = |[r, g, b]: [f32; 3], weights: [f32; 3], zero: f32| {
            (zero + (weights[0] * r + weights[1] * g + weights[2] * b) / 255.0).round() as u8
        };
        let luma = (0..width * height)
            .map(|n| mixed(pixel(n % width, n / width), [65.481, 128.553, 24.966], 16.0))
            .collect();
        let chroma = |weights| {
            let half = width / 2;
            (0..half * height / 2).map(|n| mixed(pixel(n % half * 2, n / half * 2), weights, 128.0)).collect()
        };
        let planes = [luma, chroma([-37.797, -74.203, 112.0]), chroma([112.0, -93.786, -18.214])];
        Ok(Self { width, height, planes })
    }

    fn picture(&self) -> Result<Picture<'_>, Failed> {
        let [luma, blue, red] = &self.planes;
        let strides = [self.width, self.width / 2, self.width / 2];
        Ok(Picture::i420(self.width as u32, self.height as u32, [luma, blue, red], strides)?)
    }
}

fn run(path: &str, rounds: usize) -> Result<(), Failed> {
    let camera = Camera::of(path)?;
    let picture = camera.picture()?;
    let before = memory_mib();
    let mut checker = checker()?;
    for depth in [Depth::Advice, Depth::Frame] {
        if checker.look(&picture, depth)?.faces.is_empty() {
            return Err("there is no face in the picture: it measures nothing".into());
        }
    }
    // Whole and bare by turns, so that both have the same machine.
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..rounds {
        for (index, depth) in [Depth::Advice, Depth::Frame].into_iter().enumerate() {
            times[2 * index].push(Took::by(|| checker.look(&picture, depth).map(drop))?);
            times[2 * index + 1].push(Took::by(|| checker.models_alone(depth))?);
        }
    }
    let memory = peak_memory_mib() - before;
    // The reference processing on top: photos are looked at by it, once.
    let mut full = Vec::new();
    for _ in 0..rounds.div_ceil(4) {
        full.push(Took::by(|| checker.look(&picture, Depth::Full).map(drop))?);
    }
    let [advice, bare_advice, frame, bare_frame] = times;
    let mut figures = String::new();
    for (name, times) in [
        ("frame", frame),
        ("bare", bare_frame),
        ("advice", advice),
        ("bare_advice", bare_advice),
        ("full", full),
    ] {
        let took = Took::median(&times);
        let _ = write!(figures, r#""{name}_ms": {:.3}, "{name}_cpu_ms": {:.3}, "#, took.wall, took.processor);
    }
    println!(r#"{{{figures}"memory_mib": {memory:.1}}}"#);
    Ok(())
}

fn detect(path: &str, rounds: usize, command: &[&str]) -> Result<(), Failed> {
    let picture = read(path)?;
    let mut checker = checker()?;
    let mut other = Command::new(command[0])
        .args(&command[1..])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut ask = other.stdin.take().ok_or("no input")?;
    let mut answers = BufReader::new(other.stdout.take().ok_or("no output")?);
    let mut faces = Vec::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..rounds + 5 {
        let own = Took::by(|| checker.detect(&picture, &mut faces))?;
        writeln!(ask)?;
        ask.flush()?;
        let mut answer = String::new();
        answers.read_line(&mut answer)?;
        let [wall, processor, found] = answer.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(format!("it answered {answer:?}").into());
        };
        if found.parse::<usize>()? != faces.len() {
            return Err(format!("one finds {} faces, the other {found}", faces.len()).into());
        }
        // The first ones warm up.
        if round >= 5 {
            ours.push(own);
            theirs.push(Took { wall: wall.parse()?, processor: processor.parse()? });
        }
    }
    drop(ask);
    other.wait()?;
    let (ours, theirs) = (Took::median(&ours), Took::median(&theirs));
    println!(
        r#"{{"ours_ms": {:.3}, "theirs_ms": {:.3}, "ours_cpu_ms": {:.3}, "theirs_cpu_ms": {:.3}}}"#,
        ours.wall, theirs.wall, ours.processor, theirs.processor
    );
    Ok(())
}

fn facts(paths: &[&str]) -> Result<(), Failed> {
    let mut checker = checker()?;
    for path in paths {
        let look = checker.look(&read(path)?, Depth::Full)?;
        println!("{path}: live {:?}, {:?}", look.liveness, look.facts);
    }
    Ok(())
}

/// Milliseconds.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    /// Of this thread alone.
    processor: f64,
}

impl Took {
    fn by<E>(what: impl FnOnce() -> Result<(), E>) -> Result<Self, E> {
        let (began, processor) = (Instant::now(), processor_ms());
        what()?;
        Ok(Self { processor: processor_ms() - processor, wall: began.elapsed().as_secs_f64() * 1_000.0 })
    }

    fn median(times: &[Self]) -> Self {
        let middle = |of: fn(&Self) -> f64| {
            let mut times: Vec<f64> = times.iter().map(of).collect();
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Self { wall: middle(|took| took.wall), processor: middle(|took| took.processor) }
    }
}

fn processor_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1_000.0 + time.tv_nsec as f64 / 1_000_000.0
}

/// What the process holds now, and the most it ever held (Linux).
fn memory_mib() -> f64 {
    status("VmRSS:")
}

fn peak_memory_mib() -> f64 {
    status("VmHWM:")
}

fn status(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok())
        .map_or(f64::NAN, |kib| kib / 1024.0)
}
