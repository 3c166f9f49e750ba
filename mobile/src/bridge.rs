//! The one place where the core meets the screen: snapshots come in through a `watch` channel and become a
//! signal, wishes go out. Screens take [`Hall`] from the context and know nothing of the session.

use crate::i18n::Lang;
use crate::prefs::{Prefs, PrefsFile};
use crate::screens::{HomeTab, MinePage, OfficePage, WorkTab};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{AppView, FormState, ServerView, WhoView};
use miantan_domain::ids::{FairId, PositionId};
use miantan_domain::time::{Timestamp, WallTime};
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::UtcOffset;
use tokio::sync::watch;

/// Where wishes go. Never blocks.
pub type Wishes = Arc<dyn Fn(Intent) + Send + Sync>;

/// What `main` hands to the interface.
#[derive(Clone)]
pub struct Wiring {
    pub views: watch::Receiver<Arc<AppView>>,
    pub wishes: Wishes,
    pub prefs: Prefs,
    pub prefs_file: PrefsFile,
    /// Camera and microphone are made by the program: said on screen all the time.
    pub demo_devices: bool,
    /// Stands in the first screen's field at the beginning.
    pub server: String,
    /// Changes when the window is to come to the front: the app was started once more.
    pub called: watch::Receiver<u64>,
}

/// A view and when it came, for the clocks that count on from it.
#[derive(Clone)]
struct Snapshot {
    view: Arc<AppView>,
    came: Instant,
}

/// Which way in is open while nobody is signed in. `Fairs` also lies over a recruiter's tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// The invitation code.
    #[default]
    Start,
    /// The employer's sign-in (洽谈面试大厅).
    Employer,
    /// A candidate's, by phone.
    Phone,
    Fairs,
    /// 单位报名参加.
    Register(FairId),
}

/// A position that somebody wants to apply for: kept while they sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyTo {
    pub position: PositionId,
    pub title: String,
    pub employer: String,
}

/// What every screen works with: cheap to copy.
#[derive(Clone, Copy)]
pub struct Hall {
    snapshot: Signal<Snapshot>,
    /// Changes once a second, for clocks.
    beat: Signal<u64>,
    outside: CopyValue<Outside>,
    prefs: Signal<Prefs>,
    offset: Signal<UtcOffset>,
    /// The code a password was asked for, kept while that password is sent.
    asked: Signal<Option<String>>,
    /// The settings sheet is open.
    pub settings: Signal<bool>,
    /// The tab of a candidate's account, and of a recruiter.
    pub home_tab: Signal<HomeTab>,
    pub work_tab: Signal<WorkTab>,
    /// The way in.
    pub way: Signal<Way>,
    /// The apply sheet.
    pub apply: Signal<Option<ApplyTo>>,
    /// The page of 我的 and of 单位, kept while a conversation is looked at.
    pub mine_page: Signal<MinePage>,
    pub office_page: Signal<OfficePage>,
}

/// What stays the same for as long as the app runs.
#[derive(Clone)]
struct Outside {
    wishes: Wishes,
    prefs_file: PrefsFile,
    demo_devices: bool,
    server: String,
}

/// China's only time, until the page has told the device's.
const FIRST_OFFSET: UtcOffset = time::macros::offset!(+8);

/// Makes the hall from the wiring, once, and keeps it fed.
pub fn use_wired(wiring: &Wiring) -> Hall {
    let first = wiring.clone();
    let hall = use_hook(move || {
        let view = first.views.borrow().clone();
        let hall = Hall {
            snapshot: Signal::new(Snapshot { view, came: Instant::now() }),
            beat: Signal::new(0),
            outside: CopyValue::new(Outside {
                wishes: first.wishes,
                prefs_file: first.prefs_file,
                demo_devices: first.demo_devices,
                server: first.server,
            }),
            prefs: Signal::new(first.prefs),
            offset: Signal::new(FIRST_OFFSET),
            asked: Signal::new(None),
            settings: Signal::new(false),
            home_tab: Signal::new(HomeTab::default()),
            work_tab: Signal::new(WorkTab::default()),
            way: Signal::new(Way::default()),
            apply: Signal::new(None),
            mine_page: Signal::new(MinePage::default()),
            office_page: Signal::new(OfficePage::default()),
        };
        provide_context(hall)
    });
    let views = wiring.views.clone();
    use_future(move || follow(hall, views.clone()));
    let called = wiring.called.clone();
    use_future(move || come_to_front(called.clone()));
    use_future(move || beat(hall));
    use_future(move || ask_offset(hall));
    hall
}

/// Views become the signal as they come; a view that was overtaken meanwhile is never shown.
async fn follow(mut hall: Hall, mut views: watch::Receiver<Arc<AppView>>) {
    views.mark_changed();
    while views.changed().await.is_ok() {
        let view = views.borrow_and_update().clone();
        let asked = password_asked(hall.asked.peek().as_deref(), &view.who);
        if *hall.asked.peek() != asked {
            hall.asked.set(asked);
        }
        // Whoever has come in, or gone out, begins at the beginning; so does a server's choice.
        let out = matches!(view.who, WhoView::SignedOut { .. });
        let was_out = matches!(hall.snapshot.peek().view.who, WhoView::SignedOut { .. });
        let begins = out != was_out || (out && !matches!(view.server, ServerView::Chosen { .. }));
        if begins && *hall.way.peek() != Way::Start {
            hall.way.set(Way::Start);
        }
        if out && !was_out {
            hall.apply.set(None);
        }
        hall.snapshot.set(Snapshot { view, came: Instant::now() });
    }
}

/// The code whose password is being asked for or sent, after a view: from the question until the form is left or
/// someone is signed in.
fn password_asked(before: Option<&str>, who: &WhoView) -> Option<String> {
    match who {
        WhoView::SignedOut { form: FormState::PasswordNeeded { code, .. }, .. } => Some(code.clone()),
        WhoView::SignedOut { form: FormState::Sending | FormState::Failed { .. }, .. } => {
            before.map(str::to_owned)
        }
        WhoView::SignedOut { form: FormState::Idle | FormState::OtherDevice { .. }, .. }
        | WhoView::Account(_)
        | WhoView::Candidate(_)
        | WhoView::Recruiter(_) => None,
    }
}

/// The app was started once more while it runs: its window is what the person wants to see.
async fn come_to_front(mut called: watch::Receiver<u64>) {
    while called.changed().await.is_ok() {
        let window = dioxus::desktop::window();
        window.set_minimized(false);
        window.set_focus();
    }
}

async fn beat(mut hall: Hall) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        hall.beat += 1;
    }
}

/// The page knows the device's time zone.
async fn ask_offset(mut hall: Hall) {
    let mut page = document::eval("dioxus.send(-new Date().getTimezoneOffset())");
    if let Ok(minutes) = page.recv::<i32>().await
        && let Ok(offset) = UtcOffset::from_whole_seconds(minutes.saturating_mul(60))
    {
        hall.offset.set(offset);
    }
}

/// The hall of this screen.
pub fn use_hall() -> Hall {
    use_context()
}

impl Hall {
    /// What to show. The component that asks is rendered again at each change.
    pub fn view(&self) -> Arc<AppView> {
        self.snapshot.read().view.clone()
    }

    /// What there is now, without being rendered again for it: for handlers.
    pub fn peek_view(&self) -> Arc<AppView> {
        self.snapshot.peek().view.clone()
    }

    /// The measuring clock, counted on since the last view. The component that asks is rendered again each second.
    pub fn now(&self) -> Timestamp {
        self.beat.read();
        let snapshot = self.snapshot.read();
        snapshot.view.now.after(millis(snapshot.came.elapsed()))
    }

    /// The server's wall time, counted on likewise.
    pub fn wall(&self) -> WallTime {
        self.beat.read();
        let snapshot = self.snapshot.read();
        snapshot.view.wall.after(i64::try_from(snapshot.came.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    pub fn send(&self, wish: Intent) {
        (self.outside.read().wishes)(wish);
    }

    pub fn lang(&self) -> Lang {
        self.prefs.read().lang
    }

    pub fn prefs(&self) -> Prefs {
        *self.prefs.read()
    }

    /// The code of the password step, while that is at hand.
    pub fn asked(&self) -> Option<String> {
        self.asked.read().clone()
    }

    /// The device's offset from UTC.
    pub fn offset(&self) -> UtcOffset {
        *self.offset.read()
    }

    /// Changes a choice and stores it, away from the interface.
    pub fn change_prefs(&self, change: impl FnOnce(&mut Prefs)) {
        let mut prefs = self.prefs;
        change(&mut prefs.write());
        let chosen = *self.prefs.peek();
        let file = self.outside.read().prefs_file.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = file.store(&chosen) {
                tracing::warn!(%error, "the interface's choices could not be stored");
            }
        });
    }

    /// Emoji picked lately, as they were kept.
    pub fn recent_emoji(&self) -> Vec<String> {
        self.outside.read().prefs_file.load_emoji()
    }

    /// Keeps them, away from the interface.
    pub fn keep_recent_emoji(&self, recent: Vec<String>) {
        let file = self.outside.read().prefs_file.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = file.store_emoji(&recent) {
                tracing::warn!(%error, "the emoji picked lately could not be stored");
            }
        });
    }

    /// Picture or sound are made by the program.
    pub fn demo_devices(&self) -> bool {
        self.outside.read().demo_devices
    }

    /// The address to begin with on the first screen; usually none.
    pub fn server_proposed(&self) -> String {
        self.outside.read().server.clone()
    }

    pub fn open_settings(&self) {
        let mut settings = self.settings;
        settings.set(true);
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::wire::{Problem, ProblemCode};

    #[test]
    fn the_password_step_stays_while_the_password_is_sent() {
        let out = |form| WhoView::SignedOut { form, code: None };
        let needed = out(FormState::PasswordNeeded { code: "ABCDEFGHJ".into(), wrong: false });
        let asked = password_asked(None, &needed);
        assert_eq!(asked.as_deref(), Some("ABCDEFGHJ"));
        let asked = password_asked(asked.as_deref(), &out(FormState::Sending));
        assert_eq!(asked.as_deref(), Some("ABCDEFGHJ"));
        let slowed = FormState::Failed { problem: Problem::from(ProblemCode::SlowDown), again_at: None };
        let asked = password_asked(asked.as_deref(), &out(slowed.clone()));
        assert_eq!(asked.as_deref(), Some("ABCDEFGHJ"));
        assert_eq!(password_asked(asked.as_deref(), &out(FormState::Idle)), None);
        // a code that failed by itself never had a password step
        assert_eq!(password_asked(None, &out(slowed)), None);
    }
}
