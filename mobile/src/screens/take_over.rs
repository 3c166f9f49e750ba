//! An invitation that is open on another device (J2): the number on file is proved by SMS, then it goes on here, and
//! the other device is told.

use super::identity::{CodeForm, CodeUse, HelpLine};
use super::phone::organiser;
use crate::bridge::use_hall;
use crate::parts::{Button, Glyph, Icon, Kind, TopBar};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{FormState, WhoView};
use miantan_domain::code::InviteCode;

#[component]
pub fn TakeOver() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let WhoView::SignedOut { form: FormState::OtherDevice { code, phone, way }, .. } = &view.who else {
        return rsx! {};
    };
    let shown = InviteCode::parse(code).map_or_else(|| code.clone(), |code| code.grouped());
    let usage = CodeUse {
        phone: phone.clone().unwrap_or_default(),
        sent: way.sent,
        again_at: way.again_at,
        valid_until: way.valid_until,
        form: way.form.clone(),
        go: l.tr("other-go"),
    };
    rsx! {
        main { class: "screen entrance take-over", "data-test": "take-over",
            TopBar { title: organiser(&view), onback: move |()| hall.send(Intent::ResetForm) }
            div { class: "hero",
                h1 { {l.tr("other-title")} }
                p { {l.tr("other-line")} }
            }
            p { class: "code-kept",
                Icon { glyph: Glyph::Check }
                span { "{shown}" }
            }
            CodeForm {
                usage,
                onsend: move |()| hall.send(Intent::TakeOverSend),
                oncheck: move |code| hall.send(Intent::TakeOverCheck(code)),
            }
            p { class: "aside centred", {l.tr("other-more")} }
            div { class: "grow" }
            Button {
                test: "other-code",
                label: l.tr("password-other-code"),
                kind: Kind::Plain,
                onpress: move |()| hall.send(Intent::ResetForm),
            }
            HelpLine { of_number: true }
        }
    }
}
