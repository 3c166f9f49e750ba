//! 我的: who one is, and the way to everything of one's own.

use super::{MinePage, account};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Avatar, Confirm, Glyph, NavRow, TopBar, local_picture};
use dioxus::prelude::*;
use miantan_client::view::{Loadable, MineView, SaveState};
use miantan_client::{Intent, intent::AccountIntent};
use miantan_domain::model::{InvitationStatus, ResumeDoc};
use miantan_domain::time::WallTime;
use std::sync::Arc;

/// How many there are, where that is known and any.
fn count<T>(list: Option<&Loadable<Arc<Vec<T>>>>) -> String {
    match list {
        Some(Loadable::Ready(list)) if !list.is_empty() => list.len().to_string(),
        Some(Loadable::Ready(_) | Loadable::Loading | Loadable::Failed(_)) | None => String::new(),
    }
}

/// What of the interviews asks for something: an answer first, else the ones to come.
fn interviews_word(l: Lang, mine: &MineView, now: WallTime) -> String {
    let Some(Loadable::Ready(list)) = &mine.interviews else { return String::new() };
    let ahead = || list.iter().filter(|card| card.terms.ends() > now);
    let open = ahead().filter(|card| card.status == InvitationStatus::Sent).count();
    let coming = ahead().filter(|card| card.status == InvitationStatus::Accepted).count();
    match (open, coming) {
        (0, 0) => String::new(),
        (0, coming) => l.tr_with("interviews-coming", &[("n", coming.into())]),
        (open, _) => l.tr_with("interviews-open", &[("n", open.into())]),
    }
}

/// How the online résumé stands, in a word or two.
fn resume_word(l: Lang, mine: &MineView) -> String {
    match (&mine.resume.saved, mine.resume.doc.as_deref()) {
        (SaveState::Conflict { .. }, _) => l.tr("resume-row-conflict"),
        (SaveState::Failed(_), Some(_)) => l.tr("resume-row-failed"),
        (SaveState::OnDevice, Some(_)) => l.tr("resume-row-device"),
        (_, Some(ResumeDoc { resume, .. })) if resume.is_blank() => l.tr("resume-row-blank"),
        (_, Some(_)) => l.tr("resume-row-there"),
        (_, None) => String::new(),
    }
}

#[component]
pub(super) fn Home(ongo: EventHandler<MinePage>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut leaving = use_signal(|| false);
    use_hook(move || {
        for wish in [
            AccountIntent::LoadApplications,
            AccountIntent::LoadInterviews,
            AccountIntent::LoadResume,
            AccountIntent::LoadAttachments,
        ] {
            hall.send(Intent::Account(wish));
        }
    });
    let Some(account) = account(&view) else { return rsx! {} };
    let mine = &account.mine;
    let unsaved = matches!(mine.resume.saved, SaveState::OnDevice | SaveState::Saving | SaveState::Failed(_))
        && mine.resume.doc.is_some();
    let row = move |page: MinePage| move |()| ongo.call(page);
    rsx! {
        main { class: "screen mine",
            TopBar {}
            header { class: "mine-head",
                Portrait { name: account.name.clone(), photo: mine.resume.photo.as_ref().map(local_picture) }
                div { class: "mine-who",
                    h1 { "data-test": "mine-name",
                        if account.name.is_empty() {
                            {l.tr("mine-no-name")}
                        } else {
                            "{account.name}"
                        }
                    }
                    p { class: "figures", "data-test": "mine-phone", "{account.phone}" }
                }
            }
            ul { class: "card list",
                li {
                    NavRow {
                        test: "mine-applications",
                        glyph: Glyph::Send,
                        label: l.tr("mine-applications"),
                        value: count(mine.applications.as_ref()),
                        onpress: row(MinePage::Applications),
                    }
                }
                li {
                    NavRow {
                        test: "mine-interviews",
                        glyph: Glyph::Calendar,
                        label: l.tr("mine-interviews"),
                        value: interviews_word(l, mine, hall.wall()),
                        onpress: row(MinePage::Interviews),
                    }
                }
            }
            ul { class: "card list",
                li {
                    NavRow {
                        test: "mine-resume",
                        glyph: Glyph::Person,
                        label: l.tr("mine-resume"),
                        value: resume_word(l, mine),
                        onpress: row(MinePage::Resume),
                    }
                }
                li {
                    NavRow {
                        test: "mine-files",
                        glyph: Glyph::Document,
                        label: l.tr("mine-files"),
                        value: count(mine.attachments.as_ref()),
                        onpress: row(MinePage::Files),
                    }
                }
            }
            ul { class: "card list",
                li {
                    NavRow {
                        test: "mine-privacy",
                        glyph: Glyph::Shield,
                        label: l.tr("mine-privacy"),
                        onpress: row(MinePage::Privacy),
                    }
                }
                li {
                    NavRow {
                        test: "mine-settings",
                        glyph: Glyph::Gear,
                        label: l.tr("settings"),
                        onpress: move |()| hall.open_settings(),
                    }
                }
            }
            ul { class: "card list",
                li {
                    NavRow {
                        test: "mine-sign-out",
                        label: l.tr("sign-out"),
                        danger: true,
                        ends: true,
                        onpress: move |()| leaving.set(true),
                    }
                }
            }
        }
        if leaving() {
            Confirm {
                test: "sign-out",
                title: l.tr("sign-out-title"),
                body: if unsaved { l.tr("sign-out-unsaved") } else { l.tr("sign-out-account") },
                yes: l.tr("sign-out"),
                danger: true,
                onyes: move |()| {
                    leaving.set(false);
                    hall.send(Intent::SignOut);
                },
                onno: move |()| leaving.set(false),
            }
        }
    }
}

/// The photo, or the picture made of the name.
#[component]
pub(super) fn Portrait(name: String, photo: Option<String>) -> Element {
    match photo {
        Some(photo) => rsx! {
            img { class: "portrait", "data-test": "portrait", src: photo, alt: "" }
        },
        None => rsx! { Avatar { name, large: true } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::model::Resume;
    use miantan_domain::wire::{Problem, ProblemCode};

    #[test]
    fn the_resume_row_says_what_needs_care_first() {
        let with = |saved, resume| {
            let mut mine = MineView::default();
            mine.resume.doc = Some(Arc::new(ResumeDoc { resume, ..ResumeDoc::default() }));
            mine.resume.saved = saved;
            resume_word(Lang::Zh, &mine)
        };
        let full = || Resume { objective: "会计".into(), ..Resume::default() };
        let words = [
            with(SaveState::Saved, Resume::default()),
            with(SaveState::Saved, full()),
            with(SaveState::OnDevice, full()),
            with(SaveState::Failed(Problem::from(ProblemCode::ResumeTooLong)), full()),
            with(SaveState::Conflict { theirs: Box::default() }, full()),
        ];
        assert_eq!(words.iter().collect::<std::collections::BTreeSet<_>>().len(), 5, "{words:?}");
        assert_eq!(with(SaveState::Saving, full()), with(SaveState::Saved, full()));
        assert_eq!(resume_word(Lang::Zh, &MineView::default()), "");
    }

    #[test]
    fn lists_count_once_they_are_there() {
        assert_eq!(count(Some(&Loadable::Ready(Arc::new(vec![1, 2])))), "2");
        assert_eq!(count::<u8>(Some(&Loadable::Ready(Arc::default()))), "");
        assert_eq!(count::<u8>(Some(&Loadable::Loading)), "");
        assert_eq!(count::<u8>(None), "");
    }
}
