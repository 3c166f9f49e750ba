//! Pages that lead into the app: by its own link where it is installed, else to the download page; on a
//! large screen by a code for the phone; inside WeChat by the way out.
//!
//! Never here: whether an invitation code is right. These pages ask no store about it, so that nobody can
//! try codes on them.

use super::layout::{self, Keep, Page};
use super::links::{self, Target};
use super::missing::Missing;
use super::parts::{code as qr, icon, wechat_notice};
use super::shell::Shell;
use crate::http::fairs::id;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use miantan_domain::code::InviteCode;
use miantan_domain::ids::{EmployerId, FairId, PositionId};
use miantan_domain::wire::ProblemCode;

/// One way into the app.
struct Door<'a> {
    over: &'a str,
    title: &'a str,
    what: &'a str,
    target: Target<'a>,
    back: String,
}

async fn fair_title(state: &AppState, fair: &str) -> Result<(FairId, String), Missing> {
    let fair: FairId = id(fair)?;
    let head = state.stores.fairs.fair(fair).await?.ok_or(ProblemCode::NotFound)?;
    Ok((fair, head.title))
}

/// `/open/fair/{fair}`.
pub(super) async fn fair(
    State(state): State<AppState>,
    shell: Shell,
    Path(fair): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let (fair, title) = fair_title(&state, &fair).await?;
    let what = "在 App 中可以关注招聘会、投递简历、与单位在线洽谈，并接受面试邀约。";
    let target = Target::Fair(fair);
    Ok(door(&shell, &headers, &Door { over: "招聘会", title: &title, what, target, back: links::fair(fair) }))
}

/// `/open/hall/{fair}`.
pub(super) async fn hall(
    State(state): State<AppState>,
    shell: Shell,
    Path(fair): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let (fair, title) = fair_title(&state, &fair).await?;
    let what = "用人单位在手机或电脑的 App 中，用社会信用代码或单位全称和密码登录，进入洽谈面试大厅：\
                查看简历、在线洽谈、发送面试邀约、视频面试。";
    let target = Target::Hall(fair);
    let door_of = Door { over: &title, title: "洽谈面试大厅", what, target, back: links::fair(fair) };
    Ok(door(&shell, &headers, &door_of))
}

/// `/open/register/{fair}`.
pub(super) async fn register(
    State(state): State<AppState>,
    shell: Shell,
    Path(fair): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let (fair, title) = fair_title(&state, &fair).await?;
    let what = "在 App 中填写单位名称、统一社会信用代码和联系人，上传营业执照照片。主办方审核后会发短信通知，\
                通过后即可发布职位。";
    let target = Target::Register(fair);
    let door_of = Door { over: &title, title: "单位报名参加", what, target, back: links::fair(fair) };
    Ok(door(&shell, &headers, &door_of))
}

/// `/open/stand/{fair}/{employer}`.
pub(super) async fn stand(
    State(state): State<AppState>,
    shell: Shell,
    Path((fair, employer)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let (fair, employer): (FairId, EmployerId) = (id(&fair)?, id(&employer)?);
    let stand = state.stores.fairs.stand(fair, employer).await?.ok_or(ProblemCode::NotFound)?;
    let what = "在 App 中查看全部职位并投递简历，投递后可以直接与单位在线洽谈。";
    let target = Target::Stand(fair, employer);
    let back = links::stand(fair, employer);
    Ok(door(&shell, &headers, &Door { over: "参展企业", title: &stand.name, what, target, back }))
}

/// `/open/position/{position}`.
pub(super) async fn position(
    State(state): State<AppState>,
    shell: Shell,
    Path(position): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let position: PositionId = id(&position)?;
    let details = state.stores.fairs.position(position, shell.now).await?.ok_or(ProblemCode::NotFound)?;
    let what = "在 App 中登录后，用在线简历或附件简历投递，投递后可以直接与单位在线洽谈。";
    let target = Target::Position(position);
    let door_of = Door {
        over: &details.employer_name,
        title: &details.card.title,
        what,
        target,
        back: links::position(position),
    };
    Ok(door(&shell, &headers, &door_of))
}

fn door(shell: &Shell, headers: &HeaderMap, door: &Door<'_>) -> Response {
    let body = html! {
        nav.back aria-label="返回" { a href=(door.back) { (icon("back")) span { "返回" } } }
        section.card.door {
            p.over-line { (door.over) }
            h1 { (door.title) }
            p.quiet { (door.what) }
            (ways(shell, door.target))
        }
    };
    let page = Page { title: door.title, description: door.what, path: "", keep: Keep::Ask };
    layout::page(shell, &page, headers, &body)
}

/// The app's own link, the way to get the app, and a code for the phone.
fn ways(shell: &Shell, target: Target<'_>) -> Markup {
    html! {
        (wechat_notice(shell))
        div.actions {
            a.button.primary href=(shell.links.app(target)) { (icon("phone")) "打开面谈 App" }
            a.button href="/download" { (icon("download")) "还没有安装？下载 App" }
        }
        div.scan {
            (qr(&shell.links.absolute(&target.page()), "用手机打开本页的二维码"))
            p.quiet { "在电脑上看到本页时，用手机扫码继续" }
        }
    }
}

/// `/i/{code}` and `/join/{code}`: an invitation's link.
pub(super) async fn invitation(shell: Shell, Path(code): Path<String>, headers: HeaderMap) -> Response {
    let good = InviteCode::parse(&code);
    let body = if let Some(code) = &good {
        html! {
            section.card.door {
                p.over-line { "面试邀约" }
                h1 { "进入视频面谈" }
                p.quiet { "您的邀请码。请不要转发给别人：" }
                p.invite-code { (code.grouped()) }
                (ways(&shell, Target::Join(&code.grouped())))
            }
            (steps(&shell))
        }
    } else {
        html! {
            section.card.door {
                h1 { "链接不完整" }
                p.quiet {
                    "这个链接里的邀请码少了或多了字符。请从短信里完整复制链接，或者打开 App 手动输入邀请码。"
                }
                div.actions {
                    a.button.primary href="/download" { (icon("download")) "下载 App" }
                }
            }
            (steps(&shell))
        }
    };
    let page =
        Page {
            title: "视频面谈邀请", description: "打开面谈 App 进入面试。", path: "", keep: Keep::Never
        };
    layout::page(&shell, &page, &headers, &body)
}

fn steps(shell: &Shell) -> Markup {
    html! {
        section.card.prose {
            h2 { "怎样参加" }
            ol.steps {
                li { "安装并打开 App。从这个链接打开时邀请码会自动填好，也可以手动输入短信里的邀请码。" }
                li { "邀约设有密码时，输入短信里的密码；考试可能要求核对身份，可以选择短信验证码方式。" }
                li { "依次检测扬声器、麦克风和摄像头。" }
                li { "在候场室等候呼叫。退出 App、来电或断网都会保留排队位置。" }
            }
            @if !shell.hotline.is_empty() {
                p.quiet { "遇到问题请拨打主办方热线 " a href={ "tel:" (shell.hotline) } { (shell.hotline) } "。" }
            }
        }
    }
}
