//! A whole check-in in the app's window, from the invitation code to the waiting room, by a person who does everything right
//! (`tests/ui/src/bin/miantan-ui-check-in`, which lists what is assumed of the person). Each run is another candidate of
//! another sample fair on another phone.
use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Metric, Samples};
use super::{Bench, number};
use crate::demo::hall::Hall;
use crate::sh;

pub const CHECK_IN_S: Metric = Metric::at_most("check_in_s", "s", 60.0);
/// What of it was assumed of the person.
pub const HUMAN_S: Metric = Metric::less("check_in_human_s", "s");
/// Pictures that the page draws while faces are looked at.
pub const PREVIEW_FPS: Metric = Metric::at_least("face_preview_fps", "1/s", 29.0);

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    for run in 0..bench.runs {
        let out = bench.folder.join(format!("check-in-{run}"));
        std::fs::create_dir_all(&out)?;
        let hall = Hall::open(bench.program("miantan-backend", "miantan-backend")?, &out, false)?;
        let mut check_in =
            sh::command(bench.program("miantan-ui", "miantan-ui-check-in")?, &["--backend", &hall.url]);
        check_in.arg("--app").arg(bench.program("miantan-mobile", "miantan-mobile")?);
        check_in.arg("--seed").arg(&hall.seed_file).arg("--out").arg(&out);
        let output = sh::output(&mut check_in)?;
        // the driver may say something before its figures
        let line = output.lines().last().unwrap_or_default();
        println!("{line}");
        let figures: Value = serde_json::from_str(line).context("miantan-ui-check-in printed no JSON")?;
        for (metric, key) in [(CHECK_IN_S, "check_in_s"), (HUMAN_S, "human_s"), (PREVIEW_FPS, "preview_fps")]
        {
            samples.add(metric.name, number(&figures, key)?);
        }
    }
    Ok(())
}
