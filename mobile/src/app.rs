//! The root: which screen belongs to the snapshot at hand. Everything else is the screens' matter.

use crate::bridge::{Hall, Wiring, use_hall, use_wired};
use crate::parts::{Notices, connect_pictures};
use crate::screens::*;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{AppView, FormState, ServerView, WhoView};
use miantan_domain::rules::call::client::CallStage;

/// The app. Its wiring is in the launch context.
#[component]
pub fn App() -> Element {
    let wiring = use_hook(consume_context::<Wiring>);
    let hall = use_wired(&wiring);
    use_pictures(hall);
    rsx! {
        Frame { Current {} }
    }
}

/// Keeps the page's script at the address where the frames are.
fn use_pictures(hall: Hall) {
    let mut connected = use_signal(String::new);
    use_effect(move || {
        let url = hall.view().screen_url.to_string();
        if !url.is_empty() && *connected.peek() != url {
            connect_pictures(&url);
            connected.set(url);
        }
    });
}

/// Language, theme and size of text around a screen; notices above it, settings over it.
#[component]
pub fn Frame(children: Element) -> Element {
    let mut hall = use_hall();
    let prefs = hall.prefs();
    let view = hall.view();
    let screen = screen_of(&view, hall.asked().is_some());
    rsx! {
        if prefs.text_percent() != 100 {
            style { ":root {{ font-size: {prefs.text_percent()}%; }}" }
        }
        div {
            class: "app",
            lang: prefs.lang.code(),
            "data-theme": prefs.theme.name(),
            "data-screen": screen.name(),
            Notices {}
            {children}
            if (hall.settings)() {
                Settings { onclose: move |()| hall.settings.set(false) }
            }
        }
    }
}

/// The screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    Server,
    Entrance,
    Password,
    CheckIn,
    /// A candidate's account.
    Home,
    /// An open conversation, over whichever tab.
    Conversation,
    Room,
    Rounds,
    Queue,
    RingingIn,
    RingingOut,
    Call,
    CallOver,
}

impl Screen {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Entrance => "entrance",
            Self::Password => "password",
            Self::CheckIn => "check-in",
            Self::Home => "home",
            Self::Conversation => "conversation",
            Self::Room => "room",
            Self::Rounds => "rounds",
            Self::Queue => "queue",
            Self::RingingIn => "ring",
            Self::RingingOut => "ring-out",
            Self::Call => "call",
            Self::CallOver => "call-over",
        }
    }
}

/// Which screen a snapshot asks for: a call goes before everything. `asked`: a password was asked for and the form
/// was not left since.
pub fn screen_of(view: &AppView, asked: bool) -> Screen {
    if let Some(call) = &view.call {
        return match call.view.stage {
            CallStage::RingingIn { .. } => Screen::RingingIn,
            CallStage::Placing | CallStage::RingingOut { .. } => Screen::RingingOut,
            CallStage::Connecting | CallStage::Connected { .. } | CallStage::Interrupted { .. } => {
                Screen::Call
            }
            CallStage::Ended { .. } => Screen::CallOver,
        };
    }
    match &view.who {
        WhoView::SignedOut { form, .. } => match (&view.server, form) {
            (ServerView::Chosen { .. }, FormState::PasswordNeeded { .. }) => Screen::Password,
            (ServerView::Chosen { .. }, FormState::Sending | FormState::Failed { .. }) if asked => {
                Screen::Password
            }
            (ServerView::Chosen { .. }, _) => Screen::Entrance,
            (ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. }, _) => Screen::Server,
        },
        WhoView::Account(_) | WhoView::Recruiter(_) if view.talk.open.is_some() => Screen::Conversation,
        WhoView::Account(_) => Screen::Home,
        WhoView::Candidate(candidate) if candidate.check_in.done => Screen::Room,
        WhoView::Candidate(_) => Screen::CheckIn,
        WhoView::Recruiter(recruiter) if recruiter.queue.is_some() => Screen::Queue,
        WhoView::Recruiter(_) => Screen::Rounds,
    }
}

/// The screen at hand.
#[component]
pub fn Current() -> Element {
    let hall = use_hall();
    let view = hall.view();
    let screen = screen_of(&view, hall.asked().is_some());
    match screen {
        Screen::Server => rsx! { ServerScreen {} },
        Screen::Entrance => rsx! { Entrance {} },
        Screen::Password => rsx! { Password {} },
        Screen::CheckIn => rsx! { CheckIn {} },
        Screen::Home => rsx! { Home {} },
        Screen::Room => rsx! { WaitingRoom {} },
        Screen::Conversation => rsx! { Conversation {} },
        Screen::Rounds => rsx! { Work {} },
        Screen::Queue => rsx! {
            Queue {}
            if let WhoView::Recruiter(recruiter) = &view.who && let Some((ticket, _)) = recruiter.sheet {
                CandidateSheetView { key: "{ticket}", ticket, onclose: move |()| hall.send(Intent::CloseSheet) }
            }
        },
        Screen::RingingIn => rsx! { RingingIn {} },
        Screen::RingingOut => rsx! { RingingOut {} },
        Screen::Call => rsx! { InCall {} },
        Screen::CallOver => rsx! { CallOver {} },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_client::view::{CallQuality, CallScreen, DeviceView, FairsView, ScanView, TalkView};
    use miantan_domain::ids::{CallId, TicketId};
    use miantan_domain::model::Side;
    use miantan_domain::rules::call::EndReason;
    use miantan_domain::rules::call::client::CallView;
    use miantan_domain::rules::link::LinkView;
    use miantan_domain::time::{Timestamp, WallTime};
    use std::sync::Arc;

    fn view(server: ServerView, form: FormState) -> AppView {
        AppView {
            now: Timestamp(0),
            wall: WallTime(0),
            servers: Vec::new(),
            server,
            link: LinkView::Stopped,
            who: WhoView::SignedOut { form, code: None },
            fairs: FairsView::default(),
            talk: TalkView::default(),
            registration: None,
            call: None,
            devices: DeviceView::default(),
            scan: ScanView::default(),
            notices: Arc::default(),
            screen_url: "".into(),
        }
    }

    fn chosen() -> ServerView {
        ServerView::Chosen { address: "a".into(), organiser: "o".into(), hotline: "1".into() }
    }

    #[test]
    fn the_way_in_goes_server_code_password() {
        let needed = FormState::PasswordNeeded { code: "ABCDEFGHJ".into(), wrong: false };
        assert_eq!(screen_of(&view(ServerView::None, FormState::Idle), false), Screen::Server);
        assert_eq!(screen_of(&view(chosen(), FormState::Idle), false), Screen::Entrance);
        assert_eq!(screen_of(&view(chosen(), needed), true), Screen::Password);
        assert_eq!(screen_of(&view(chosen(), FormState::Sending), true), Screen::Password);
        assert_eq!(screen_of(&view(chosen(), FormState::Sending), false), Screen::Entrance);
    }

    #[test]
    fn a_call_goes_before_everything() {
        let stages = [
            (CallStage::RingingIn { until: Timestamp(1) }, Screen::RingingIn),
            (CallStage::Placing, Screen::RingingOut),
            (CallStage::Connecting, Screen::Call),
            (CallStage::Ended { reason: EndReason::Lost, talked_ms: 0 }, Screen::CallOver),
        ];
        for (stage, screen) in stages {
            let mut view = view(chosen(), FormState::Idle);
            view.call = Some(CallScreen {
                view: CallView {
                    call: CallId::from_parts(1, &[0; 10]),
                    ticket: TicketId::from_parts(1, &[0; 10]),
                    with: String::new(),
                    side: Side::Candidate,
                    stage,
                },
                round_name: String::new(),
                muted: false,
                camera_on: true,
                remote_video: false,
                quality: CallQuality::Unknown,
                stats: None,
                problems: Vec::new(),
                notes: Arc::default(),
            });
            assert_eq!(screen_of(&view, false), screen);
        }
    }
}
