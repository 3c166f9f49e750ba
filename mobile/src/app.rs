//! The root: which screen belongs to the snapshot at hand. Everything else is the screens' matter.

use crate::bridge::{Hall, Way, use_hall, use_wired};
use crate::opening::Opening;
use crate::parts::{Notices, connect_pictures, use_local_pictures};
use crate::screens::*;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::{AppView, FormState, LinkWish, ServerView, WhoView};
use miantan_domain::rules::call::client::CallStage;

/// The app. Its wiring comes through the launch context.
#[component]
pub fn App() -> Element {
    let wiring = use_hook(|| consume_context::<Opening>().wait());
    let hall = use_wired(&wiring);
    use_pictures(hall);
    use_local_pictures();
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

/// Goes where a link leads, once there is a server and nobody is in between.
fn use_wish(mut hall: Hall) {
    use_effect(move || {
        let view = hall.view();
        let Some(lead) = lead(&view) else { return };
        match lead {
            Lead::Way(way) => hall.way.set(way),
            Lead::HomeFairs => {
                // A conversation would lie over the fair.
                hall.send(Intent::Talk(TalkIntent::Close));
                hall.home_tab.set(HomeTab::Fairs);
            }
            Lead::HomeTalks => hall.home_tab.set(HomeTab::Talks),
            Lead::Work => {
                hall.way.set(Way::Start);
                hall.work_tab.set(WorkTab::Rounds);
            }
            Lead::Nowhere => {}
        }
        hall.send(Intent::WishSeen);
    });
}

/// Where a link's wish leads, by who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Way(Way),
    HomeFairs,
    HomeTalks,
    /// A recruiter's rounds: the hall itself, no page before it.
    Work,
    /// In a room a link to a fair has to wait for another time.
    Nowhere,
}

/// `None`: nothing is wished, or it is too early to go.
fn lead(view: &AppView) -> Option<Lead> {
    let wish = view.wish?;
    match &view.who {
        WhoView::SignedOut { .. } if !matches!(view.server, ServerView::Chosen { .. }) => None,
        WhoView::SignedOut { .. } => Some(Lead::Way(match wish {
            LinkWish::Fair(_) | LinkWish::Stand { .. } | LinkWish::Position(_) => Way::Fairs,
            LinkWish::Hall(_) => Way::Employer,
            LinkWish::Register(fair) => Way::Register(fair),
        })),
        WhoView::Account(_) => Some(match wish {
            LinkWish::Hall(_) => Lead::HomeTalks,
            LinkWish::Fair(_) | LinkWish::Stand { .. } | LinkWish::Position(_) | LinkWish::Register(_) => {
                Lead::HomeFairs
            }
        }),
        WhoView::Recruiter(_) => Some(match wish {
            LinkWish::Hall(_) => Lead::Work,
            LinkWish::Fair(_) | LinkWish::Stand { .. } | LinkWish::Position(_) => Lead::Way(Way::Fairs),
            LinkWish::Register(fair) => Lead::Way(Way::Register(fair)),
        }),
        WhoView::Candidate(_) => Some(Lead::Nowhere),
    }
}

/// Language, theme and size of text around a screen; notices above it, settings over it.
#[component]
pub fn Frame(children: Element) -> Element {
    let mut hall = use_hall();
    use_wish(hall);
    let prefs = hall.prefs();
    let view = hall.view();
    let screen = screen_of(&view, hall.asked().is_some(), (hall.way)());
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
    /// Fairs, for somebody who is not signed in, or for a recruiter.
    Fairs,
    /// An employer's registration for a fair.
    Register,
    /// A candidate's sign-in by phone.
    Phone,
    /// The employer's sign-in.
    SignIn,
    Password,
    /// The invitation is open on another device.
    TakeOver,
    CheckIn,
    /// Name and birth month, before anything else of an account.
    Profile,
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
            Self::Fairs => "fairs",
            Self::Register => "register",
            Self::Phone => "phone",
            Self::SignIn => "sign-in",
            Self::Profile => "profile",
            Self::Password => "password",
            Self::TakeOver => "take-over",
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
/// was not left since. `way`: which way in is open.
pub fn screen_of(view: &AppView, asked: bool, way: Way) -> Screen {
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
            (ServerView::Chosen { .. }, FormState::OtherDevice { .. }) => Screen::TakeOver,
            (ServerView::Chosen { .. }, FormState::Sending | FormState::Failed { .. }) if asked => {
                Screen::Password
            }
            (ServerView::Chosen { .. }, _) => match way {
                Way::Start => Screen::Entrance,
                Way::Employer => Screen::SignIn,
                Way::Phone => Screen::Phone,
                Way::Fairs => Screen::Fairs,
                Way::Register(_) => Screen::Register,
            },
            (ServerView::None | ServerView::Asking { .. } | ServerView::Failed { .. }, _) => Screen::Server,
        },
        WhoView::Account(account) if account.name.is_empty() => Screen::Profile,
        WhoView::Account(_) | WhoView::Recruiter(_) if talks_alone(view) => Screen::Conversation,
        WhoView::Account(_) => Screen::Home,
        WhoView::Candidate(candidate) if candidate.check_in.done => Screen::Room,
        WhoView::Candidate(_) => Screen::CheckIn,
        WhoView::Recruiter(recruiter) if recruiter.queue.is_some() => Screen::Queue,
        WhoView::Recruiter(_) => match way {
            Way::Fairs => Screen::Fairs,
            Way::Register(_) => Screen::Register,
            Way::Start | Way::Employer | Way::Phone => Screen::Rounds,
        },
    }
}

/// A conversation is open, and not beside a sheet or a room that shows it itself.
fn talks_alone(view: &AppView) -> bool {
    view.talk.open.as_ref().is_some_and(|open| view.talk.beside.conversation() != Some(open.head.id))
}

/// The screen at hand.
#[component]
pub fn Current() -> Element {
    let hall = use_hall();
    let view = hall.view();
    let screen = screen_of(&view, hall.asked().is_some(), (hall.way)());
    match screen {
        Screen::Server => rsx! { ServerScreen {} },
        Screen::Entrance => rsx! { Entrance {} },
        Screen::Fairs => rsx! { FairsAlone {} },
        Screen::Register => rsx! { RegisterScreen {} },
        Screen::Phone => rsx! { PhoneSignIn {} },
        Screen::SignIn => rsx! { SignIn {} },
        Screen::Profile => rsx! { ProfileScreen {} },
        Screen::Password => rsx! { Password {} },
        Screen::TakeOver => rsx! { TakeOver {} },
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
    use miantan_client::view::{
        AccountView, CallQuality, CallScreen, DeviceView, FairsView, MineView, ScanView, TalkView, VideoStep,
    };
    use miantan_domain::ids::{CallId, EmployerId, FairId, PositionId, TicketId};
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
            wish: None,
            policy: None,
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
        assert_eq!(screen_of(&view(ServerView::None, FormState::Idle), false, Way::Start), Screen::Server);
        assert_eq!(screen_of(&view(chosen(), FormState::Idle), false, Way::Start), Screen::Entrance);
        assert_eq!(screen_of(&view(chosen(), needed), true, Way::Start), Screen::Password);
        assert_eq!(screen_of(&view(chosen(), FormState::Sending), true, Way::Start), Screen::Password);
        assert_eq!(screen_of(&view(chosen(), FormState::Sending), false, Way::Start), Screen::Entrance);
    }

    fn account(name: &str) -> WhoView {
        let name = name.to_owned();
        WhoView::Account(Box::new(AccountView {
            name,
            phone: "138****5678".into(),
            mine: MineView::default(),
        }))
    }

    fn fair() -> FairId {
        FairId::from_parts(1, &[0; 10])
    }

    #[test]
    fn each_way_in_has_its_screen_and_only_after_a_server() {
        for (way, screen) in [
            (Way::Start, Screen::Entrance),
            (Way::Employer, Screen::SignIn),
            (Way::Phone, Screen::Phone),
            (Way::Fairs, Screen::Fairs),
            (Way::Register(fair()), Screen::Register),
        ] {
            assert_eq!(screen_of(&view(chosen(), FormState::Idle), false, way), screen);
            assert_eq!(screen_of(&view(ServerView::None, FormState::Idle), false, way), Screen::Server);
        }
    }

    #[test]
    fn an_account_says_who_it_is_first() {
        let mut view = view(chosen(), FormState::Idle);
        view.who = account("");
        assert_eq!(screen_of(&view, false, Way::Fairs), Screen::Profile);
        view.who = account("林晓");
        assert_eq!(screen_of(&view, false, Way::Fairs), Screen::Home);
    }

    #[test]
    fn a_link_leads_by_who_is_there() {
        let (fair, employer) = (fair(), EmployerId::from_parts(1, &[0; 10]));
        let wishes = [
            (LinkWish::Fair(fair), Way::Fairs, Lead::HomeFairs),
            (LinkWish::Stand { fair, employer }, Way::Fairs, Lead::HomeFairs),
            (LinkWish::Position(PositionId::from_parts(1, &[0; 10])), Way::Fairs, Lead::HomeFairs),
            (LinkWish::Hall(fair), Way::Employer, Lead::HomeTalks),
            (LinkWish::Register(fair), Way::Register(fair), Lead::HomeFairs),
        ];
        for (wish, way, home) in wishes {
            let mut view = view(chosen(), FormState::Idle);
            assert_eq!(lead(&view), None);
            view.wish = Some(wish);
            assert_eq!(lead(&view), Some(Lead::Way(way)));
            // while the server is still being asked there is nowhere to go
            view.server = ServerView::Asking { address: "a".into() };
            assert_eq!(lead(&view), None);
            view.who = account("林晓");
            assert_eq!(lead(&view), Some(home));
        }
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
                remote_pause: None,
                sending: VideoStep::Full,
                quality: CallQuality::Unknown,
                stats: None,
                problems: Vec::new(),
                sound_to: None,
                notes: Arc::default(),
            });
            assert_eq!(screen_of(&view, false, Way::Start), screen);
        }
    }
}
