//! The face check on one thread: a camera frame (640 × 480, portrait) from planes to numbers, what of it is not the models
//! themselves, the advice for the preview, memory, and the detector beside OpenCV's on the same model and the same picture.
//!
//! `core/face/examples/face_probe.rs` says what exactly is measured. Whole looks and bare models take turns in one process, and
//! so do our detector and OpenCV's, one frame each: whatever else the machine does, it does to both. Ratios are of processor time,
//! which is the same on an idle machine; milliseconds are of the clock on the wall.
use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::figure::{Metric, Samples};
use super::{Bench, check_in, number};
use crate::{onnxruntime, sh};

pub const METRICS: &[Metric] = &[
    Metric::at_most("face_frame_ms_p50", "ms", 35.0),
    Metric::at_most("face_overhead_ratio", "", 1.25),
    Metric::at_most("face_advice_ms_p50", "ms", 8.0),
    // at 640 × 480 and at 320 × 240, the worse of both
    Metric::at_most("detector_vs_opencv_ratio", "", 1.0),
    Metric::at_most("face_memory_mib", "MiB", 120.0),
    // photos: the detector at 640 too
    Metric::less("face_photo_ms_p50", "ms"),
    check_in::CHECK_IN_S,
    check_in::HUMAN_S,
    check_in::PREVIEW_FPS,
];

/// Looks of one run.
const ROUNDS: &str = "60";
/// A live person, 480 × 640: what a phone's camera gives.
const PICTURE: &str = "live/real_1.jpg";
/// `FaceDetectorYN` knows the model with free sides from this version on.
const OPENCV: [&str; 2] = ["opencv-python-headless==5.0.0.93", "numpy"];

/// Answers every line of its input with the milliseconds of one detection, on the wall and of the processor, and the faces it
/// found.
const SCRIPT: &str = "
import sys, time, cv2
cv2.setNumThreads(1)
model, picture = sys.argv[1:]
image = cv2.imread(picture)
height, width = image.shape[:2]
detector = cv2.FaceDetectorYN.create(model, '', (width, height), 0.6, 0.3, 5000)
for line in sys.stdin:
    began, processor = time.perf_counter(), time.thread_time()
    faces = detector.detect(image)[1]
    processor = time.thread_time() - processor
    print((time.perf_counter() - began) * 1000, processor * 1000, 0 if faces is None else len(faces), flush=True)
";

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    onnxruntime::prepare()?;
    let python = onnxruntime::environment("bench-face", &OPENCV)?;
    let python = python.to_str().context("the project's path is not readable text")?;
    let probe = bench.program("miantan-face", "face_probe")?;
    let models = models()?;
    let photo = models.join("../faces").join(PICTURE);
    if !photo.is_file() {
        bail!("{} is missing: the pictures belong beside the models", photo.display());
    }
    // Both get the same pixels: files without loss, made once.
    let pictures = bench.folder.join("pictures");
    std::fs::create_dir_all(&pictures)?;
    let shrink = "
import sys, cv2
photo, folder = sys.argv[1:]
image = cv2.imread(photo)
cv2.imwrite(folder + '/640.png', image)
cv2.imwrite(folder + '/320.png', cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
";
    sh::output(sh::command(python, &["-c", shrink]).arg(&photo).arg(&pictures))?;
    let model = models.join("face_detection_yunet_n_dynamic.onnx");
    for _ in 0..bench.runs {
        let output = sh::output(
            sh::command(probe, &["run"])
                .arg(pictures.join("640.png"))
                .arg(ROUNDS)
                .env("MIANTAN_MODELS", &models),
        )?;
        println!("{}", output.trim());
        let figures: Value = serde_json::from_str(output.trim()).context("face_probe printed no JSON")?;
        samples.add("face_frame_ms_p50", number(&figures, "frame_ms")?);
        samples
            .add("face_overhead_ratio", number(&figures, "frame_cpu_ms")? / number(&figures, "bare_cpu_ms")?);
        samples.add("face_advice_ms_p50", number(&figures, "advice_ms")?);
        samples.add("face_photo_ms_p50", number(&figures, "full_ms")?);
        samples.add("face_memory_mib", number(&figures, "memory_mib")?);
        let mut worst = 0.0_f64;
        for picture in ["640.png", "320.png"] {
            let mut command = sh::command(probe, &["detect"]);
            command.arg(pictures.join(picture)).args([ROUNDS, python, "-c", SCRIPT]).arg(&model);
            let output = sh::output(command.env("MIANTAN_MODELS", &models))?;
            println!("{picture}: {}", output.trim());
            let figures: Value = serde_json::from_str(output.trim()).context("face_probe printed no JSON")?;
            worst = worst.max(number(&figures, "ours_cpu_ms")? / number(&figures, "theirs_cpu_ms")?);
        }
        samples.add("detector_vs_opencv_ratio", worst);
    }
    check_in::measure(bench, samples)
}

/// As `core/face` looks for them.
fn models() -> Result<std::path::PathBuf> {
    if let Some(folder) = std::env::var_os("MIANTAN_MODELS") {
        return Ok(folder.into());
    }
    let root = sh::root();
    let places = root.ancestors().skip(1).take(2).map(|beside| beside.join("shared/models"));
    let found = places.into_iter().find(|place| place.is_dir());
    found.context(
        "the models of the face check are missing: put `shared` beside the checkout or set MIANTAN_MODELS",
    )
}
