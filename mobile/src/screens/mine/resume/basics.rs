//! Name, line, city, year of birth, what is looked for, e-mail, photo.

use super::super::files::{Progressing, not_picked};
use super::super::home::Portrait;
use super::super::{form, mine};
use super::{PartPage, use_desk};
use crate::i18n::Lang;
use crate::parts::{
    Button, FormProblem, Glyph, Icon, Kind, Line, NotPicked, Pick, Remark, Takes, local_picture, pick_file,
    use_form,
};
use dioxus::prelude::*;
use miantan_client::{Intent, intent::AccountIntent};
use miantan_domain::model::{CANDIDATE_AGE_MIN, RESUME_LINE_MAX_CHARS};
use miantan_domain::wire::rest::FILE_MAX_BYTES;

/// Nobody who applies was born before.
const FIRST_YEAR: u16 = 1930;
const NAME_MAX_CHARS: usize = 60;

/// A typed year of birth: 0 for none; `Err`: not one, seen from `this_year`.
fn birth_year(typed: &str, this_year: u16) -> Result<u16, ()> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(0);
    }
    let year: u16 = typed.parse().map_err(|_| ())?;
    (FIRST_YEAR..=this_year.saturating_sub(CANDIDATE_AGE_MIN)).contains(&year).then_some(year).ok_or(())
}

/// Whether it looks like an address.
fn email_doubt(l: Lang, typed: &str) -> Option<String> {
    let typed = typed.trim();
    let fine = typed
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
    (!typed.is_empty() && !fine).then(|| l.tr("email-doubt"))
}

#[component]
pub(super) fn Basics() -> Element {
    let desk = use_desk();
    let l = desk.hall.lang();
    let epoch = desk.draft.read().epoch;
    rsx! {
        PartPage { test: "resume-basics", title: l.tr("part-basics"),
            Photo {}
            for now in [epoch] {
                Fields { key: "{now}" }
            }
        }
    }
}

#[component]
fn Fields() -> Element {
    let desk = use_desk();
    let hall = desk.hall;
    let l = hall.lang();
    let doc = use_hook(|| desk.draft.peek().doc.clone());
    let year = doc.resume.birth_year;
    let mut typed_year = use_signal(|| if year == 0 { String::new() } else { year.to_string() });
    let mut typed_email = use_signal(|| doc.resume.email.clone());
    let this_year = this_year(hall.wall().0);
    let bad_year = birth_year(&typed_year.read(), this_year).is_err();
    let email = email_doubt(l, &typed_email.read());
    rsx! {
        div { class: "stack",
            Line {
                test: "resume-name",
                label: l.tr("resume-name"),
                initial: doc.name.clone(),
                limit: NAME_MAX_CHARS,
                oninput: move |text| desk.edit(|draft| draft.doc.name = text),
            }
            Line {
                test: "resume-headline",
                label: l.tr("resume-headline"),
                placeholder: l.tr("resume-headline-example"),
                initial: doc.headline.clone(),
                limit: RESUME_LINE_MAX_CHARS,
                oninput: move |text| desk.edit(|draft| draft.doc.headline = text),
            }
            Line {
                test: "resume-objective",
                label: l.tr("resume-objective"),
                placeholder: l.tr("resume-objective-example"),
                initial: doc.resume.objective.clone(),
                limit: RESUME_LINE_MAX_CHARS,
                oninput: move |text| desk.edit(|draft| draft.doc.resume.objective = text),
            }
            div { class: "two-fields",
                Line {
                    test: "resume-city",
                    label: l.tr("resume-city"),
                    initial: doc.resume.city.clone(),
                    limit: RESUME_LINE_MAX_CHARS,
                    oninput: move |text| desk.edit(|draft| draft.doc.resume.city = text),
                }
                Line {
                    test: "resume-birth-year",
                    label: l.tr("resume-birth-year"),
                    initial: typed_year.peek().clone(),
                    takes: Takes::Number,
                    tone: if bad_year { Remark::Error } else { Remark::Hint },
                    remark: bad_year.then(|| {
                        l.tr_with(
                            "birth-year-bad",
                            &[
                                ("from", FIRST_YEAR.to_string().into()),
                                ("to", this_year.saturating_sub(CANDIDATE_AGE_MIN).to_string().into()),
                            ],
                        )
                    }),
                    oninput: move |text: String| {
                        if let Ok(year) = birth_year(&text, this_year) {
                            desk.edit(|draft| draft.doc.resume.birth_year = year);
                        }
                        typed_year.set(text);
                    },
                }
            }
            Line {
                test: "resume-email",
                label: l.tr("resume-email"),
                initial: doc.resume.email.clone(),
                takes: Takes::Email,
                limit: RESUME_LINE_MAX_CHARS,
                tone: if email.is_some() { Remark::Doubt } else { Remark::Hint },
                remark: email,
                oninput: move |text: String| {
                    typed_email.set(text.clone());
                    desk.edit(|draft| draft.doc.resume.email = text);
                },
            }
        }
    }
}

/// The year of a Unix time in ms, in China (half a day does not matter here).
fn this_year(unix_ms: i64) -> u16 {
    time::OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1000))
        .ok()
        .and_then(|at| u16::try_from(at.year()).ok())
        .unwrap_or(u16::MAX)
}

#[component]
fn Photo() -> Element {
    let desk = use_desk();
    let hall = desk.hall;
    let l = hall.lang();
    let view = hall.view();
    let sent = use_form(form, Intent::Account(AccountIntent::FormSeen));
    let mut wrong = use_signal(|| None::<NotPicked>);
    let Some(mine) = mine(&view) else { return rsx! {} };
    let there = desk.draft.read().doc.resume.photo.is_some() || mine.resume.photo.is_some();
    let choose = move |pick: Pick| {
        wrong.set(None);
        sent.clear();
        spawn(async move {
            match pick_file(pick, FILE_MAX_BYTES).await {
                Ok(picked) => sent.send(
                    "photo",
                    Intent::Account(AccountIntent::SetPhoto {
                        name: picked.name,
                        bytes: picked.bytes.into(),
                    }),
                ),
                Err(why) => wrong.set(Some(why)),
            }
        });
    };
    let mut take = choose;
    let mut pick = choose;
    rsx! {
        section { class: "card photo-card",
            Portrait {
                name: desk.draft.read().doc.name.clone(),
                photo: mine.resume.photo.as_ref().map(local_picture),
            }
            div { class: "photo-buttons",
                Button {
                    test: "photo-pick",
                    label: if there { l.tr("photo-change") } else { l.tr("photo-add") },
                    kind: Kind::Secondary,
                    small: true,
                    onpress: move |()| pick(Pick::Picture),
                }
                Button {
                    test: "photo-take",
                    label: l.tr("photo-take"),
                    kind: Kind::Secondary,
                    small: true,
                    onpress: move |()| take(Pick::Camera),
                }
                if there {
                    Button {
                        test: "photo-remove",
                        label: l.tr("photo-remove"),
                        kind: Kind::Plain,
                        small: true,
                        onpress: move |()| desk.edit(|draft| draft.doc.resume.photo = None),
                    }
                }
            }
        }
        if let Some(percent) = mine.uploading {
            Progressing { percent }
        }
        FormProblem { problem: sent.problem() }
        if let Some(text) = wrong().and_then(|why| not_picked(l, why)) {
            p { class: "callout bad", role: "alert",
                Icon { glyph: Glyph::Warning }
                span { "{text}" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_birth() {
        assert_eq!(birth_year(" ", 2026), Ok(0));
        assert_eq!(birth_year("2004", 2026), Ok(2004));
        assert_eq!(birth_year("2010", 2026), Ok(2010));
        for wrong in ["2011", "1929", "04", "二〇〇四", "99999999"] {
            assert_eq!(birth_year(wrong, 2026), Err(()), "{wrong}");
        }
        assert_eq!(this_year(1_795_500_300_000), 2026);
    }

    #[test]
    fn only_what_cannot_be_an_address_is_doubted() {
        for fine in ["", "lin@example.edu.cn", " a@b.cn "] {
            assert_eq!(email_doubt(Lang::Zh, fine), None, "{fine}");
        }
        for odd in ["lin", "lin@", "@b.cn", "lin@host"] {
            assert!(email_doubt(Lang::Zh, odd).is_some(), "{odd}");
        }
    }
}
