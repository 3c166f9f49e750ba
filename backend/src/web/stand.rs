//! An employer's stand with all its positions, and one position.

use super::layout::{self, Keep, Page};
use super::links::{self, Target};
use super::missing::Missing;
use super::parts::{icon, names, paragraphs, position as line, tile};
use super::shell::Shell;
use super::text;
use crate::http::fairs::id;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use miantan_domain::ids::{EmployerId, FairId, PositionId};
use miantan_domain::wire::ProblemCode;

/// `/fairs/{fair}/employers/{employer}`.
pub(super) async fn stand(
    State(state): State<AppState>,
    shell: Shell,
    Path((fair, employer)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let (fair, employer): (FairId, EmployerId) = (id(&fair)?, id(&employer)?);
    let head = state.stores.fairs.fair(fair).await?.ok_or(ProblemCode::NotFound)?;
    let stand = state.stores.fairs.stand(fair, employer).await?.ok_or(ProblemCode::NotFound)?;
    let open = super::fair::takes_applications(&shell, &head);
    let (name, full) = names(&stand.name, &stand.short);
    let body = html! {
        (back(&links::fair(fair), &stand.fair_title))
        section.card.hero {
            div.stand-head {
                (tile(name))
                div.names { h1 { (name) } @if let Some(full) = full { p.quiet { (full) } } }
            }
            div.actions {
                a.button.primary href=(Target::Stand(fair, employer).page()) { (icon("phone")) "在 App 中打开" }
            }
        }
        @if !stand.introduction.trim().is_empty() {
            section.card.prose { h2 { "单位简介" } (paragraphs(&stand.introduction)) }
        }
        section aria-labelledby="positions" {
            div.section-head { h2 id="positions" { "全部职位" } span.quiet { (stand.positions.len()) " 个" } }
            @if stand.positions.is_empty() {
                p.found { "还没有发布职位。" }
            } @else {
                div.card { ul.positions.long { @for card in &stand.positions { (line(card, open)) } } }
            }
        }
    };
    let description = text::beginning(
        &format!("{}，{} 个职位。{}", stand.name, stand.positions.len(), stand.introduction),
        120,
    );
    let path = links::stand(fair, employer);
    let page = Page { title: &stand.name, description: &description, path: &path, keep: Keep::Ask };
    Ok(layout::page(&shell, &page, &headers, &body))
}

/// `/positions/{position}`.
pub(super) async fn position(
    State(state): State<AppState>,
    shell: Shell,
    Path(position): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let position: PositionId = id(&position)?;
    let details = state.stores.fairs.position(position, shell.now).await?.ok_or(ProblemCode::NotFound)?;
    let card = &details.card;
    let body = html! {
        (back(&links::stand(details.fair, details.employer), &details.employer_name))
        section.card.hero {
            h1 { (card.title) }
            p.salary.large { (text::salary(card.salary)) @if card.salary.to != 0 { span.quiet { " 元/月" } } }
            dl.facts-list {
                div { dt { (icon("kind")) "招聘人数" } dd { (card.openings) " 人" } }
                @if !card.city.trim().is_empty() { div { dt { (icon("place")) "工作地点" } dd { (card.city) } } }
                div {
                    dt { (icon("document")) "招聘会" }
                    dd { a href=(links::fair(details.fair)) { (details.fair_title) } }
                }
            }
            div.actions {
                @if card.open && details.fair_open {
                    a.button.primary href=(Target::Position(card.id).page()) { "投递简历" }
                } @else {
                    p.found { @if card.open { "招聘会现在不接受投递。" } @else { "该职位已停止招聘。" } }
                }
                a.button href=(links::stand(details.fair, details.employer)) { "查看该公司全部职位" }
            }
        }
        @for (title, text) in [("职位描述", &details.description), ("任职要求", &details.requirements)] {
            @if !text.trim().is_empty() { section.card.prose { h2 { (title) } (paragraphs(text)) } }
        }
    };
    let title = format!("{} · {}", card.title, details.employer_name);
    let description =
        text::beginning(&format!("{} {} {}", text::salary(card.salary), card.city, details.description), 120);
    let path = links::position(position);
    let page = Page { title: &title, description: &description, path: &path, keep: Keep::Ask };
    Ok(layout::page(&shell, &page, &headers, &body))
}

fn back(path: &str, to: &str) -> Markup {
    html! { nav.back aria-label="返回" { a href=(path) { (icon("back")) span { (to) } } } }
}
