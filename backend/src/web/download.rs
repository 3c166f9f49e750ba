//! Where to get the app (J1): one card per system that a build was uploaded for.

use super::layout::{self, Keep, Page};
use super::links;
use super::missing::Missing;
use super::parts::{icon, wechat_notice};
use super::shell::Shell;
use super::text;
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use miantan_domain::wire::rest::{Build, System};

/// `/download`.
pub(super) async fn download(
    State(state): State<AppState>,
    shell: Shell,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let mut builds = state.stores.fairs.builds().await?;
    // the visitor's own system first
    builds.sort_by_key(|build| Some(build.system) != shell.system);
    let body = html! {
        section.lead {
            h1 { "下载面谈 App" }
            p.quiet { "安装后从招聘会页面或短信里的链接就能直接打开。" }
        }
        (wechat_notice(&shell))
        @if builds.is_empty() {
            section.card.note-page {
                (icon("download"))
                h2 { "还没有可以下载的安装包" }
                p.quiet {
                    (shell.organiser) "还没有上传任何系统的安装包。"
                    @if shell.hotline.is_empty() { "请联系主办方。" } @else {
                        "请拨打热线 " a href={ "tel:" (shell.hotline) } { (shell.hotline) } "。"
                    }
                }
            }
        } @else {
            div.builds { @for build in &builds { (card(&shell, build)) } }
            p.quiet.aside {
                "SHA-256 是安装包的校验值：下载后计算一遍，与这里一致就说明文件完整、没有被改动。"
            }
        }
    };
    let page = Page {
        title: "下载面谈 App",
        description: "各系统的安装包、版本与校验值。",
        path: "/download",
        keep: Keep::Ask,
    };
    Ok(layout::page(&shell, &page, &headers, &body))
}

pub(super) fn name(system: System) -> &'static str {
    match system {
        System::Android => "Android / 鸿蒙",
        System::Ios => "iPhone / iPad",
        System::Windows => "Windows",
        System::Macos => "macOS",
        System::Linux => "Linux",
    }
}

fn card(shell: &Shell, build: &Build) -> Markup {
    let own = Some(build.system) == shell.system;
    let phone = matches!(build.system, System::Android | System::Ios);
    html! {
        section.card.build {
            div.build-main {
                div.row { h2 { (name(build.system)) } @if own { span.chip.on { "您的系统" } } }
                p.quiet {
                    "版本 " (build.version) " · " (text::size(build.size)) " · "
                    time datetime=(text::machine(build.at, shell.offset)) { (text::moment(build.at, shell.offset)) }
                }
                a class=(if own { "button primary" } else { "button" }) href=(links::build(build.system)) {
                    (icon("download")) "下载"
                }
                p.quiet { (build.file) }
            }
            figure.build-code {
                img src=(format!("/download/{}/qr.svg", build.system.as_str()))
                    alt=(format!("下载 {} 版的二维码", name(build.system))) width="132" height="132" loading="lazy";
                figcaption.quiet { @if phone { "手机扫码下载" } @else { "扫码得到下载链接" } }
            }
            div.hash { p.quiet { "SHA-256" } p.mono { (build.sha256) } }
        }
    }
}
