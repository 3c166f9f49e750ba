//! The fairs of this server, and a fair's page (F1, F2).

use super::layout::{self, Keep, Page};
use super::links::{self, Target};
use super::missing::Missing;
use super::parts::{code, icon, lines_of, stand};
use super::shell::Shell;
use super::text;
use crate::http::fairs::id;
use crate::http::onlooker::Onlooker;
use crate::state::AppState;
use crate::store::{Cursor, FairHead, StandList, StandQuery, fair_open};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use miantan_domain::ids::FairId;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::{FAIR_PAGE_LIMIT, SEARCH_MAX_CHARS};
use serde::Deserialize;

/// Characters of the introduction shown before it is unfolded.
const INTRODUCTION_SHOWN: usize = 90;

/// Which part of the stands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    after: Option<String>,
}

/// `/`: all fairs.
pub(super) async fn fairs(
    State(state): State<AppState>,
    shell: Shell,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let heads = state.stores.fairs.fairs().await?;
    let (now, before): (Vec<_>, Vec<_>) = heads.iter().partition(|head| head.ends > shell.now);
    let list = |heads: &[&FairHead]| {
        html! { ul.fairs { @for head in heads { li { (fair_card(&shell, head)) } } } }
    };
    let body = html! {
        section.lead {
            h1 { "网络招聘会" }
            p.quiet { "在电脑或手机上浏览招聘会，用 App 投递简历、在线洽谈和视频面试。" }
        }
        @if heads.is_empty() {
            section.card.note-page {
                (icon("kind"))
                h2 { "还没有招聘会" }
                p.quiet { "主办方发布招聘会之后会显示在这里。" }
            }
        }
        @if !now.is_empty() { section aria-label="正在进行和即将开始" { (list(&now)) } }
        @if !before.is_empty() {
            section { h2.section-title { "已结束" } (list(&before)) }
        }
    };
    let description = format!("{}的网络招聘会：参展企业、职位与在线面谈。", shell.organiser);
    let page = Page { title: "网络招聘会", description: &description, path: "/", keep: Keep::Ask };
    Ok(layout::page(&shell, &page, &headers, &body))
}

fn fair_card(shell: &Shell, head: &FairHead) -> Markup {
    html! {
        a.card.fair-card href=(links::fair(head.id)) {
            span.row { (state_chip(shell, head)) span.quiet { (head.kind) } }
            h2 { (head.title) }
            span.facts { (icon("clock")) span { (period(shell, head)) } }
            @if !place(head).is_empty() { span.facts { (icon("place")) span { (place(head)) } } }
            span.counts-line {
                "参展企业 " strong { (head.employers) } " 个"
                span.dot { "·" }
                "职位 " strong { (head.positions) } " 个"
            }
        }
    }
}

/// Whether it is on.
fn state_chip(shell: &Shell, head: &FairHead) -> Markup {
    let (class, word) = if head.open(shell.now) {
        ("chip on", "进行中")
    } else if shell.now < head.starts {
        ("chip soon", "未开始")
    } else {
        ("chip", "已结束")
    };
    html! { span class=(class) { (word) } }
}

/// Whether people can do something there now.
pub(super) fn takes_applications(shell: &Shell, head: &FairHead) -> bool {
    fair_open(head.starts, head.ends, shell.now)
}

fn period(shell: &Shell, head: &FairHead) -> Markup {
    html! {
        time datetime=(text::machine(head.starts, shell.offset)) { (text::moment(head.starts, shell.offset)) }
        " — "
        time datetime=(text::machine(head.ends, shell.offset)) { (text::moment(head.ends, shell.offset)) }
    }
}

/// "上海市 - 嘉定区".
fn place(head: &FairHead) -> String {
    let parts = [head.city.trim(), head.district.trim()];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" - ")
}

/// `/fairs/{fair}`: counts one view per person.
pub(super) async fn fair(
    State(state): State<AppState>,
    shell: Shell,
    onlooker: Onlooker,
    Path(fair): Path<String>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let fair: FairId = id(&fair)?;
    let Query(asked) = asked.map_err(|_| ProblemCode::Malformed)?;
    let head = state.stores.fairs.fair(fair).await?.ok_or(ProblemCode::NotFound)?;
    let search: String = asked.q.trim().chars().take(SEARCH_MAX_CHARS).collect();
    let after = match asked.after.as_deref() {
        None => None,
        Some(text) => Some(Cursor::parse(text).ok_or(ProblemCode::Malformed)?),
    };
    let query = StandQuery {
        fair,
        search: (!search.is_empty()).then(|| search.clone()),
        after,
        limit: FAIR_PAGE_LIMIT,
    };
    let list = state.stores.fairs.stands(query).await?.ok_or(ProblemCode::NotFound)?;
    state.stores.fairs.viewed(fair, onlooker.names(&state, fair));

    let body = html! {
        (counts(&head))
        (facts(&shell, &head))
        (introduction(&head))
        (stands(&shell, &head, &list, &search, after.is_some()))
    };
    let description = text::beginning(
        &format!("参会企业 {} 个，可投递职位 {} 个。{}", head.employers, head.positions, head.introduction),
        120,
    );
    let path = links::fair(fair);
    let page = Page { title: &head.title, description: &description, path: &path, keep: Keep::Ask };
    Ok(layout::page(&shell, &page, &headers, &body))
}

fn counts(head: &FairHead) -> Markup {
    html! {
        ul.counts aria-label="统计" {
            li { strong { (head.employers) } span { "参会企业" } }
            li { strong { (head.positions) } span { "可投递职位" } }
            li { strong { (head.followers) } span { "关注人次" } }
        }
    }
}

fn facts(shell: &Shell, head: &FairHead) -> Markup {
    let link = shell.links.absolute(&links::fair(head.id));
    html! {
        section.card.hero {
            div.row { (state_chip(shell, head)) span.quiet.views { (icon("eye")) "浏览 " (head.views) " 次" } }
            h1 { (head.title) }
            dl.facts-list {
                div { dt { (icon("kind")) "招聘会类型" } dd { (head.kind) } }
                div { dt { (icon("clock")) "举办时间" } dd { (period(shell, head)) } }
                @if !place(head).is_empty() { div { dt { (icon("place")) "举办城市" } dd { (place(head)) } } }
                @if !head.venue.trim().is_empty() {
                    div { dt { (icon("place")) "举办地址" } dd { (head.venue) } }
                }
            }
            div.actions {
                a.button.primary href=(Target::Fair(head.id).page()) { (icon("phone")) "在 App 中打开并关注" }
                a.button href=(Target::Hall(head.id).page()) { "洽谈面试大厅" }
                @if shell.now < head.ends {
                    a.button href=(Target::Register(head.id).page()) { "单位报名参加" }
                }
            }
            details.share {
                summary { (icon("qr")) "二维码与分享" }
                div.share-body {
                    (code(&link, "本页二维码"))
                    div {
                        p { "微信扫一扫，或把下面的链接发给别人：" }
                        p.link { (link) }
                        p { a href=(format!("{}/qr.svg", links::fair(head.id))) { "单独打开二维码" } }
                    }
                }
            }
        }
    }
}

/// The beginning, and the rest folded away.
fn introduction(head: &FairHead) -> Markup {
    let paragraphs = text::paragraphs(&head.introduction);
    let mut shown = 0;
    let mut characters = 0;
    for lines in &paragraphs {
        if shown > 0 && characters >= INTRODUCTION_SHOWN {
            break;
        }
        characters += lines.iter().map(|line| line.chars().count()).sum::<usize>();
        shown += 1;
    }
    let (beginning, rest) = paragraphs.split_at(shown);
    html! {
        @if !paragraphs.is_empty() {
            section.card.prose aria-labelledby="introduction" {
                h2 id="introduction" { "招聘会简介" }
                (lines_of(beginning))
                @if !rest.is_empty() {
                    details.fold {
                        summary { span.closed { "展开详情" } span.opened { "收起" } (icon("next")) }
                        (lines_of(rest))
                    }
                }
            }
        }
    }
}

fn stands(shell: &Shell, head: &FairHead, list: &StandList, search: &str, further: bool) -> Markup {
    let open = takes_applications(shell, head);
    let first = links::stands(head.id, search, None);
    html! {
        section id="stands" aria-labelledby="stands-title" {
            div.section-head {
                h2 id="stands-title" { "参展企业" }
                @if !open && shell.now < head.starts { span.quiet { "开始后可以投递" } }
                @if !open && shell.now >= head.ends { span.quiet { "招聘会已结束，不再接受投递" } }
            }
            form.search method="get" action=(format!("{}#stands", links::fair(head.id))) role="search" {
                label.unseen for="q" { "搜索单位名称或职位名称" }
                span.field {
                    (icon("search"))
                    input id="q" name="q" type="search" value=(search) maxlength=(SEARCH_MAX_CHARS)
                        placeholder="单位名称或职位名称" autocomplete="off" enterkeyhint="search";
                }
                button.button.primary type="submit" { "搜索" }
                a.button href=(links::stands(head.id, "", None)) { "重置" }
            }
            @if !search.is_empty() {
                p.found role="status" {
                    @if list.items.is_empty() { "没有找到与“" (search) "”有关的单位或职位。换个短一点的词，或者重置。" }
                    @else { "与“" (search) "”有关的单位和职位" @if further { "（续）" } }
                }
            } @else if list.items.is_empty() {
                p.found { "还没有参展企业。" }
            }
            div.stands { @for card in &list.items { (stand(head.id, card, open)) } }
            @if further || list.next.is_some() {
                nav.paging aria-label="分页" {
                    @if further { a.button href=(first) { (icon("back")) "回到第一页" } }
                    @if let Some(next) = list.next {
                        a.button href=(links::stands(head.id, search, Some(&next.encode()))) rel="next" {
                            "下一页" (icon("next"))
                        }
                    }
                }
            }
        }
    }
}
