//! The style sheet and the pictures of the pages, in the program itself.

use super::missing::Missing;
use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse;
use miantan_domain::wire::ProblemCode;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Colours and sizes are the app's.
const STYLE: &str = concat!(include_str!("../../../assets/styles/tokens.css"), include_str!("site.css"));
const ICON: &str = include_str!("../../../assets/icons/miantan.svg");
/// For link previews, which read no SVG.
const PICTURE: &[u8] = include_bytes!("preview.png");

/// Name with the contents' hash: whoever has it may keep it for good.
pub(super) static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(STYLE);
    format!("/web/site.{:02x}{:02x}{:02x}{:02x}.css", hash[0], hash[1], hash[2], hash[3])
});
pub(super) const ICON_PATH: &str = "/web/icon.svg";
pub(super) const PICTURE_PATH: &str = "/web/preview.png";

const DAY: &str = "public, max-age=86400";

/// `/web/{file}`.
pub(super) async fn asset(Path(file): Path<String>) -> Result<impl IntoResponse, Missing> {
    let (kind, keep, bytes) = match file.as_str() {
        "icon.svg" => ("image/svg+xml", DAY, ICON.as_bytes()),
        "preview.png" => ("image/png", DAY, PICTURE),
        name if STYLE_PATH.ends_with(&format!("/{name}")) => {
            ("text/css; charset=utf-8", "public, max-age=31536000, immutable", STYLE.as_bytes())
        }
        _ => return Err(ProblemCode::NotFound.into()),
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], bytes))
}

pub(super) async fn favicon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, DAY)], ICON)
}

/// Fairs may be found; what leads into the app or carries a code may not.
pub(super) async fn robots() -> impl IntoResponse {
    let text = "User-agent: *\nDisallow: /api/\nDisallow: /i/\nDisallow: /join/\nDisallow: /open/\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, DAY)], text)
}
