//! Terms and privacy policy as a page.

use super::layout::{self, Keep, Page};
use super::missing::Missing;
use super::parts::lines_of;
use super::shell::Shell;
use super::text;
use crate::http::policy;
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::html;

/// A paragraph that is one short line without a full stop: a heading, as people write them in plain text.
fn heading<'a>(lines: &[&'a str]) -> Option<&'a str> {
    let [line] = lines else { return None };
    let short = line.chars().count() <= 30;
    (short && !line.ends_with(['。', '.', '；', '：', '！'])).then_some(*line)
}

/// `/policy`.
pub(super) async fn policy(
    State(state): State<AppState>,
    shell: Shell,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let policy = policy::current(&state.config).await?;
    let paragraphs = text::paragraphs(&policy.text);
    let body = html! {
        section.card.prose.policy {
            h1 { "服务条款与隐私政策" }
            p.quiet { "版本 " (policy.version) }
            @for lines in &paragraphs {
                @if let Some(heading) = heading(lines) { h2 { (heading) } }
                @else { (lines_of(std::slice::from_ref(lines))) }
            }
        }
    };
    let page = Page {
        title: "服务条款与隐私政策",
        description: "收集什么、为什么、保存多久，以及您的权利。",
        path: "/policy",
        keep: Keep::Ask,
    };
    Ok(layout::page(&shell, &page, &headers, &body))
}
