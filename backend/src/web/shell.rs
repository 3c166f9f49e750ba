//! What every page needs to know of the request and the organiser.

use super::links::Links;
use crate::http::error::ApiProblem;
use crate::http::origin::Origin;
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::System;

/// The frame around every page.
#[derive(Debug, Clone)]
pub(super) struct Shell {
    pub organiser: String,
    pub hotline: String,
    pub links: Links,
    /// Inside WeChat's browser, which opens no apps.
    pub wechat: bool,
    /// The visitor's system, as the browser says.
    pub system: Option<System>,
    /// Minutes east of UTC.
    pub offset: i32,
    pub now: WallTime,
}

impl FromRequestParts<AppState> for Shell {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Origin(origin) = Origin::from_request_parts(parts, state).await?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let agent = agent.unwrap_or_default();
        Ok(Self {
            organiser: state.config.organiser.trim().to_owned(),
            hotline: state.config.hotline.trim().to_owned(),
            links: Links::new(origin),
            wechat: agent.contains("MicroMessenger"),
            system: system(agent),
            offset: state.config.utc_offset_minutes,
            now: state.clock.wall(),
        })
    }
}

/// Which system a browser says it runs on. Android says Linux, too, and iPads say Macintosh.
fn system(agent: &str) -> Option<System> {
    let says = |word| agent.contains(word);
    if says("Android") || says("HarmonyOS") {
        Some(System::Android)
    } else if says("iPhone") || says("iPad") {
        Some(System::Ios)
    } else if says("Windows NT") {
        Some(System::Windows)
    } else if says("Macintosh") {
        Some(System::Macos)
    } else if says("Linux") || says("X11") {
        Some(System::Linux)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_told_apart() {
        for (agent, expected) in [
            ("Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36", Some(System::Android)),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", Some(System::Ios)),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Some(System::Windows)),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", Some(System::Macos)),
            ("Mozilla/5.0 (X11; Linux x86_64)", Some(System::Linux)),
            ("curl/8.0", None),
        ] {
            assert_eq!(system(agent), expected, "{agent}");
        }
    }
}
