//! QR codes as SVG.

use super::links::{self, Links};
use super::missing::Missing;
use super::shell::Shell;
use crate::http::builds;
use crate::http::fairs::id;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use miantan_domain::ids::FairId;
use miantan_domain::wire::ProblemCode;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Modules left white around the code (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// An SVG picture of the text. `None`: it is too long for any code.
pub(super) fn svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colours) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colours.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|colour| **colour == Color::Dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let size = width + 2 * QUIET;
    let label = maud::html! { (label) }.into_string();
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr\" role=\"img\" aria-label=\"{label}\" \
         viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

fn file(text: &str, label: &str) -> Result<impl IntoResponse + use<>, Missing> {
    let svg = svg(text, label).ok_or(ProblemCode::Internal)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=3600")], svg))
}

/// `/fairs/{fair}/qr.svg`: leads to the fair's page.
pub(super) async fn fair(
    State(state): State<AppState>,
    shell: Shell,
    Path(fair): Path<String>,
) -> Result<impl IntoResponse, Missing> {
    let fair: FairId = id(&fair)?;
    let head = state.stores.fairs.fair(fair).await?.ok_or(ProblemCode::NotFound)?;
    file(&shell.links.absolute(&links::fair(fair)), &head.title)
}

/// `/download/{system}/qr.svg`: leads to the download of that system's build.
pub(super) async fn build(shell: Shell, Path(system): Path<String>) -> Result<impl IntoResponse, Missing> {
    let system = builds::system(&system)?;
    let links: &Links = &shell.links;
    file(&links.absolute(&links::build(system)), "下载二维码")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read back by another implementation (see tests/web.rs for the whole way).
    #[test]
    fn a_code_has_its_quiet_zone_and_escapes_its_label() {
        let code = svg("https://fair.example.cn/fairs/1", "<b>\"&").unwrap();
        assert!(code.contains("aria-label=\"&lt;b&gt;&quot;&amp;\""), "{code}");
        assert!(code.contains("M4 4h7v1h-7z"), "the finder begins behind four white modules");
        assert!(svg(&"x".repeat(5_000), "").is_none());
    }
}
