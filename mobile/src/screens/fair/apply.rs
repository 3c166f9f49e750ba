//! Applying (F4): the button of a position in each of its states, and the sheet that asks which résumé goes along.

use super::{Phase, ask};
use crate::bridge::{ApplyTo, Hall, Way, use_hall};
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, Kind, NotPicked, Pick, Sheet, Spinner, pick_file};
use crate::screens::{HomeTab, MinePage};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::{AccountIntent, FairIntent, TalkIntent};
use miantan_client::view::{ApplyState, Loadable, MineView, OfficeForm, WhoView};
use miantan_domain::ids::{ChangeId, ObjectId, PositionId};
use miantan_domain::model::{PositionCard, ResumeChoice};
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::FILE_MAX_BYTES;

/// How a position stands for whoever looks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Can,
    Waiting,
    Applied,
    Failed,
    /// The employer takes no more.
    Stopped,
    NotYet,
    Over,
    /// Recruiters do not apply.
    NotForMe,
}

fn standing(card: &PositionCard, phase: Phase, who: &WhoView) -> Standing {
    let mine = match who {
        WhoView::SignedOut { .. } => None,
        WhoView::Account(account) => account.mine.applied.get(&card.id),
        WhoView::Candidate(candidate) => candidate.mine.as_ref().and_then(|mine| mine.applied.get(&card.id)),
        WhoView::Recruiter(_) => return Standing::NotForMe,
    };
    match (mine, phase) {
        (Some(ApplyState::Applied), _) => Standing::Applied,
        (Some(ApplyState::Waiting { .. }), _) => Standing::Waiting,
        _ if card.applied => Standing::Applied,
        (Some(ApplyState::Failed { .. }), _) => Standing::Failed,
        (None, Phase::Upcoming) => Standing::NotYet,
        (None, Phase::Over) => Standing::Over,
        (None, Phase::Running) if card.open => Standing::Can,
        (None, Phase::Running) => Standing::Stopped,
    }
}

/// Label, glyph, and whether it can be pressed.
fn face(l: Lang, standing: &Standing) -> (String, Option<Glyph>, bool) {
    match standing {
        Standing::Can => (l.tr("apply"), None, true),
        Standing::Waiting => (l.tr("apply-waiting"), Some(Glyph::Clock), false),
        Standing::Applied => (l.tr("apply-done"), Some(Glyph::Check), false),
        Standing::Failed => (l.tr("apply-failed"), Some(Glyph::Warning), true),
        Standing::Stopped => (l.tr("apply-stopped"), None, false),
        Standing::NotYet => (l.tr("fair-upcoming"), None, false),
        Standing::Over => (l.tr("fair-over"), None, false),
        Standing::NotForMe => (String::new(), None, false),
    }
}

const fn class(standing: &Standing) -> &'static str {
    match standing {
        Standing::Can => "can",
        Standing::Waiting => "waiting",
        Standing::Applied => "applied",
        Standing::Failed => "failed",
        Standing::Stopped | Standing::NotYet | Standing::Over | Standing::NotForMe => "closed",
    }
}

/// 投递简历 of one position, or how it stands.
#[component]
pub fn ApplyButton(
    card: PositionCard,
    employer_name: String,
    phase: Phase,
    /// At the foot of the position's page.
    #[props(default)]
    large: bool,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let standing = standing(&card, phase, &view.who);
    // In a list the fair's own state is said once, above.
    let said_above = matches!(standing, Standing::NotYet | Standing::Over) && !large;
    if standing == Standing::NotForMe || said_above {
        return rsx! {};
    }
    let (label, glyph, press) = face(l, &standing);
    let id = card.id;
    let to = ApplyTo { position: id, title: card.title.clone(), employer: employer_name };
    if large {
        let applied = standing == Standing::Applied;
        return rsx! {
            Button {
                test: "apply-{id}",
                label,
                glyph,
                kind: if press { Kind::Primary } else { Kind::Secondary },
                disabled: !press,
                onpress: move |()| begin(hall, to.clone()),
            }
            if applied {
                Button {
                    test: "apply-talk",
                    label: l.tr("apply-talk"),
                    glyph: Glyph::Chat,
                    onpress: move |()| to_talk(hall, id),
                }
            }
        };
    }
    rsx! {
        button {
            r#type: "button",
            class: "apply-chip {class(&standing)}",
            "data-test": "apply-{id}",
            disabled: !press,
            onclick: move |_| begin(hall, to.clone()),
            if let Some(glyph) = glyph {
                Icon { glyph }
            }
            span { "{label}" }
        }
    }
}

/// The foot of the position's page.
#[component]
pub fn ApplyBar(children: Element) -> Element {
    rsx! { div { class: "apply-bar", {children} } }
}

/// Signed out it goes through the sign-in by phone, and on from there.
fn begin(mut hall: Hall, to: ApplyTo) {
    if matches!(hall.peek_view().who, WhoView::SignedOut { .. }) {
        hall.home_tab.set(HomeTab::Fairs);
        hall.way.set(Way::Phone);
    }
    hall.apply.set(Some(to));
}

/// To the conversation that the application opened, where it is known already.
fn to_talk(mut hall: Hall, position: PositionId) {
    let view = hall.peek_view();
    let conversation = mine(&view.who).and_then(|mine| match &mine.applications {
        Some(Loadable::Ready(all)) => {
            all.iter().find(|line| line.position == position).map(|line| line.conversation)
        }
        Some(Loadable::Loading | Loadable::Failed(_)) | None => None,
    });
    hall.home_tab.set(HomeTab::Talks);
    if let Some(conversation) = conversation {
        hall.send(Intent::Talk(TalkIntent::Open(conversation)));
    }
}

fn mine(who: &WhoView) -> Option<&MineView> {
    match who {
        WhoView::Account(account) => Some(&account.mine),
        WhoView::Candidate(candidate) => candidate.mine.as_deref(),
        WhoView::SignedOut { .. } | WhoView::Recruiter(_) => None,
    }
}

/// The sheet, while something is being applied for.
#[component]
pub fn Applying() -> Element {
    let hall = use_hall();
    let to = hall.apply.read().clone();
    let signed_in = mine(&hall.view().who).is_some();
    rsx! {
        if let (Some(to), true) = (to, signed_in) {
            ApplySheet { key: "{to.position}", to }
        }
    }
}

/// Which résumé goes: as chosen, else one that there is.
fn chosen(chosen: Option<ResumeChoice>, online: bool, files: &[ObjectId]) -> Option<ResumeChoice> {
    let first = || {
        if online {
            Some(ResumeChoice::Online)
        } else {
            files.first().map(|object| ResumeChoice::Attachment { object: *object })
        }
    };
    match chosen {
        Some(ResumeChoice::Online) if online => Some(ResumeChoice::Online),
        Some(ResumeChoice::Attachment { object }) if files.contains(&object) => {
            Some(ResumeChoice::Attachment { object })
        }
        Some(ResumeChoice::Online | ResumeChoice::Attachment { .. }) | None => first(),
    }
}

fn failed(mine: &MineView, position: PositionId) -> Option<(ChangeId, Problem)> {
    match mine.applied.get(&position) {
        Some(ApplyState::Failed { id, problem }) => Some((*id, problem.clone())),
        Some(ApplyState::Applied | ApplyState::Waiting { .. }) | None => None,
    }
}

#[component]
fn ApplySheet(to: ApplyTo) -> Element {
    let mut hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    use_hook(|| {
        hall.send(Intent::Account(AccountIntent::LoadResume));
        hall.send(Intent::Account(AccountIntent::LoadAttachments));
    });
    let mut choice = use_signal(|| None::<ResumeChoice>);
    let mut refused = use_signal(|| None::<String>);
    // How many files there were when one was added here.
    let mut before = use_signal(|| None::<usize>);
    let Some(mine) = mine(&view.who) else { return rsx! {} };
    let doc = mine.resume.doc.clone();
    let online = doc.as_ref().is_some_and(|doc| !doc.resume.is_blank());
    let mut files = match &mine.attachments {
        Some(Loadable::Ready(files)) => files.to_vec(),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => Vec::new(),
    };
    files.sort_by_key(|file| std::cmp::Reverse(file.at));
    let ids: Vec<ObjectId> = files.iter().map(|file| file.object).collect();
    let had = *before.peek();
    if let (Some(count), Some(first)) = (had, ids.first())
        && ids.len() > count
    {
        before.set(None);
        choice.set(Some(ResumeChoice::Attachment { object: *first }));
    }
    let resume = chosen(choice(), online, &ids);
    let failed = failed(mine, to.position);
    let problem = match (&failed, &mine.form, refused()) {
        (_, _, Some(refused)) => Some(refused),
        (_, OfficeForm::Failed(problem), None) | (Some((_, problem)), _, None) => {
            Some(words::problem(l, problem.code))
        }
        (None, OfficeForm::Idle | OfficeForm::Sending | OfficeForm::Done, None) => None,
    };
    let count = ids.len();
    let mut upload = move |()| {
        refused.set(None);
        hall.send(Intent::Account(AccountIntent::FormSeen));
        spawn(async move {
            match pick_file(Pick::File, FILE_MAX_BYTES).await {
                Ok(file) => {
                    before.set(Some(count));
                    let bytes = file.bytes.into();
                    hall.send(Intent::Account(AccountIntent::AddAttachment { name: file.name, bytes }));
                }
                Err(NotPicked::Nothing) => {}
                Err(NotPicked::TooLarge) => refused.set(Some(l.tr("problem-file-too-large"))),
                Err(NotPicked::Unreadable) => refused.set(Some(l.tr("problem-file-broken"))),
            }
        });
    };
    let position = to.position;
    rsx! {
        Sheet { test: "apply-sheet", title: l.tr("apply"), onclose: move |()| hall.apply.set(None),
            p { class: "lead", {l.tr_with("apply-to", &[("title", to.title.clone().into()), ("employer", to.employer.clone().into())])} }
            ul { class: "card list apply-choices", role: "radiogroup", "aria-label": l.tr("apply-which"),
                li {
                    Pickable {
                        test: "apply-online",
                        title: l.tr("apply-online"),
                        more: match &doc {
                            None => l.tr("loading"),
                            Some(doc) if online && doc.headline.is_empty() => doc.name.clone(),
                            Some(doc) if online => format!("{} · {}", doc.name, doc.headline),
                            Some(_) => l.tr("apply-online-blank"),
                        },
                        picked: resume == Some(ResumeChoice::Online),
                        disabled: !online,
                        onpick: move |()| choice.set(Some(ResumeChoice::Online)),
                    }
                    if doc.is_some() && !online {
                        div { class: "apply-fill",
                            Button {
                                test: "apply-fill",
                                label: l.tr("apply-fill"),
                                kind: Kind::Secondary,
                                small: true,
                                // The sheet is found again in the first tab.
                                onpress: move |()| {
                                    hall.mine_page.set(MinePage::Resume);
                                    hall.home_tab.set(HomeTab::Mine);
                                },
                            }
                        }
                    }
                }
                for file in files {
                    li { key: "{file.object}",
                        Pickable {
                            test: "apply-file-{file.object}",
                            title: file.name.clone(),
                            more: l.tr("apply-file"),
                            picked: resume == Some(ResumeChoice::Attachment { object: file.object }),
                            disabled: false,
                            onpick: move |()| choice.set(Some(ResumeChoice::Attachment { object: file.object })),
                        }
                    }
                }
                li {
                    button {
                        r#type: "button",
                        class: "row apply-upload",
                        "data-test": "apply-upload",
                        disabled: mine.uploading.is_some(),
                        onclick: move |_| upload(()),
                        if let Some(percent) = mine.uploading {
                            Spinner {}
                            span { class: "row-text",
                                span { class: "row-title", {l.tr_with("apply-uploading", &[("percent", percent.into())])} }
                            }
                        } else {
                            Icon { glyph: Glyph::Plus }
                            span { class: "row-text",
                                span { class: "row-title", {l.tr("apply-upload")} }
                                span { class: "row-more", {l.tr("apply-upload-more")} }
                            }
                        }
                    }
                }
            }
            div { role: "alert",
                if let Some(problem) = problem {
                    p { class: "callout bad", "data-test": "apply-problem",
                        Icon { glyph: Glyph::Warning }
                        span { "{problem}" }
                    }
                }
            }
            div { class: "actions",
                Button {
                    test: "apply-send",
                    label: if failed.is_some() { l.tr("apply-again") } else { l.tr("apply-send") },
                    disabled: resume.is_none() || mine.uploading.is_some(),
                    onpress: move |()| {
                        if let Some(resume) = resume {
                            ask(hall, FairIntent::Apply { position, resume });
                            hall.apply.set(None);
                        }
                    },
                }
                if let Some((id, _)) = failed {
                    Button {
                        test: "apply-give-up",
                        label: l.tr("apply-give-up"),
                        kind: Kind::Plain,
                        onpress: move |()| {
                            hall.send(Intent::DeleteChange(id));
                            hall.apply.set(None);
                        },
                    }
                }
                p { class: "aside", {l.tr("apply-shows")} }
            }
        }
    }
}

#[component]
fn Pickable(
    test: String,
    title: String,
    more: String,
    picked: bool,
    disabled: bool,
    onpick: EventHandler<()>,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "row apply-choice",
            role: "radio",
            "data-test": test,
            "aria-checked": picked,
            disabled,
            onclick: move |_| onpick.call(()),
            span { class: "round-box", if picked { Icon { glyph: Glyph::Check } } }
            span { class: "row-text",
                span { class: "row-title", "{title}" }
                span { class: "row-more", "{more}" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_client::view::{AccountView, FormState};
    use miantan_domain::model::Salary;
    use miantan_domain::wire::ProblemCode;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn position() -> PositionId {
        PositionId::from_parts(1, &[7; 10])
    }

    fn card(open: bool, applied: bool) -> PositionCard {
        let title = "PHP".to_owned();
        let city = String::new();
        PositionCard { id: position(), title, salary: Salary::default(), city, openings: 1, open, applied }
    }

    fn account(state: Option<ApplyState>) -> WhoView {
        let applied: BTreeMap<_, _> = state.into_iter().map(|state| (position(), state)).collect();
        let mine = MineView { applied: Arc::new(applied), ..MineView::default() };
        WhoView::Account(Box::new(AccountView { name: "林晓".into(), phone: String::new(), mine }))
    }

    #[test]
    fn a_position_stands_as_device_server_and_fair_say() {
        let id = ChangeId::from_parts(1, &[1; 10]);
        let failed = || ApplyState::Failed { id, problem: Problem::from(ProblemCode::FairClosed) };
        let out = WhoView::SignedOut { form: FormState::Idle, code: None };
        for (card, phase, who, stands) in [
            (card(true, false), Phase::Running, out.clone(), Standing::Can),
            (card(true, false), Phase::Upcoming, out.clone(), Standing::NotYet),
            (card(true, false), Phase::Over, out, Standing::Over),
            (card(false, false), Phase::Running, account(None), Standing::Stopped),
            (card(true, true), Phase::Running, account(None), Standing::Applied),
            // what is on its way from this device goes before what the server said
            (card(true, false), Phase::Running, account(Some(ApplyState::Waiting { id })), Standing::Waiting),
            (card(true, false), Phase::Over, account(Some(ApplyState::Applied)), Standing::Applied),
            (card(true, false), Phase::Running, account(Some(failed())), Standing::Failed),
            // another device has applied meanwhile
            (card(true, true), Phase::Running, account(Some(failed())), Standing::Applied),
        ] {
            assert_eq!(standing(&card, phase, &who), stands);
        }
    }

    #[test]
    fn a_resume_is_proposed_and_a_choice_that_is_gone_is_not_kept() {
        let [a, b] = [1, 2].map(|n| ObjectId::from_parts(1, &[n; 10]));
        let file = |object| Some(ResumeChoice::Attachment { object });
        assert_eq!(chosen(None, true, &[a]), Some(ResumeChoice::Online));
        assert_eq!(chosen(None, false, &[b, a]), file(b));
        assert_eq!(chosen(None, false, &[]), None);
        assert_eq!(chosen(file(a), true, &[b, a]), file(a));
        assert_eq!(chosen(file(a), true, &[b]), Some(ResumeChoice::Online));
        assert_eq!(chosen(Some(ResumeChoice::Online), false, &[b]), file(b));
    }
}
