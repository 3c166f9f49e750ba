//! One module for each screen. A screen reads the snapshot from [`crate::bridge::Hall`], sends intents, and keeps
//! only what is half typed or opened.

mod announce;
mod call;
mod call_over;
mod call_sheets;
mod candidate_sheet;
mod check_in;
mod check_steps;
mod entrance;
mod fair;
mod home;
mod identity;
mod mine;
mod network_step;
mod notify;
mod office;
mod outcome;
mod password;
mod phone;
mod queue;
mod queue_row;
mod register;
mod reset;
mod ring;
mod room;
mod rounds;
mod scan;
mod server;
mod settings;
mod sign_in;
mod stage;
mod take_over;
mod talks;
mod work;

pub use call::InCall;
pub use call_over::CallOver;
pub use candidate_sheet::CandidateSheetView;
pub use check_in::CheckIn;
pub use entrance::Entrance;
pub use fair::{FairHome, FairsAlone};
pub use home::{Home, HomeTab};
pub use mine::{MineHome, MinePage};
pub use office::{OfficeHome, OfficePage};
pub use password::Password;
pub use phone::{PhoneSignIn, ProfileScreen};
pub use queue::Queue;
pub use register::RegisterScreen;
pub use ring::{RingingIn, RingingOut};
pub use room::WaitingRoom;
pub use rounds::Rounds;
pub use server::ServerScreen;
pub use settings::Settings;
pub use sign_in::SignIn;
pub use take_over::TakeOver;
pub use talks::{Conversation, TalkList};
pub use work::{Work, WorkTab};

use miantan_client::view::{AppView, QueueView, RecruiterView, ServerView, WhoView};

/// The organiser's support telephone; empty while no server is chosen.
fn hotline(view: &AppView) -> String {
    match &view.server {
        ServerView::Chosen { hotline, .. } => hotline.clone(),
        ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. } => String::new(),
    }
}

fn recruiter(view: &AppView) -> Option<&RecruiterView> {
    match &view.who {
        WhoView::Recruiter(recruiter) => Some(recruiter),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Candidate(_) => None,
    }
}

fn queue_of(view: &AppView) -> Option<&QueueView> {
    recruiter(view).and_then(|recruiter| recruiter.queue.as_ref())
}
