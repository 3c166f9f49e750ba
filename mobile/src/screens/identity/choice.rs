//! Both ways side by side: what each does, what is left of it, and why one is closed.

use super::{HelpLine, wish};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, Kind};
use crate::words;
use dioxus::prelude::*;
use miantan_client::intent::IdentityIntent;
use miantan_client::view::{IdentityView, NoFaceOffer};
use miantan_domain::model::NoFaceWay;

/// What stands under the face way, and whether it is open.
#[derive(Debug, Clone, PartialEq)]
struct FaceWay {
    open: bool,
    more: String,
    left: Option<String>,
    /// Asking once more may open it.
    again: bool,
}

fn face_way(l: Lang, identity: &IdentityView) -> FaceWay {
    match &identity.no_face {
        None if identity.attempts_left == 0 => FaceWay {
            open: false,
            more: words::no_face(l, &NoFaceOffer::Server(NoFaceWay::AttemptsUsed)),
            left: None,
            again: false,
        },
        None => FaceWay {
            open: true,
            more: l.tr("way-face-more"),
            left: Some(l.tr_with("way-face-left", &[("n", identity.attempts_left.into())])),
            again: false,
        },
        Some(why) => FaceWay {
            open: false,
            more: words::no_face(l, why),
            left: None,
            again: matches!(why, NoFaceOffer::ModelsBroken(_)),
        },
    }
}

#[component]
pub(super) fn Ways(identity: Box<IdentityView>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let face = face_way(l, &identity);
    // The number was proved, and the face may follow.
    let proved = identity.sms_first && identity.number_proved;
    let sms_next = identity.sms_first && !identity.number_proved;
    let both = face.open && identity.phone.is_some() && !proved;
    rsx! {
        div { class: "step-body", "data-test": "identity-choice",
            div { class: "hero",
                h1 { {l.tr("identity-title")} }
                p {
                    {
                        if sms_next {
                            l.tr("ways-sms-first")
                        } else if proved {
                            l.tr("ways-face-next")
                        } else {
                            l.tr("identity-line")
                        }
                    }
                }
            }
            div { class: "ways-of-two", "data-order": if sms_next || !face.open { "sms-first" },
                Way {
                    test: "way-face",
                    glyph: Glyph::Face,
                    title: l.tr("way-face"),
                    tag: (face.open && !sms_next).then(|| l.tr("way-face-tag")),
                    more: face.more,
                    left: face.left,
                    open: face.open,
                    onpress: move |()| hall.send(wish(IdentityIntent::ChooseFace)),
                }
                if proved {
                    p { class: "callout good", "data-test": "way-proved",
                        Icon { glyph: Glyph::Check }
                        span { {l.tr("way-proved")} }
                    }
                } else {
                    Way {
                        test: "way-sms",
                        glyph: Glyph::Chat,
                        title: l.tr("way-sms"),
                        more: match &identity.phone {
                            Some(phone) => l.tr_with("way-sms-more", &[("phone", phone.clone().into())]),
                            None => l.tr("way-sms-none"),
                        },
                        open: identity.phone.is_some(),
                        onpress: move |()| hall.send(wish(IdentityIntent::ChooseSms)),
                    }
                }
            }
            if both && !sms_next {
                p { class: "aside", {l.tr("ways-equal")} }
            }
            if face.again {
                Button {
                    test: "identity-reload",
                    label: l.tr("reload"),
                    kind: Kind::Plain,
                    onpress: move |()| hall.send(wish(IdentityIntent::Reload)),
                }
            }
        }
        footer { class: "step-actions",
            if proved {
                Button {
                    test: "way-enough",
                    label: l.tr("way-enough"),
                    kind: Kind::Secondary,
                    onpress: move |()| hall.send(wish(IdentityIntent::SmsIsEnough)),
                }
            }
            HelpLine {}
        }
    }
}

/// One way, as a card to press.
#[component]
fn Way(
    test: String,
    glyph: Glyph,
    title: String,
    #[props(default)] tag: Option<String>,
    more: String,
    #[props(default)] left: Option<String>,
    open: bool,
    onpress: EventHandler<()>,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "card way",
            "data-test": test,
            disabled: !open,
            onclick: move |_| onpress.call(()),
            span { class: "row-icon", Icon { glyph } }
            span { class: "row-text",
                span { class: "way-title",
                    span { class: "row-title", "{title}" }
                    if let Some(tag) = tag {
                        span { class: "pill", "{tag}" }
                    }
                }
                span { class: "row-more", "{more}" }
                if let Some(left) = left {
                    span { class: "way-left", "data-test": "attempts-left", "{left}" }
                }
            }
            if open {
                Icon { glyph: Glyph::Forward }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_client::view::IdentityStage;

    #[test]
    fn a_closed_face_way_says_why_and_an_open_one_what_is_left() {
        let mut identity = IdentityView {
            attempts: 3,
            attempts_left: 2,
            no_face: None,
            phone: Some("138****5678".into()),
            sms_first: false,
            number_proved: false,
            verifies: false,
            frames_days: 7,
            simulated: false,
            stage: IdentityStage::Choice,
        };
        let open = face_way(Lang::En, &identity);
        assert!(open.open && open.left.is_some_and(|left| left.contains('2')));
        identity.attempts_left = 0;
        assert!(!face_way(Lang::En, &identity).open);
        identity.no_face = Some(NoFaceOffer::NoRuntime);
        let closed = face_way(Lang::En, &identity);
        assert!(!closed.open && closed.left.is_none() && !closed.more.is_empty());
    }
}
