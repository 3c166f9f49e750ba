//! The frame of every page: head, bar, footer.

use super::assets::{ICON_PATH, PICTURE_PATH, STYLE_PATH};
use super::parts::icon;
use super::shell::Shell;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

/// How long a page may be shown without asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Ask each time whether it is still so (ETag).
    Ask,
    /// Nowhere: it holds a code.
    Never,
}

/// What a page says of itself.
pub(super) struct Page<'a> {
    pub title: &'a str,
    pub description: &'a str,
    /// Its own path, for link previews; empty: not to be found or shared.
    pub path: &'a str,
    pub keep: Keep,
}

/// The whole page as an answer to a request with these headers.
pub(super) fn page(shell: &Shell, page: &Page<'_>, headers: &HeaderMap, body: &Markup) -> Response {
    let links = &shell.links;
    let head = html! {
        @if page.path.is_empty() {
            meta name="robots" content="noindex, nofollow";
        } @else {
            link rel="canonical" href=(links.absolute(page.path));
            meta property="og:url" content=(links.absolute(page.path));
        }
        meta name="description" content=(page.description);
        meta property="og:type" content="website";
        meta property="og:locale" content="zh_CN";
        meta property="og:site_name" content=(shell.organiser);
        meta property="og:title" content=(page.title);
        meta property="og:description" content=(page.description);
        meta property="og:image" content=(links.absolute(PICTURE_PATH));
    };
    let document = html! {
        (frame(&format!("{} · {}", page.title, shell.organiser), &head))
        header.bar {
            div.wrap {
                a.brand href="/" {
                    img src=(ICON_PATH) alt="" width="28" height="28";
                    span { (shell.organiser) }
                }
                a.pill href="/download" { (icon("download")) "下载 App" }
            }
        }
        main.wrap id="top" { (body) }
        footer.wrap {
            p {
                (shell.organiser)
                @if !shell.hotline.is_empty() { " · 热线 " a href={ "tel:" (shell.hotline) } { (shell.hotline) } }
            }
            p {
                a href="/policy" { "服务条款与隐私政策" }
                " · "
                a href="/download" { "下载 App" }
            }
            p.quiet { "主办方不向求职者收取任何费用" }
        }
    };
    answer(document, page.keep, headers)
}

/// A page without the organiser, for faults.
pub(super) fn bare(title: &str, body: &Markup) -> Response {
    let head = html! { meta name="robots" content="noindex, nofollow"; };
    let document = html! { (frame(title, &head)) main.wrap { (body) } };
    let html = close(document);
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], html)
        .into_response()
}

/// Everything before the body's content. Documents end with [`close`].
fn frame(title: &str, head: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"zh-CN\" data-theme=\"system\">"))
        head {
            meta charset="utf-8";
            title { (title) }
            meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
            meta name="color-scheme" content="light dark";
            meta name="format-detection" content="telephone=no";
            meta name="theme-color" content="#f5f5f2" media="(prefers-color-scheme: light)";
            meta name="theme-color" content="#0e0f12" media="(prefers-color-scheme: dark)";
            link rel="stylesheet" href=(STYLE_PATH.as_str());
            link rel="icon" href=(ICON_PATH) type="image/svg+xml";
            (head)
        }
        (PreEscaped("<body>"))
        a.skip href="#top" { "跳到正文" }
    }
}

fn close(document: Markup) -> String {
    let mut html = document.into_string();
    html.push_str("</body></html>");
    html
}

fn answer(document: Markup, keep: Keep, asked: &HeaderMap) -> Response {
    let html = close(document);
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if keep == Keep::Never {
        return ([kind, (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], html).into_response();
    }
    let hash = Sha256::digest(&html);
    let tag = hash[..12].iter().fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let same = known.flat_map(|tags| tags.split(',')).any(|one| one.trim().trim_start_matches("W/") == tag);
    // hexadecimal in quotes is always a header's value
    let tag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""));
    let keeping = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::VARY, HeaderValue::from_static("User-Agent, Host")),
    ];
    if same {
        return (StatusCode::NOT_MODIFIED, keeping).into_response();
    }
    (keeping, [kind], html).into_response()
}
