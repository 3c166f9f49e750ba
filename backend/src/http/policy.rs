//! Terms and privacy policy: the organiser's text, or the one that comes with the program.

use super::error::ApiProblem;
use crate::config::Config;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use miantan_domain::wire::rest::Policy;
use miantan_domain::wire::{Problem, ProblemCode};

/// Says what this program really does; names stand for themselves: {organiser}, {hotline}.
const BUILT_IN: &str = include_str!("policy.zh-CN.txt");
/// Longest text of an organiser, in bytes.
pub const POLICY_MAX_BYTES: u64 = 256 * 1024;

/// The text in force. An organiser's file is read each time, so that a correction needs no restart;
/// a change of meaning needs another `policy_version`, which asks everybody again.
pub async fn current(config: &Config) -> Result<Policy, Problem> {
    let text = match &config.policy_file {
        Some(path) => tokio::fs::read_to_string(path).await.map_err(|error| {
            tracing::error!(%error, path = %path.display(), "the policy cannot be read");
            Problem::from(ProblemCode::Internal)
        })?,
        None => built_in(config),
    };
    Ok(Policy { version: config.policy_version, text })
}

fn built_in(config: &Config) -> String {
    let hotline =
        if config.hotline.trim().is_empty() { "（主办方未公布）" } else { config.hotline.trim() };
    BUILT_IN.replace("{organiser}", config.organiser.trim()).replace("{hotline}", hotline)
}

/// `GET /policy`.
pub(super) async fn policy(State(state): State<AppState>) -> Result<Json<Policy>, ApiProblem> {
    Ok(Json(current(&state.config).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_built_in_text_names_the_organiser() {
        let config = Config {
            organiser: "青禾市就业中心".into(),
            hotline: "400-000-0000".into(),
            ..Config::default()
        };
        let policy = current(&config).await.unwrap();
        assert_eq!(policy.version, 1);
        assert!(policy.text.contains("青禾市就业中心") && policy.text.contains("400-000-0000"));
        assert!(!policy.text.contains(['{', '}']));
        let silent = current(&Config::default()).await.unwrap();
        assert!(silent.text.contains("未公布"));
    }

    #[tokio::test]
    async fn an_organiser_has_a_text_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.txt");
        let config = Config { policy_file: Some(path.clone()), policy_version: 3, ..Config::default() };
        assert_eq!(current(&config).await.unwrap_err().code, ProblemCode::Internal);
        std::fs::write(&path, "我们的政策").unwrap();
        let policy = current(&config).await.unwrap();
        assert_eq!((policy.version, policy.text.as_str()), (3, "我们的政策"));
    }
}
