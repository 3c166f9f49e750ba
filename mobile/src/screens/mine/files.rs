//! Attachment résumés: files kept for applications.

use super::{form, mine};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{
    Button, Confirm, FailedPart, FormProblem, Glyph, Icon, IconButton, LoadingPart, NotPicked, NothingPart,
    Pick, SubPage, pick_file, use_form,
};
use crate::screens::talks::times::list_time;
use crate::screens::talks::words::{kind_of, size};
use dioxus::prelude::*;
use miantan_client::view::Loadable;
use miantan_client::{Intent, intent::AccountIntent};
use miantan_domain::model::{ATTACHMENTS_MAX, AttachmentResume};
use miantan_domain::wire::rest::FILE_MAX_BYTES;

/// Why there is no file, where that needs words.
pub(super) fn not_picked(l: Lang, why: NotPicked) -> Option<String> {
    match why {
        NotPicked::Nothing => None,
        NotPicked::TooLarge => Some(l.tr("problem-file-too-large")),
        NotPicked::Unreadable => Some(l.tr("file-unreadable")),
    }
}

/// An upload's bar with its percentage.
#[component]
pub(super) fn Progressing(percent: u8) -> Element {
    let l = use_hall().lang();
    rsx! {
        div {
            class: "progressing",
            role: "progressbar",
            "data-test": "uploading",
            "aria-label": l.tr("file-uploading"),
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            "aria-valuenow": "{percent}",
            p {
                span { {l.tr("file-uploading")} }
                span { class: "figures", "{percent}%" }
            }
            span { class: "bar", span { style: "width:{percent}%" } }
        }
    }
}

#[component]
pub(super) fn Files(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Account(AccountIntent::LoadAttachments));
    use_hook(load);
    let sent = use_form(form, Intent::Account(AccountIntent::FormSeen));
    let mut removing = use_signal(|| None::<AttachmentResume>);
    let mut picked_wrong = use_signal(|| None::<NotPicked>);
    let Some(mine) = mine(&view) else { return rsx! {} };
    let full = matches!(&mine.attachments, Some(Loadable::Ready(list)) if list.len() >= ATTACHMENTS_MAX);
    let add = move |()| {
        picked_wrong.set(None);
        sent.clear();
        spawn(async move {
            match pick_file(Pick::File, FILE_MAX_BYTES).await {
                Ok(picked) => sent.send(
                    "add",
                    Intent::Account(AccountIntent::AddAttachment {
                        name: picked.name,
                        bytes: picked.bytes.into(),
                    }),
                ),
                Err(why) => picked_wrong.set(Some(why)),
            }
        });
    };
    rsx! {
        SubPage {
            test: "files",
            title: l.tr("mine-files"),
            onback,
            foot: rsx! {
                Button {
                    test: "file-add",
                    label: if full { l.tr_with("files-full", &[("n", ATTACHMENTS_MAX.into())]) } else { l.tr("file-add") },
                    glyph: Glyph::Plus,
                    busy: mine.uploading.is_some() || sent.busy("add"),
                    disabled: full,
                    onpress: add,
                }
                p { class: "aside", {l.tr("file-kinds")} }
            },
            FormProblem { problem: sent.problem() }
            if let Some(text) = picked_wrong().and_then(|why| not_picked(l, why)) {
                p { class: "callout bad", role: "alert", "data-test": "file-problem",
                    Icon { glyph: Glyph::Warning }
                    span { "{text}" }
                }
            }
            if let Some(percent) = mine.uploading {
                Progressing { percent }
            }
            match mine.attachments.as_ref() {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(list)) if list.is_empty() && mine.uploading.is_some() => rsx! {},
                Some(Loadable::Ready(list)) if list.is_empty() => rsx! {
                    NothingPart { glyph: Glyph::Document, title: l.tr("files-none"), more: l.tr("files-none-more") }
                },
                Some(Loadable::Ready(list)) => rsx! {
                    ul { class: "card list",
                        for file in list.iter().cloned() {
                            li { key: "{file.object}", class: "row file-row", "data-test": "file-{file.object}",
                                span { class: "row-icon file-kind", {kind_of(&file.name)} }
                                span { class: "row-text",
                                    span { class: "row-title", "{file.name}" }
                                    span { class: "row-more figures",
                                        {format!("{} · {}", size(file.size), list_time(l, file.at, hall.wall(), hall.offset()))}
                                    }
                                }
                                IconButton {
                                    test: "file-remove-{file.object}",
                                    name: l.tr_with("file-remove-named", &[("name", file.name.clone().into())]),
                                    glyph: Glyph::Trash,
                                    class: "quiet",
                                    disabled: sent.any_busy(),
                                    onpress: {
                                        let file = file.clone();
                                        move |()| removing.set(Some(file.clone()))
                                    },
                                }
                            }
                        }
                    }
                },
            }
        }
        if let Some(file) = removing() {
            Confirm {
                test: "file-remove-sheet",
                title: l.tr("file-remove-title"),
                body: l.tr_with("file-remove-lead", &[("name", file.name.clone().into())]),
                yes: l.tr("file-remove"),
                danger: true,
                onyes: move |()| {
                    removing.set(None);
                    sent.clear();
                    sent.send("remove", Intent::Account(AccountIntent::RemoveAttachment(file.object)));
                },
                onno: move |()| removing.set(None),
            }
        }
    }
}
