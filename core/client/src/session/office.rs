//! An employer's office, and the way into it.

use super::app::App;
use crate::intent::OfficeIntent;
use crate::view::{OfficeView, RegistrationView};
use std::sync::Arc;

#[derive(Default)]
pub struct Office {
    pub view: OfficeView,
}

impl App {
    pub fn office_intent(&mut self, intent: OfficeIntent) {
        drop(intent);
    }

    pub fn registration_view(&self) -> Option<Arc<RegistrationView>> {
        None
    }
}
