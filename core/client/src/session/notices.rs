//! What the person is to be told, until it is dismissed.

use crate::view::{Notice, NoticeWhat};
use std::sync::Arc;

/// More than these nobody reads; the oldest go.
const KEPT_MAX: usize = 20;

/// The notices on screen, oldest first.
#[derive(Debug, Default)]
pub struct Notices {
    list: Arc<Vec<Notice>>,
    last: u64,
}

impl Notices {
    /// The same thing is not said twice while it is on screen.
    pub fn tell(&mut self, what: NoticeWhat) {
        if self.list.iter().any(|notice| notice.what == what) {
            return;
        }
        self.last += 1;
        let mut list = Vec::clone(&self.list);
        list.push(Notice { id: self.last, what });
        let surplus = list.len().saturating_sub(KEPT_MAX);
        list.drain(..surplus);
        self.list = Arc::new(list);
    }

    pub fn dismiss(&mut self, id: u64) {
        let list = self.list.iter().filter(|notice| notice.id != id).cloned().collect();
        self.list = Arc::new(list);
    }

    pub fn list(&self) -> Arc<Vec<Notice>> {
        Arc::clone(&self.list)
    }
}
