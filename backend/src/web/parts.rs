//! Pieces that several pages share.

use super::links::{self, Target};
use super::shell::Shell;
use super::text;
use maud::{Markup, PreEscaped, html};
use miantan_domain::ids::{EmployerId, FairId};
use miantan_domain::model::*;

/// Line icons of 24 units. Shapes only: the colour is the text's.
pub(super) fn icon(name: &str) -> Markup {
    let shape = match name {
        "download" => "M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14",
        "search" => "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l4.5 4.5",
        "qr" => {
            "M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM13.5 13.5h2v2h-2zM17.5 17.5h2v2h-2zM17.5 13.5h2M13.5 19.5h2"
        }
        "share" => "M12 14V4m-3.5 3.5L12 4l3.5 3.5M6 11.5v8h12v-8",
        "eye" => "M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6zm9-2.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
        "clock" => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 4v4.5l3 2",
        "place" => {
            "M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11zm0-13.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"
        }
        "kind" => "M4.5 8.5h15v11h-15zM9 8.5v-3h6v3M4.5 13h15",
        "next" => "M9.5 5.5 16 12l-6.5 6.5",
        "back" => "M14.5 5.5 8 12l6.5 6.5",
        "phone" => "M7.5 3.5h9v17h-9zM11 17.5h2",
        "check" => "M5 12.5 10 17.5 19.5 7",
        // a document
        _ => "M6.5 3.5h8l4 4v13h-12zM14 3.5v4.5h4.5",
    };
    html! {
        svg.icon viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"
            stroke-linejoin="round" aria-hidden="true" { path d=(shape) {} }
    }
}

/// A plain text with its paragraphs and lines.
pub(super) fn paragraphs(text: &str) -> Markup {
    lines_of(&text::paragraphs(text))
}

pub(super) fn lines_of(paragraphs: &[Vec<&str>]) -> Markup {
    html! {
        @for lines in paragraphs {
            p {
                @for (n, line) in lines.iter().enumerate() {
                    @if n > 0 { br; }
                    (line)
                }
            }
        }
    }
}

/// The first letter of a name on a tile whose colour belongs to the name.
pub(super) fn tile(name: &str) -> Markup {
    let first = name.chars().find(|c| c.is_alphanumeric()).unwrap_or('·');
    let tone = name.chars().fold(7_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(u32::from(c))) % 6;
    html! { span class=(format!("tile tone-{tone}")) aria-hidden="true" { (first) } }
}

/// One position in a list; `open`: the fair takes applications.
pub(super) fn position(card: &PositionCard, open: bool) -> Markup {
    html! {
        li.position {
            a.what href=(links::position(card.id)) {
                span.title { (card.title) }
                span.facts {
                    @if !card.city.is_empty() { span { (card.city) } }
                    span { "招" (card.openings) "人" }
                }
            }
            span.salary { (text::salary(card.salary)) }
            @if open && card.open {
                a.button.small href=(Target::Position(card.id).page())
                    aria-label=(format!("投递简历：{}", card.title)) { "投递简历" }
            } @else if open {
                span.over { "已停止" }
            }
        }
    }
}

/// An employer's card (F2).
pub(super) fn stand(fair: FairId, card: &StandCard, open: bool) -> Markup {
    let (head, full) = names(&card.name, &card.short);
    html! {
        article.card.stand {
            a.stand-head href=(links::stand(fair, card.employer)) {
                (tile(head))
                span.names {
                    h3 { (head) }
                    @if let Some(full) = full { span.quiet { (full) } }
                }
            }
            @if card.positions.is_empty() {
                p.quiet.none { "还没有发布职位" }
            } @else {
                ul.positions { @for one in &card.positions { (position(one, open)) } }
            }
            (all_positions(fair, card.employer, card.position_count))
        }
    }
}

fn all_positions(fair: FairId, employer: EmployerId, count: u32) -> Markup {
    html! {
        a.more href=(links::stand(fair, employer)) {
            "查看该公司全部职位"
            @if count > STAND_CARD_POSITIONS as u32 { span.quiet { "（" (count) "）" } }
            (icon("next"))
        }
    }
}

/// What to call an employer, and its full name where that is another one.
pub(super) fn names<'a>(name: &'a str, short: &'a str) -> (&'a str, Option<&'a str>) {
    let short = short.trim();
    if short.is_empty() || short == name { (name, None) } else { (short, Some(name)) }
}

/// How to leave WeChat's browser, which opens no apps and loads no builds.
pub(super) fn wechat_notice(shell: &Shell) -> Markup {
    html! {
        @if shell.wechat {
            aside.card.notice role="note" {
                (icon("phone"))
                div {
                    p { strong { "微信里打不开 App，也不能下载" } }
                    p { "请点右上角的 " strong { "···" } "，选择 " strong { "在浏览器打开" } "，再继续。" }
                }
            }
        }
    }
}

/// A code to scan, drawn into the page.
pub(super) fn code(text: &str, label: &str) -> Markup {
    html! { @if let Some(svg) = super::qr::svg(text, label) { (PreEscaped(svg)) } }
}
