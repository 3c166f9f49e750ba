//! Fairs, for anybody.

use super::app::App;
use crate::intent::FairIntent;
use crate::view::FairsView;

#[derive(Default)]
pub struct Fairs {
    pub view: FairsView,
}

impl App {
    pub fn fair_intent(&mut self, intent: FairIntent) {
        drop(intent);
    }

    pub fn fairs_view(&self) -> FairsView {
        self.fairs.view.clone()
    }
}
