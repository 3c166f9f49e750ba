//! The four identity rules of a round, for whoever writes it.

use crate::bridge::use_hall;
use crate::parts::{Glyph, Icon};
use crate::words;
use dioxus::prelude::*;
use miantan_domain::model::IdentityRule;

const ALL: [IdentityRule; 4] = [
    IdentityRule::NotRequired,
    IdentityRule::FaceOrSms,
    IdentityRule::VerifiedFaceOrSms,
    IdentityRule::SmsThenFace,
];

/// One of them is chosen. `fixed`: the round has begun.
#[component]
pub(in crate::screens) fn IdentityRules(
    chosen: IdentityRule,
    #[props(default)] fixed: bool,
    onchoose: EventHandler<IdentityRule>,
) -> Element {
    let l = use_hall().lang();
    rsx! {
        section {
            h2 { class: "section-title", {l.tr("rule-title")} }
            ul { class: "card list rules", role: "radiogroup", "aria-label": l.tr("rule-title"),
                for rule in ALL {
                    li { key: "{rule:?}",
                        button {
                            r#type: "button",
                            class: "row",
                            role: "radio",
                            "data-test": "rule-{rule:?}",
                            "aria-checked": rule == chosen,
                            disabled: fixed,
                            onclick: move |_| onchoose.call(rule),
                            span { class: "row-text",
                                span { class: "row-title", {words::identity_rule(l, rule).0} }
                                span { class: "row-more", {words::identity_rule(l, rule).1} }
                            }
                            span { class: "radio", "aria-hidden": "true",
                                if rule == chosen {
                                    Icon { glyph: Glyph::Check }
                                }
                            }
                        }
                    }
                }
            }
            p { class: "aside under-card", {l.tr("rule-more")} }
        }
    }
}
