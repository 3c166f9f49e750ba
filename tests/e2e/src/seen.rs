//! Short questions to a view.

use miantan_client::view::*;
use miantan_domain::ids::TicketId;
use miantan_domain::model::*;
use miantan_domain::rules::call::client::CallStage;
use miantan_domain::rules::round::Ticket;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::{Room, RoomPlace};

pub fn candidate(view: &AppView) -> Option<&CandidateView> {
    match &view.who {
        WhoView::Candidate(candidate) => Some(candidate),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Recruiter(_) => None,
    }
}

pub fn recruiter(view: &AppView) -> Option<&RecruiterView> {
    match &view.who {
        WhoView::Recruiter(recruiter) => Some(recruiter),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Candidate(_) => None,
    }
}

pub fn form(view: &AppView) -> Option<&FormState> {
    match &view.who {
        WhoView::SignedOut { form, .. } => Some(form),
        WhoView::Account(_) | WhoView::Candidate(_) | WhoView::Recruiter(_) => None,
    }
}

/// The form was refused with this.
pub fn refused(view: &AppView, code: ProblemCode) -> bool {
    matches!(form(view), Some(FormState::Failed { problem, .. }) if problem.code == code)
}

pub fn step(view: &AppView) -> Option<CheckInStep> {
    candidate(view)?.check_in.step
}

pub fn checked_in(view: &AppView) -> bool {
    candidate(view).is_some_and(|candidate| candidate.check_in.done)
}

pub fn room(view: &AppView) -> Option<&Room> {
    candidate(view)?.room.as_deref()
}

pub fn place(view: &AppView) -> Option<RoomPlace> {
    Some(room(view)?.place)
}

pub fn queue(view: &AppView) -> Option<&QueueView> {
    recruiter(view)?.queue.as_ref()
}

pub fn ticket(view: &AppView, ticket: TicketId) -> Option<&Ticket> {
    queue(view)?.state.tickets.get(&ticket)
}

pub fn presence(view: &AppView, ticket: TicketId) -> Presence {
    queue(view).and_then(|queue| queue.presence.get(&ticket).copied()).unwrap_or_default()
}

pub fn stage(view: &AppView) -> Option<CallStage> {
    view.call.as_ref().map(|call| call.view.stage)
}

pub fn rings(view: &AppView) -> bool {
    matches!(stage(view), Some(CallStage::RingingIn { .. }))
}

pub fn talks(view: &AppView) -> bool {
    matches!(stage(view), Some(CallStage::Connected { .. }))
}

pub fn cut_off(view: &AppView) -> bool {
    matches!(stage(view), Some(CallStage::Interrupted { .. }))
}

pub fn ended(view: &AppView) -> bool {
    matches!(stage(view), Some(CallStage::Ended { .. }))
}

/// The other side's picture is decoded here.
pub fn sees_other(view: &AppView) -> bool {
    view.call.as_ref().is_some_and(|call| {
        call.remote_video && call.stats.is_some_and(|stats| stats.first_frame_ms.is_some())
    })
}

/// Something of the other side arrives.
pub fn hears_other(view: &AppView) -> bool {
    view.call.as_ref().is_some_and(|call| call.stats.is_some_and(|stats| stats.received_kbps > 0))
}

pub fn told(view: &AppView, what: &NoticeWhat) -> bool {
    view.notices.iter().any(|notice| notice.what == *what)
}

// ---- accounts, fairs, conversations

pub fn account(view: &AppView) -> Option<&AccountView> {
    match &view.who {
        WhoView::Account(account) => Some(account),
        WhoView::SignedOut { .. } | WhoView::Candidate(_) | WhoView::Recruiter(_) => None,
    }
}

/// What belongs to a candidate's account, in a room or not.
pub fn mine(view: &AppView) -> Option<&MineView> {
    match &view.who {
        WhoView::Account(account) => Some(&account.mine),
        WhoView::Candidate(candidate) => candidate.mine.as_deref(),
        WhoView::SignedOut { .. } | WhoView::Recruiter(_) => None,
    }
}

pub fn fair(view: &AppView) -> Option<&FairScreen> {
    view.fairs.open.as_deref()
}

pub fn conversation(view: &AppView) -> Option<&ConversationView> {
    view.talk.open.as_deref()
}

pub fn items(view: &AppView) -> &[TalkItem] {
    conversation(view).map_or(&[], |conversation| conversation.items.as_slice())
}

pub fn is_text(item: &TalkItem, text: &str) -> bool {
    matches!(&item.body, ItemBody::Text(said) if said == text)
}

/// The newest invitation of the open conversation.
pub fn invitation(view: &AppView) -> Option<&InvitationCard> {
    conversation(view)?.head.invitations.first()
}

pub fn was_refused(view: &AppView, code: ProblemCode) -> bool {
    view.notices.iter().any(|n| matches!(&n.what, NoticeWhat::Refused(problem) if problem.code == code))
}
