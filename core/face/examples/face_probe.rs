//! Measures the face check on this machine, one thread, and prints JSON; `cargo xtask bench face` reads it. Modes:
//!
//! - `face_probe run PICTURE ROUNDS`: whole looks, the bare models in the same run, memory.
//! - `face_probe detect PICTURE ROUNDS COMMAND…`: the detector beside another one, in turns. The command gets the picture's
//!   path as its last argument, and for every line on its input detects once and answers with the milliseconds it took.
//! - `face_probe facts PICTURE…`: what the crate measures of pictures, one line each.
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
            times[2 * index].push(milliseconds(|| checker.look(&picture, depth).map(drop))?);
            times[2 * index + 1].push(milliseconds(|| checker.models_alone(depth))?);
        }
    }
    let memory = peak_memory_mib() - before;
    // The reference processing on top: photos are looked at by it, once.
    let mut full = Vec::new();
    for _ in 0..rounds.div_ceil(4) {
        full.push(milliseconds(|| checker.look(&picture, Depth::Full).map(drop))?);
    }
    let [advice, bare_advice, frame, bare_frame] = times.map(median);
    println!(
        r#"{{"frame_ms": {frame:.3}, "bare_ms": {bare_frame:.3}, "advice_ms": {advice:.3}, "bare_advice_ms": {bare_advice:.3}, "full_ms": {:.3}, "memory_mib": {memory:.1}}}"#,
        median(full)
    );
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
        let own = milliseconds(|| checker.detect(&picture, &mut faces))?;
        writeln!(ask)?;
        ask.flush()?;
        let mut answer = String::new();
        answers.read_line(&mut answer)?;
        let (milliseconds, found) =
            answer.trim().split_once(' ').ok_or_else(|| format!("it answered {answer:?}"))?;
        if found.parse::<usize>()? != faces.len() {
            return Err(format!("one finds {} faces, the other {found}", faces.len()).into());
        }
        // The first ones warm up.
        if round >= 5 {
            ours.push(own);
            theirs.push(milliseconds.parse()?);
        }
    }
    drop(ask);
    other.wait()?;
    println!(r#"{{"ours_ms": {:.3}, "theirs_ms": {:.3}}}"#, median(ours), median(theirs));
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

fn milliseconds<E>(what: impl FnOnce() -> Result<(), E>) -> Result<f64, E> {
    let began = Instant::now();
    what()?;
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
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
