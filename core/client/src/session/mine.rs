//! A candidate's own account.

use super::app::App;
use crate::intent::AccountIntent;
use crate::view::{CodeView, MineView};

/// What belongs to a candidate with an account.
#[derive(Default)]
pub struct Mine {
    pub name: String,
    pub phone: String,
    pub view: MineView,
}

impl App {
    pub fn account_intent(&mut self, intent: AccountIntent) {
        drop(intent);
    }

    pub fn code_view(&self) -> Option<CodeView> {
        None
    }
}
