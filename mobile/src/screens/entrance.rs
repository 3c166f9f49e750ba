//! The entrance: a candidate's invitation code (J2); below it the other ways in: fairs, a candidate's sign-in, the
//! employer's.

use super::register::state_word;
use crate::bridge::{Hall, Way, use_hall};
use crate::format::{clock, code_cells};
use crate::parts::{Button, CodeField, Glyph, Icon, TopBar};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{FormState, ServerView, WhoView};
use miantan_domain::code::{InviteCode, LENGTH};
use miantan_domain::time::Timestamp;

/// What came of the form that was sent last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sent {
    pub busy: bool,
    pub problem: Option<String>,
    /// The next try is possible after so many milliseconds.
    pub wait_ms: u64,
}

/// `waiting` and the sentences are the same for both ways in.
pub(super) fn sent(l: crate::i18n::Lang, form: &FormState, now: Timestamp) -> Sent {
    match form {
        FormState::Idle | FormState::PasswordNeeded { .. } | FormState::OtherDevice { .. } => {
            Sent { busy: false, problem: None, wait_ms: 0 }
        }
        FormState::Sending => Sent { busy: true, problem: None, wait_ms: 0 },
        FormState::Failed { problem, again_at } => Sent {
            busy: false,
            problem: Some(words::problem(l, problem.code)),
            wait_ms: again_at.map_or(0, |at| at.left(now)),
        },
    }
}

/// Why the code cannot be sent as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Typed {
    Empty,
    Short,
    NoCode,
    /// In its plain form.
    Ready(String),
    /// A whole invitation link was pasted.
    Link,
}

fn judge(text: &str) -> Typed {
    // One more than a code has, to notice that there are too many.
    let cells: String = code_cells(text, LENGTH + 1).into_iter().collect();
    if text.contains("://") {
        Typed::Link
    } else if cells.is_empty() {
        Typed::Empty
    } else if let Some(code) = InviteCode::parse(&cells) {
        Typed::Ready(code.as_str().to_owned())
    } else if cells.chars().count() < LENGTH {
        Typed::Short
    } else {
        Typed::NoCode
    }
}

/// Another way in; what the last form said goes with it.
pub(super) fn go_way(mut hall: Hall, way: Way) {
    hall.send(Intent::ResetForm);
    hall.way.set(way);
}

/// Back from a way in: to the fair it was begun at, else to the code.
pub(super) fn back_from_way(mut hall: Hall) {
    hall.apply.set(None);
    let way = if hall.peek_view().fairs.open.is_some() { Way::Fairs } else { Way::Start };
    go_way(hall, way);
}

/// A row that leads to another way in.
#[component]
fn WayRow(test: String, glyph: Glyph, title: String, more: String, onpress: EventHandler<()>) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "row",
            "data-test": test,
            onclick: move |_| onpress.call(()),
            span { class: "row-icon", Icon { glyph } }
            span { class: "row-text",
                span { class: "row-title", "{title}" }
                span { class: "row-more", "{more}" }
            }
            Icon { glyph: Glyph::Forward }
        }
    }
}

#[component]
pub fn Entrance() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut typed = use_signal(String::new);
    // Pressed too early: said until the next key.
    let mut pressed = use_signal(|| false);
    let WhoView::SignedOut { form, .. } = &view.who else { return rsx! {} };
    let (organiser, hotline) = match &view.server {
        ServerView::Chosen { organiser, hotline, .. } => (organiser.clone(), hotline.clone()),
        ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. } => Default::default(),
    };
    let sent = sent(l, form, hall.now());
    let held = sent.busy || sent.wait_ms > 0;
    let judged = judge(&typed.read());
    let go = move || {
        pressed.set(true);
        match judge(&typed.peek()) {
            _ if held => {}
            Typed::Ready(code) => hall.send(Intent::Join { code, password: None }),
            Typed::Link => hall.send(Intent::UseServer(typed.peek().trim().to_owned())),
            Typed::Empty | Typed::Short | Typed::NoCode => {}
        }
    };
    let mut enter = go;
    let mut press = go;
    let (remark, wrong) = match (&sent.problem, judged) {
        (Some(problem), _) if sent.wait_ms > 0 => (
            format!("{problem} {}", l.tr_with("again-in", &[("time", clock(sent.wait_ms + 999).into())])),
            true,
        ),
        (Some(problem), _) => (problem.clone(), true),
        (None, Typed::NoCode) => (l.tr("code-not-one"), true),
        (None, Typed::Short | Typed::Empty) if pressed() => (l.tr("code-short"), true),
        (None, _) => (l.tr("code-hint"), false),
    };
    rsx! {
        main { class: "screen entrance",
            TopBar { title: organiser, onback: move |()| hall.send(Intent::LeaveServer) }
            div { class: "hero",
                h1 { {l.tr("join-title")} }
                p { {l.tr("join-line")} }
            }
            section { class: "stack",
                CodeField {
                    test: "code",
                    label: l.tr("code-label"),
                    typed: typed(),
                    remark,
                    wrong,
                    oninput: move |text| {
                        typed.set(text);
                        pressed.set(false);
                    },
                    onenter: move |()| enter(),
                }
                Button {
                    test: "join",
                    label: if sent.busy { l.tr("join-sending") } else { l.tr("join") },
                    busy: sent.busy,
                    disabled: sent.wait_ms > 0,
                    onpress: move |()| press(),
                }
            }
            div { class: "grow" }
            section { class: "stack foot",
                ul { class: "card list ways",
                    if let Some(registration) = &view.registration {
                        li {
                            WayRow {
                                test: "registration",
                                glyph: Glyph::Document,
                                title: l.tr("way-registration"),
                                more: state_word(l, &registration.registration.state),
                                onpress: {
                                    let fair = registration.registration.fair;
                                    move |()| go_way(hall, Way::Register(fair))
                                },
                            }
                        }
                    }
                    li {
                        WayRow {
                            test: "fairs",
                            glyph: Glyph::Megaphone,
                            title: l.tr("way-fairs"),
                            more: l.tr("way-fairs-more"),
                            onpress: move |()| go_way(hall, Way::Fairs),
                        }
                    }
                    li {
                        WayRow {
                            test: "candidate",
                            glyph: Glyph::Person,
                            title: l.tr("way-candidate"),
                            more: l.tr("way-candidate-more"),
                            onpress: move |()| go_way(hall, Way::Phone),
                        }
                    }
                    li {
                        WayRow {
                            test: "employer",
                            glyph: Glyph::Building,
                            title: l.tr("employer-entrance"),
                            more: l.tr("employer-entrance-more"),
                            onpress: move |()| go_way(hall, Way::Employer),
                        }
                    }
                }
                if !hotline.is_empty() {
                    button {
                        r#type: "button",
                        class: "hotline-line",
                        "data-test": "hotline",
                        onclick: move |_| hall.send(Intent::DialHotline),
                        {l.tr_with("hotline-line", &[("number", hotline.clone().into())])}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use miantan_domain::wire::{Problem, ProblemCode};

    #[test]
    fn what_is_typed_is_judged_before_it_is_sent() {
        for (text, judged) in [
            ("", Typed::Empty),
            (" - ", Typed::Empty),
            ("ABC-12", Typed::Short),
            ("abc def ghj", Typed::Ready("ABCDEFGHJ".to_owned())),
            ("ａｂｃ－ｄｅｆ－ｇｈｊ", Typed::Ready("ABCDEFGHJ".to_owned())),
            ("ABC-DEF-GHJK", Typed::NoCode),
            ("UUUUUUUUU", Typed::NoCode),
            ("https://hall.example/j/ABCDEFGHJ", Typed::Link),
        ] {
            assert_eq!(judge(text), judged, "{text}");
        }
    }

    #[test]
    fn a_slowed_try_counts_down() {
        let form = FormState::Failed {
            problem: Problem::from(ProblemCode::SlowDown),
            again_at: Some(Timestamp(9_000)),
        };
        assert_eq!(sent(Lang::En, &form, Timestamp(2_000)).wait_ms, 7_000);
        assert_eq!(sent(Lang::En, &form, Timestamp(9_001)).wait_ms, 0);
        assert!(sent(Lang::En, &FormState::Sending, Timestamp(0)).busy);
    }
}
