//! The driver of conversations: what is drawn before a change is decided ([`plan`]), who hears of it
//! afterwards ([`Teller`]), and what must happen outside because of it ([`work`]).
//!
//! Never here: what anybody may do (`miantan_domain::rules::talk`), and what is kept (`store::Talks`).

mod plan;
mod tell;
mod work;

pub use plan::{fresh_change, fresh_conversation, invitation_code, plan};
pub use tell::Teller;
pub use work::{tidy, work};

use crate::store::{Party, Person, Talker, Who};
use miantan_domain::rules::talk::Author;

/// Whoever a session belongs to, as conversations know them.
pub fn talker(who: &Who) -> Option<Talker> {
    let person = who.person();
    let (party, author, name) = match (who, person) {
        (Who::Member { employer, member, .. }, _) => {
            (Party::Employer(*employer), Author::Member(member.role), member.name.clone())
        }
        (_, Person::Candidate(candidate)) => (Party::Candidate(candidate), Author::Candidate, String::new()),
        (_, Person::Member(_)) => return None,
    };
    Some(Talker { person, party, author, name })
}
