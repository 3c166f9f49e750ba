//! Pages below a tab: a title with a way back, what is on the page, and what to do at its foot, where a thumb reaches.
//! While one is open the tab bar is away. Also the states of something fetched and of a form that was sent.

use super::{Button, Confirm, Glyph, Icon, Kind, Spinner, TopBar};
use crate::bridge::{Hall, use_hall};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{AppView, OfficeForm};
use miantan_domain::wire::{Problem, ProblemCode};

/// A page below a tab.
#[component]
pub fn SubPage(
    test: String,
    title: String,
    #[props(default)] subtitle: String,
    onback: EventHandler<()>,
    /// Something was changed here and not saved: leaving asks first.
    #[props(default)]
    unsaved: bool,
    /// Stays at the foot.
    #[props(default)]
    foot: Option<Element>,
    children: Element,
) -> Element {
    let l = use_hall().lang();
    let mut asking = use_signal(|| false);
    rsx! {
        main { class: "screen sub-page", "data-test": test,
            TopBar {
                title,
                subtitle,
                onback: move |()| if unsaved { asking.set(true) } else { onback.call(()) },
                span {}
            }
            div { class: "sub-body", {children} }
            if let Some(foot) = foot {
                div { class: "actions stuck", {foot} }
            }
        }
        if asking() {
            Confirm {
                test: "leave-unsaved",
                title: l.tr("leave-unsaved"),
                body: l.tr("leave-unsaved-more"),
                yes: l.tr("leave-unsaved-yes"),
                no: l.tr("leave-unsaved-no"),
                danger: true,
                onyes: move |()| {
                    asking.set(false);
                    onback.call(());
                },
                onno: move |()| asking.set(false),
            }
        }
    }
}

/// Something is being fetched.
#[component]
pub fn LoadingPart() -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "empty", role: "status",
            Spinner {}
            p { {l.tr("loading")} }
        }
    }
}

/// It could not be fetched.
#[component]
pub fn FailedPart(problem: Problem, onretry: EventHandler<()>) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "empty", role: "alert",
            Icon { glyph: Glyph::Warning }
            p {
                if matches!(problem.code, ProblemCode::Offline | ProblemCode::TimedOut) {
                    {l.tr("load-offline")}
                } else {
                    {words::problem(l, problem.code)}
                }
            }
            Button {
                test: "retry",
                label: l.tr("retry"),
                kind: Kind::Secondary,
                small: true,
                onpress: move |()| onretry.call(()),
            }
        }
    }
}

/// There is nothing yet.
#[component]
pub fn NothingPart(glyph: Glyph, title: String, more: String) -> Element {
    rsx! {
        div { class: "empty",
            Icon { glyph }
            h2 { "{title}" }
            p { "{more}" }
        }
    }
}

/// What became of a form that was sent from this page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sent {
    #[default]
    Idle,
    Sending,
    Failed(Problem),
    Done,
}

/// A page's form: what it sent last, and what came of it. An account and an office each have one form at a time; its
/// state is taken over here and cleared in the session, so that no page shows another page's answer.
#[derive(Clone, Copy)]
pub struct FormUse {
    hall: Hall,
    sent: Signal<Sent>,
    what: Signal<String>,
    read: fn(&AppView) -> OfficeForm,
}

/// What a state of the session's form means to a page that waits for one; `None`: nothing new.
fn news(waiting: bool, form: &OfficeForm) -> Option<Sent> {
    match form {
        OfficeForm::Done if waiting => Some(Sent::Done),
        OfficeForm::Failed(problem) if waiting => Some(Sent::Failed(problem.clone())),
        OfficeForm::Idle | OfficeForm::Sending | OfficeForm::Done | OfficeForm::Failed(_) => None,
    }
}

/// `read` finds the session's form, `seen` clears it.
pub fn use_form(read: fn(&AppView) -> OfficeForm, seen: Intent) -> FormUse {
    let hall = use_hall();
    let mut sent = use_signal(|| match read(&hall.peek_view()) {
        OfficeForm::Failed(problem) => Sent::Failed(problem),
        OfficeForm::Idle | OfficeForm::Sending | OfficeForm::Done => Sent::Idle,
    });
    let what = use_signal(String::new);
    use_effect(move || {
        let form = read(&hall.view());
        let waiting = *sent.peek() == Sent::Sending;
        if let Some(now) = news(waiting, &form) {
            sent.set(now);
        }
        if matches!(form, OfficeForm::Done | OfficeForm::Failed(_)) {
            hall.send(seen.clone());
        }
    });
    FormUse { hall, sent, what, read }
}

impl FormUse {
    /// Sends; `what` tells several forms of a page apart. Nothing while another one is under way.
    pub fn send(mut self, what: &str, wish: Intent) {
        if (self.read)(&self.hall.peek_view()) == OfficeForm::Idle && *self.sent.peek() != Sent::Sending {
            self.sent.set(Sent::Sending);
            self.what.set(what.to_owned());
            self.hall.send(wish);
        }
    }

    /// This one is under way.
    pub fn busy(self, what: &str) -> bool {
        let session = (self.read)(&self.hall.view()) == OfficeForm::Sending;
        (*self.sent.read() == Sent::Sending && *self.what.read() == what)
            || (session && self.what.read().is_empty())
    }

    /// Any is.
    pub fn any_busy(self) -> bool {
        *self.sent.read() == Sent::Sending || (self.read)(&self.hall.view()) == OfficeForm::Sending
    }

    /// Why the last one failed.
    pub fn problem(self) -> Option<Problem> {
        match &*self.sent.read() {
            Sent::Failed(problem) => Some(problem.clone()),
            Sent::Idle | Sent::Sending | Sent::Done => None,
        }
    }

    /// That one is done.
    pub fn done(self, what: &str) -> bool {
        *self.sent.read() == Sent::Done && *self.what.read() == what
    }

    /// It has been seen.
    pub fn clear(mut self) {
        if !matches!(*self.sent.peek(), Sent::Idle | Sent::Sending) {
            self.sent.set(Sent::Idle);
        }
    }

    /// Once, when that one is done.
    pub fn when_done(self, what: &'static str, mut then: impl FnMut() + 'static) {
        use_effect(move || {
            if self.done(what) {
                self.clear();
                then();
            }
        });
    }
}

/// Why the last form of the page failed, and that nothing that was typed is lost.
#[component]
pub fn FormProblem(problem: Option<Problem>) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { role: "alert",
            if let Some(problem) = problem {
                p { class: "callout bad", "data-test": "form-problem",
                    Icon { glyph: Glyph::Warning }
                    span { {words::problem(l, problem.code)} }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_that_waits_takes_an_answer() {
        let problem = Problem::from(ProblemCode::Offline);
        assert_eq!(news(true, &OfficeForm::Done), Some(Sent::Done));
        assert_eq!(news(true, &OfficeForm::Failed(problem.clone())), Some(Sent::Failed(problem.clone())));
        for form in [OfficeForm::Idle, OfficeForm::Sending, OfficeForm::Done, OfficeForm::Failed(problem)] {
            assert_eq!(news(false, &form), None);
        }
        assert_eq!(news(true, &OfficeForm::Idle), None);
        assert_eq!(news(true, &OfficeForm::Sending), None);
    }
}
