//! 隐私与数据: what was agreed to and can be withdrawn as easily, the policy, everything held as a file, deletion.

use super::{MinePage, form, mine};
use crate::bridge::use_hall;
use crate::format::{day, hour};
use crate::i18n::Lang;
use crate::parts::{
    FailedPart, FormProblem, Glyph, Icon, LoadingPart, NavRow, Spinner, SubPage, SwitchRow, use_form,
};
use dioxus::prelude::*;
use miantan_client::view::{Loadable, PrivacyView};
use miantan_client::{Intent, intent::AccountIntent};
use miantan_domain::model::{Consent, Purpose};
use miantan_domain::time::WallTime;
use time::UtcOffset;

/// What can be switched; the policy itself is what the account rests on, so that withdrawing it is deleting. Pictures
/// of a face check are agreed to for one check at a time, in the check-in.
const SWITCHES: [Purpose; 3] = [Purpose::ResumeToEmployers, Purpose::SmsNotices, Purpose::FaceCheck];

pub(super) fn purpose(l: Lang, purpose: Purpose) -> (String, String) {
    match purpose {
        Purpose::Policy => (l.tr("purpose-policy"), l.tr("purpose-policy-more")),
        Purpose::ResumeToEmployers => (l.tr("purpose-resume"), l.tr("purpose-resume-more")),
        Purpose::SmsNotices => (l.tr("purpose-sms"), l.tr("purpose-sms-more")),
        Purpose::FaceCheck => (l.tr("purpose-face"), l.tr("purpose-face-more")),
        Purpose::FaceFrames => (l.tr("purpose-frames"), l.tr("purpose-frames-more")),
    }
}

/// The newest word on a purpose.
fn newest(privacy: &PrivacyView, purpose: Purpose) -> Option<Consent> {
    privacy
        .consents
        .iter()
        .filter(|consent| consent.purpose == purpose)
        .max_by_key(|consent| consent.at)
        .copied()
}

/// Since when, and to which text: `11月4日 06:05 同意（文本第 2 版）`.
fn since(l: Lang, consent: Consent, offset: UtcOffset) -> String {
    let key = [("when", at(l, consent.at, offset).into()), ("version", consent.version.to_string().into())];
    if consent.given { l.tr_with("consent-given", &key) } else { l.tr_with("consent-withdrawn", &key) }
}

/// `11月4日 06:05`: the weekday is of no use here.
pub(super) fn at(l: Lang, at: WallTime, offset: UtcOffset) -> String {
    let day = day(l, at, offset);
    let date = match l {
        Lang::Zh => day.split(' ').next(),
        Lang::En => day.split(", ").last(),
    };
    format!("{} {}", date.unwrap_or_default(), hour(at, offset))
}

const fn test_of(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Policy => "consent-policy",
        Purpose::ResumeToEmployers => "consent-resume",
        Purpose::SmsNotices => "consent-sms",
        Purpose::FaceCheck => "consent-face",
        Purpose::FaceFrames => "consent-face-frames",
    }
}

#[component]
pub(super) fn Privacy(ongo: EventHandler<MinePage>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Account(AccountIntent::LoadPrivacy));
    use_hook(load);
    let sent = use_form(form, Intent::Account(AccountIntent::FormSeen));
    let Some(mine) = mine(&view) else { return rsx! {} };
    rsx! {
        SubPage { test: "privacy", title: l.tr("mine-privacy"), onback: move |()| ongo.call(MinePage::Home),
            match mine.privacy.as_ref() {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(privacy)) => {
                    let version = privacy.policy.version;
                    let agreed = newest(privacy, Purpose::Policy);
                    let by = privacy.deletion.by;
                    rsx! {
                        FormProblem { problem: sent.problem() }
                        if let Some(by) = by {
                            p { class: "callout warn", role: "status", "data-test": "deletion-by",
                                Icon { glyph: Glyph::Clock }
                                span { {l.tr_with("deletion-by", &[("when", at(l, by, hall.offset()).into())])} }
                            }
                        }
                        section {
                            h2 { class: "section-title", {l.tr("consents")} }
                            ul { class: "card list",
                                for each in SWITCHES {
                                    {
                                        let (label, more) = purpose(l, each);
                                        let now = newest(privacy, each);
                                        let on = now.is_some_and(|consent| consent.given);
                                        let more = match now {
                                            Some(consent) => format!("{more}\n{}", since(l, consent, hall.offset())),
                                            None => more,
                                        };
                                        let test = test_of(each);
                                        rsx! {
                                            li { key: "{test}",
                                                SwitchRow {
                                                    test,
                                                    label,
                                                    more,
                                                    on,
                                                    busy: sent.busy(test),
                                                    disabled: sent.any_busy(),
                                                    onflip: move |given| {
                                                        sent.clear();
                                                        sent.send(test, Intent::Account(AccountIntent::SetConsent { purpose: each, version, given }));
                                                    },
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                            p { class: "aside under-card", {l.tr("consents-more")} }
                        }
                        ul { class: "card list",
                            li {
                                NavRow {
                                    test: "policy-open",
                                    glyph: Glyph::Document,
                                    label: l.tr("purpose-policy"),
                                    more: agreed.map(|consent| since(l, consent, hall.offset())).unwrap_or_default(),
                                    onpress: move |()| ongo.call(MinePage::Policy),
                                }
                            }
                            li {
                                button {
                                    r#type: "button",
                                    class: "row nav-row",
                                    "data-test": "export",
                                    "aria-busy": sent.busy("export"),
                                    disabled: sent.any_busy(),
                                    onclick: move |_| {
                                        sent.clear();
                                        sent.send("export", Intent::Account(AccountIntent::Export));
                                    },
                                    span { class: "row-icon", Icon { glyph: Glyph::Download } }
                                    span { class: "row-text",
                                        span { class: "row-title", {l.tr("export")} }
                                        span { class: "row-more", "data-test": "export-state",
                                            if sent.done("export") {
                                                {l.tr("export-done")}
                                            } else {
                                                {l.tr("export-more")}
                                            }
                                        }
                                    }
                                    if sent.busy("export") {
                                        Spinner {}
                                    }
                                }
                            }
                        }
                        ul { class: "card list",
                            li {
                                NavRow {
                                    test: "deletion-open",
                                    label: if by.is_some() { l.tr("deletion-back") } else { l.tr("deletion") },
                                    danger: by.is_none(),
                                    onpress: move |()| ongo.call(MinePage::Deletion),
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Terms and privacy policy, as agreed to.
#[component]
pub(super) fn PolicyPage(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let privacy = mine(&view).and_then(|mine| mine.privacy.as_ref());
    rsx! {
        SubPage { test: "policy", title: l.tr("purpose-policy"), onback,
            if let Some(Loadable::Ready(privacy)) = privacy {
                PolicyText { text: privacy.policy.text.clone(), version: privacy.policy.version }
            } else {
                LoadingPart {}
            }
        }
    }
}

/// The text in its paragraphs; never anything but text.
#[component]
pub(super) fn PolicyText(text: String, version: u32) -> Element {
    let l = use_hall().lang();
    rsx! {
        article { class: "own-policy", "data-test": "policy-text",
            p { class: "aside", {l.tr_with("privacy-policy-version", &[("version", version.to_string().into())])} }
            for (at , part) in text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).enumerate() {
                p { key: "{at}", "{part}" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::wire::rest::{Deletion, Policy};
    use time::macros::offset;

    fn consent(purpose: Purpose, given: bool, at: i64) -> Consent {
        Consent { purpose, version: 3, given, at: WallTime(at) }
    }

    #[test]
    fn the_newest_word_counts() {
        let privacy = PrivacyView {
            policy: Policy { version: 3, text: String::new() },
            consents: vec![
                consent(Purpose::SmsNotices, false, 20),
                consent(Purpose::SmsNotices, true, 10),
                consent(Purpose::FaceCheck, true, 30),
            ],
            deletion: Deletion { asked: None, by: None },
        };
        assert_eq!(newest(&privacy, Purpose::SmsNotices).map(|c| c.given), Some(false));
        assert_eq!(newest(&privacy, Purpose::ResumeToEmployers), None);
    }

    #[test]
    fn every_purpose_is_explained_and_dated() {
        for l in Lang::ALL {
            let mut said = std::collections::BTreeSet::new();
            for each in [Purpose::Policy, Purpose::ResumeToEmployers, Purpose::SmsNotices, Purpose::FaceCheck]
            {
                let (label, more) = purpose(l, each);
                assert!(said.insert(label) && said.insert(more));
            }
            let given = since(l, consent(Purpose::Policy, true, 1_795_500_300_000), offset!(+8));
            assert!(given.contains("14:05") && given.contains("24") && given.contains('3'), "{given}");
            assert!(!given.contains("星期") && !given.contains("Tuesday"), "{given}");
            assert_ne!(given, since(l, consent(Purpose::Policy, false, 1_795_500_300_000), offset!(+8)));
        }
    }
}
