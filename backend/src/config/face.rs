//! Settings of the face check: where models and ONNX Runtime are, when an attempt passes, how much is kept.

use super::ConfigError;
use miantan_domain::model::FaceThresholds;
use serde::Deserialize;
use std::path::PathBuf;

/// The table `[face]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaceConfig {
    pub enabled: bool,
    /// `None`: `models` in the data folder, else the developer's.
    pub models: Option<PathBuf>,
    /// `None`: looked for.
    pub onnxruntime: Option<PathBuf>,
    /// Threads that look at pictures.
    pub checkers: usize,
    pub attempts: u32,
    pub same: f32,
    pub different: f32,
    pub live: f32,
    pub live_doubt: f32,
    pub frames: u32,
    pub people_max: u64,
    pub frames_days: u32,
    pub simulated: bool,
}

impl Default for FaceConfig {
    fn default() -> Self {
        let FaceThresholds { same, different, live, live_doubt, frames } = FaceThresholds::default();
        Self {
            enabled: true,
            models: None,
            onnxruntime: None,
            checkers: 1,
            attempts: miantan_domain::rules::identity::ATTEMPTS,
            same,
            different,
            live,
            live_doubt,
            frames,
            people_max: 99_999,
            frames_days: 7,
            simulated: false,
        }
    }
}

impl FaceConfig {
    pub const fn thresholds(&self) -> FaceThresholds {
        FaceThresholds {
            same: self.same,
            different: self.different,
            live: self.live,
            live_doubt: self.live_doubt,
            frames: self.frames,
        }
    }

    /// Thresholds that contradict each other would pass everybody or nobody.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |message: &str| Err(ConfigError::Value(message.to_owned()));
        let cosine = |value: f32| (0.0..=1.0).contains(&value);
        if !cosine(self.same) || !cosine(self.different) || self.different > self.same {
            return wrong(
                "`face.different` and `face.same` must be from 0 to 1, and the first not above the second",
            );
        }
        if !cosine(self.live) || !cosine(self.live_doubt) || self.live_doubt > self.live {
            return wrong(
                "`face.live_doubt` and `face.live` must be from 0 to 1, and the first not above the second",
            );
        }
        if !(1..=100).contains(&self.frames) || !(1..=20).contains(&self.attempts) {
            return wrong("`face.frames` must be from 1 to 100, `face.attempts` from 1 to 20");
        }
        if !(1..=64).contains(&self.checkers) {
            return wrong("`face.checkers` must be from 1 to 64");
        }
        if !(1..=3_650).contains(&self.frames_days) {
            return wrong("`face.frames_days` must be from 1 to 3650");
        }
        Ok(())
    }
}
