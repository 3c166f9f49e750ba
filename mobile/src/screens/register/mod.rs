//! 单位报名参加 (F3): an employer registers for a fair, then sees how that stands. What is typed is kept while the
//! app runs, also when one goes back; the password only until it was sent.

mod form;
mod state;

use crate::bridge::{Hall, Way, use_hall};
use crate::i18n::Lang;
use crate::parts::Picked;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{AppView, FormState, Loadable, OfficeForm, WhoView};
use miantan_domain::model::RegistrationState;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::PASSWORD_MIN_CHARS;

/// What stands in the form.
#[derive(Debug, Clone, Default, PartialEq)]
struct Draft {
    name: String,
    uscc: String,
    contact: String,
    phone: String,
    password: String,
    licence: Option<Picked>,
}

/// There is one device and one employer at it: one draft.
static DRAFT: GlobalSignal<Draft> = Signal::global(Draft::default);

#[component]
pub fn RegisterScreen() -> Element {
    let hall = use_hall();
    if hall.view().registration.is_some() {
        rsx! { state::Standing {} }
    } else {
        rsx! { form::RegisterForm {} }
    }
}

/// What was sent last, at the entrance or in the office.
#[derive(Debug, Clone, PartialEq)]
enum Sent {
    Idle,
    Busy,
    Failed(Problem),
}

fn sent(view: &AppView) -> Sent {
    match &view.who {
        WhoView::SignedOut { form, .. } => match form {
            FormState::Idle | FormState::PasswordNeeded { .. } | FormState::OtherDevice { .. } => Sent::Idle,
            FormState::Sending => Sent::Busy,
            FormState::Failed { problem, .. } => Sent::Failed(problem.clone()),
        },
        WhoView::Recruiter(recruiter) => match &recruiter.office.form {
            OfficeForm::Idle | OfficeForm::Done => Sent::Idle,
            OfficeForm::Sending => Sent::Busy,
            OfficeForm::Failed(problem) => Sent::Failed(problem.clone()),
        },
        WhoView::Account(_) | WhoView::Candidate(_) => Sent::Idle,
    }
}

/// Back to the fair where it began, else to the beginning.
fn back(mut hall: Hall) {
    hall.send(Intent::ResetForm);
    let way = if hall.peek_view().fairs.open.is_some() { Way::Fairs } else { Way::Start };
    hall.way.set(way);
}

/// The fair it is for, where its name is known.
fn fair_title(view: &AppView) -> Option<String> {
    let open = view.fairs.open.as_ref()?;
    match &open.page {
        Loadable::Ready(page) => Some(page.card.title.clone()),
        Loadable::Loading | Loadable::Failed(_) => None,
    }
}

/// How a registration stands, in a few words.
pub(super) fn state_word(l: Lang, state: &RegistrationState) -> String {
    match state {
        RegistrationState::LicenceMissing => l.tr("register-licence-missing"),
        RegistrationState::Waiting => l.tr("register-waiting"),
        RegistrationState::Approved => l.tr("register-approved"),
        RegistrationState::Rejected { .. } => l.tr("register-rejected"),
    }
}

/// How hard a password is to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Not allowed.
    Short,
    /// The name or the code: not allowed.
    Known,
    Weak,
    Fair,
    Strong,
}

impl Strength {
    pub(super) const fn enough(self) -> bool {
        matches!(self, Self::Weak | Self::Fair | Self::Strong)
    }
}

/// By length and kinds of characters.
pub(super) fn strength(password: &str, name: &str, uscc: &str) -> Strength {
    let count = password.chars().count();
    let same = |other: &str| !other.trim().is_empty() && password.trim().eq_ignore_ascii_case(other.trim());
    if count < PASSWORD_MIN_CHARS {
        return Strength::Short;
    }
    if same(name) || same(uscc) {
        return Strength::Known;
    }
    let kinds = [
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_uppercase),
        password.chars().any(|c| !c.is_alphanumeric()),
        password.chars().any(|c| c.is_alphabetic() && !c.is_ascii()),
    ];
    let kinds = kinds.into_iter().filter(|there| *there).count();
    let different = password.chars().collect::<std::collections::BTreeSet<_>>().len();
    match (count, kinds) {
        _ if different < 5 => Strength::Weak,
        (12.., 3..) | (16.., 2..) => Strength::Strong,
        (10.., 2..) | (8.., 3..) => Strength::Fair,
        _ => Strength::Weak,
    }
}

pub(super) fn strength_word(l: Lang, strength: Strength) -> String {
    match strength {
        Strength::Short => l.tr("register-password-short"),
        Strength::Known => l.tr("register-password-known"),
        Strength::Weak => l.tr("register-password-weak"),
        Strength::Fair => l.tr("register-password-fair"),
        Strength::Strong => l.tr("register-password-strong"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged_by_length_kinds_and_what_everybody_knows() {
        for (password, judged) in [
            ("", Strength::Short),
            ("Ab1!xyz", Strength::Short),
            ("青禾数据科技公司", Strength::Known),
            ("914403001922038216", Strength::Known),
            ("12345678", Strength::Weak),
            ("aaaaaaaaA1!a", Strength::Weak),
            ("qinghe2026", Strength::Fair),
            ("Qinghe26", Strength::Fair),
            ("Qing-he-2026!", Strength::Strong),
            ("correct horse battery", Strength::Strong),
        ] {
            assert_eq!(strength(password, "青禾数据科技公司", "914403001922038216"), judged, "{password}");
        }
        assert!(!Strength::Known.enough() && !Strength::Short.enough() && Strength::Weak.enough());
    }

    #[test]
    fn each_state_and_strength_has_words_of_its_own() {
        for l in Lang::ALL {
            let states = [
                RegistrationState::LicenceMissing,
                RegistrationState::Waiting,
                RegistrationState::Approved,
                RegistrationState::Rejected { reason: "x".into() },
            ];
            let words: std::collections::BTreeSet<_> =
                states.iter().map(|state| state_word(l, state)).collect();
            assert_eq!(words.len(), 4);
            let all = [Strength::Short, Strength::Known, Strength::Weak, Strength::Fair, Strength::Strong];
            let words: std::collections::BTreeSet<_> = all.map(|each| strength_word(l, each)).into();
            assert_eq!(words.len(), 5);
        }
    }
}
