//! A candidate's sign-in by phone and a code by SMS; then, once, who that is. The policy is agreed to before a number
//! goes anywhere.

use super::entrance::{back_from_way, sent};
use crate::bridge::use_hall;
use crate::format::clock;
use crate::i18n::Lang;
use crate::parts::{
    Button, FailedPart, FormProblem, Glyph, Icon, Kind, Line, LoadingPart, Remark, Sheet, Takes, TopBar,
    use_form,
};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::AccountIntent;
use miantan_client::view::{AppView, Loadable, OfficeForm, ServerView, WhoView};
use miantan_domain::model::CANDIDATE_AGE_MIN;
use miantan_domain::time::WallTime;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::Profile;

/// Digits of a code by SMS.
pub(super) const CODE_DIGITS: usize = 6;

/// Full-width digits as their narrow ones, and nothing but digits.
pub(super) fn digits(typed: &str) -> String {
    typed
        .chars()
        .filter_map(|c| match c {
            '0'..='9' => Some(c),
            '０'..='９' => char::from_u32(c as u32 - 0xFEE0),
            _ => None,
        })
        .collect()
}

/// The 11 digits of a mainland number, however it is written. `None`: it is none (yet).
fn mainland(typed: &str) -> Option<String> {
    let digits = digits(typed);
    let number = match digits.len() {
        11 => digits.as_str(),
        13 => digits.strip_prefix("86")?,
        15 => digits.strip_prefix("0086")?,
        _ => return None,
    };
    number.starts_with('1').then(|| number.to_owned())
}

pub(super) fn organiser(view: &AppView) -> String {
    match &view.server {
        ServerView::Chosen { organiser, .. } => organiser.clone(),
        ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. } => String::new(),
    }
}

#[component]
pub fn PhoneSignIn() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    // A number that a code was asked for stays when one goes back.
    let start = use_hook(|| match &hall.peek_view().who {
        WhoView::SignedOut { code, .. } => code.as_ref().map(|asked| asked.phone.clone()).unwrap_or_default(),
        WhoView::Account(_) | WhoView::Candidate(_) | WhoView::Recruiter(_) => String::new(),
    });
    let mut phone = use_signal(|| start.clone());
    let mut code = use_signal(String::new);
    let mut agreed = use_signal(|| false);
    // Pressed before agreeing.
    let mut missed = use_signal(|| false);
    let mut reading = use_signal(|| false);
    use_hook(|| hall.send(Intent::Account(AccountIntent::LoadPolicy)));
    let WhoView::SignedOut { form, code: asked } = &view.who else { return rsx! {} };
    let now = hall.now();
    let sent = sent(l, form, now);
    let number = mainland(&phone.read());
    // A code that was asked for another number is no code for this one.
    let asked = asked.as_ref().filter(|asked| Some(&asked.phone) == number.as_ref());
    let wait = asked.map_or(0, |asked| asked.again_at.left(now)).max(sent.wait_ms);
    let typed = digits(&code.read());
    let over = asked.is_some_and(|asked| now >= asked.valid_until);
    let applying = hall.apply.read().clone();
    let ask = {
        let number = number.clone();
        move || match number.clone() {
            Some(_) if !agreed() => missed.set(true),
            Some(phone) if wait == 0 && !sent.busy => {
                hall.send(Intent::Account(AccountIntent::AskCode { phone }));
            }
            Some(_) | None => {}
        }
    };
    let go = move || match mainland(&phone.peek()) {
        Some(_) if !agreed() => missed.set(true),
        Some(phone) => {
            let code = digits(&code.peek());
            if code.len() == CODE_DIGITS {
                hall.send(Intent::Account(AccountIntent::SignIn { phone, code }));
            }
        }
        None => {}
    };
    let (mut ask_again, mut ask_first) = (ask.clone(), ask.clone());
    let (mut enter, mut press) = (go, go);
    rsx! {
        main { class: "screen entrance", "data-test": "phone-page",
            TopBar { title: organiser(&view), onback: move |()| back_from_way(hall) }
            div { class: "hero",
                h1 { {l.tr("phone-title")} }
                p {
                    {match &applying {
                        Some(to) => l.tr_with("phone-line-apply", &[("title", to.title.clone().into())]),
                        None => l.tr("phone-line"),
                    }}
                }
            }
            section { class: "stack",
                Line {
                    test: "phone",
                    label: l.tr("phone-label"),
                    takes: Takes::Phone,
                    initial: start.clone(),
                    remark: l.tr("phone-hint"),
                    oninput: move |text| phone.set(text),
                    onenter: move |()| ask_first(),
                }
                if let Some(asked) = asked {
                    p { class: "callout ok", role: "status", "data-test": "code-sent",
                        Icon { glyph: Glyph::Check }
                        span { {l.tr_with("phone-sent", &[("phone", asked.masked.clone().into())])} }
                    }
                    Line {
                        test: "sms-code",
                        label: l.tr("phone-code"),
                        takes: Takes::Code,
                        autofocus: true,
                        tone: if over { Remark::Doubt } else { Remark::Hint },
                        remark: over.then(|| l.tr("problem-sms-code-expired")),
                        oninput: move |text| code.set(text),
                        onenter: move |()| enter(),
                    }
                }
                div { class: "agree", "data-missed": missed() && !agreed(),
                    label {
                        input {
                            r#type: "checkbox",
                            "data-test": "agree",
                            checked: agreed(),
                            onchange: move |event| agreed.set(event.checked()),
                        }
                        span { {l.tr("phone-agree")} }
                    }
                    button {
                        r#type: "button",
                        class: "link",
                        "data-test": "policy",
                        onclick: move |_| reading.set(true),
                        {l.tr("phone-policy")}
                    }
                }
                div { role: "alert",
                    if missed() && !agreed() {
                        p { class: "remark error", "data-test": "agree-first", {l.tr("phone-agree-first")} }
                    } else if let Some(problem) = sent.problem {
                        p { class: "callout bad", "data-test": "phone-problem",
                            Icon { glyph: Glyph::Warning }
                            span { "{problem}" }
                        }
                    }
                }
                if asked.is_some() {
                    Button {
                        test: "phone-sign-in",
                        label: if sent.busy { l.tr("signing-in") } else { l.tr("sign-in") },
                        busy: sent.busy,
                        disabled: typed.len() != CODE_DIGITS,
                        onpress: move |()| press(),
                    }
                }
                Button {
                    test: "ask-code",
                    label: match (wait, asked.is_some()) {
                        (0, true) => l.tr("phone-ask-again"),
                        (0, false) => l.tr("phone-ask"),
                        (wait, _) => l.tr_with("phone-again", &[("time", clock(wait + 999).into())]),
                    },
                    kind: if asked.is_some() { Kind::Plain } else { Kind::Primary },
                    busy: sent.busy && asked.is_none(),
                    disabled: number.is_none() || wait > 0,
                    onpress: move |()| ask_again(),
                }
            }
            div { class: "grow" }
        }
        if reading() {
            PolicySheet {
                onagree: move |()| {
                    agreed.set(true);
                    reading.set(false);
                },
                onclose: move |()| reading.set(false),
            }
        }
    }
}

/// Terms and privacy policy of this server.
#[component]
fn PolicySheet(onagree: EventHandler<()>, onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    rsx! {
        Sheet { test: "policy-sheet", title: l.tr("phone-policy"), tall: true, onclose: move |()| onclose.call(()),
            match &view.policy {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart {
                        problem: problem.clone(),
                        onretry: move |()| hall.send(Intent::Account(AccountIntent::LoadPolicy)),
                    }
                },
                Some(Loadable::Ready(policy)) => rsx! {
                    div { class: "policy-text", "data-test": "policy-text", "{policy.text}" }
                    div { class: "actions",
                        Button { test: "policy-agree", label: l.tr("phone-policy-agree"), onpress: move |()| onagree.call(()) }
                    }
                },
            }
        }
    }
}

fn form(view: &AppView) -> OfficeForm {
    match &view.who {
        WhoView::Account(account) => account.mine.form.clone(),
        WhoView::SignedOut { .. } | WhoView::Candidate(_) | WhoView::Recruiter(_) => OfficeForm::Idle,
    }
}

/// The year and month of now in China: whose law the age is of.
fn this_month(now: WallTime) -> (u16, u8) {
    let at = time::OffsetDateTime::from_unix_timestamp(now.0.div_euclid(1000))
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
        .to_offset(time::macros::offset!(+8));
    (u16::try_from(at.year()).unwrap_or(0), u8::from(at.month()))
}

/// Younger than candidates may be for sure: as long as the month is not over, it is the server's to say.
fn under_age((year, month): (u16, u8), birth: (u16, u8)) -> bool {
    let (birth_year, birth_month) = birth;
    let turns = (birth_year.saturating_add(CANDIDATE_AGE_MIN), birth_month);
    (year, month) < turns
}

/// Oldest birth year that can be chosen, in years before now.
const OLDEST: u16 = 90;

#[component]
pub fn ProfileScreen() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut name = use_signal(String::new);
    let mut year = use_signal(|| 0_u16);
    let mut month = use_signal(|| 0_u8);
    let sent = use_form(form, Intent::Account(AccountIntent::FormSeen));
    let now = this_month(view.wall);
    let WhoView::Account(account) = &view.who else { return rsx! {} };
    let born = (year(), month());
    let young = born.0 > 0 && born.1 > 0 && under_age(now, born);
    let good = (2..=60).contains(&name.read().trim().chars().count());
    let ready = good && born.0 > 0 && born.1 > 0 && !young;
    let go = move || {
        if ready {
            let profile =
                Profile { name: name.peek().trim().to_owned(), birth_year: year(), birth_month: month() };
            sent.clear();
            sent.send("profile", Intent::Account(AccountIntent::SaveProfile(profile)));
        }
    };
    rsx! {
        main { class: "screen entrance", "data-test": "profile-page",
            TopBar { title: organiser(&view), onback: move |()| hall.send(Intent::SignOut) }
            div { class: "hero",
                h1 { {l.tr("first-title")} }
                p { {l.tr_with("first-line", &[("phone", account.phone.clone().into())])} }
            }
            section { class: "stack",
                Line {
                    test: "profile-name",
                    label: l.tr("first-name"),
                    limit: 60,
                    autofocus: true,
                    remark: l.tr("first-name-hint"),
                    oninput: move |text| name.set(text),
                    onenter: move |()| go(),
                }
                div { class: if young { "field error" } else { "field" }, role: "group", "aria-label": l.tr("first-birth"),
                    span { class: "field-label", {l.tr("first-birth")} }
                    div { class: "birth",
                        label { class: "choose",
                            span { class: "unseen", {l.tr("first-year")} }
                            select {
                                "data-test": "birth-year",
                                value: "{year}",
                                onchange: move |event| year.set(event.value().parse().unwrap_or(0)),
                                option { value: "0", {l.tr("first-year")} }
                                for each in (now.0.saturating_sub(OLDEST)..=now.0).rev() {
                                    option { key: "{each}", value: "{each}", {year_word(l, each)} }
                                }
                            }
                            Icon { glyph: Glyph::Down }
                        }
                        label { class: "choose",
                            span { class: "unseen", {l.tr("first-month")} }
                            select {
                                "data-test": "birth-month",
                                value: "{month}",
                                onchange: move |event| month.set(event.value().parse().unwrap_or(0)),
                                option { value: "0", {l.tr("first-month")} }
                                for each in 1..=12_u8 {
                                    option { key: "{each}", value: "{each}", {month_word(l, each)} }
                                }
                            }
                            Icon { glyph: Glyph::Down }
                        }
                    }
                    p { class: "remark", "aria-live": "polite", "data-test": "birth-remark",
                        {if young { words::problem(l, ProblemCode::UnderAge) } else { l.tr("first-birth-hint") }}
                    }
                }
                FormProblem { problem: sent.problem() }
                Button {
                    test: "profile-save",
                    label: l.tr("first-go"),
                    busy: sent.busy("profile"),
                    disabled: !ready,
                    onpress: move |()| go(),
                }
            }
            div { class: "grow" }
        }
    }
}

fn year_word(l: Lang, year: u16) -> String {
    // a string: a number would be written with a comma in it
    l.tr_with("first-year-of", &[("n", year.to_string().into())])
}

fn month_word(l: Lang, month: u8) -> String {
    l.tr_with("first-month-of", &[("n", month.to_string().into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_however_it_is_written() {
        for text in [
            "13800138000",
            " 138 0013-8000",
            "+86 138 0013 8000",
            "008613800138000",
            "１３８００１３８０００",
        ] {
            assert_eq!(mainland(text).as_deref(), Some("13800138000"), "{text}");
        }
        for text in ["", "1380013800", "138001380001", "23800138000", "abc"] {
            assert_eq!(mainland(text), None, "{text}");
        }
    }

    #[test]
    fn sixteen_is_reached_in_the_month_of_birth_at_the_earliest() {
        let now = this_month(WallTime(1_795_500_300_000));
        assert_eq!(now, (2026, 11));
        assert!(!under_age(now, (2010, 11)));
        assert!(under_age(now, (2010, 12)));
        assert!(!under_age(now, (1990, 1)));
        assert!(under_age(now, (2026, 1)));
    }

    #[test]
    fn years_are_written_without_separators() {
        for l in Lang::ALL {
            assert!(year_word(l, 2003).contains("2003"));
            assert!(month_word(l, 7).contains('7'));
        }
    }
}
