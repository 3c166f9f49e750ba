//! The one task that owns the state. An event is handled, what it changed is stored, then frames go
//! out, then the view is published; nothing else runs meanwhile.
//!
//! Sleeping is bounded: tokio's timers stand still while a phone sleeps, the clock of the machines
//! does not, so every timeout is looked at again at least every [`WAKE_MS`].

use super::SessionConfig;
use super::app::{App, Parts};
use super::event::{Event, Order};
use crate::intent::Intent;
use crate::platform::NetworkNews;
use crate::store::Health;
use crate::view::{AppView, CannotHere, NoticeWhat};
use miantan_domain::model::CheckInStep;
use miantan_domain::rules::call::client::Input as CallInput;
use miantan_domain::rules::check_in::Input as CheckIn;
use miantan_domain::rules::link::Input as LinkInput;
use miantan_domain::rules::outbox::Input as OutboxInput;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// Longest sleep without a look at the clock.
const WAKE_MS: u64 = 15_000;
/// So many waiting events are handled before the view is published again.
const BATCH: usize = 64;

/// Brings back what was stored and starts the task.
pub async fn start(
    config: SessionConfig,
    parts: Parts,
    health: Health,
    orders: mpsc::UnboundedReceiver<Order>,
) -> watch::Receiver<Arc<AppView>> {
    let (events_in, events) = mpsc::unbounded_channel();
    let mut app = App::new(config, parts, events_in);
    app.restore(health).await;
    app.freshen().await;
    app.settle().await;
    let (view_in, view) = watch::channel(Arc::new(app.make_view()));
    tokio::spawn(run(app, orders, events, view_in));
    view
}

async fn run(
    mut app: App,
    mut orders: mpsc::UnboundedReceiver<Order>,
    mut events: mpsc::UnboundedReceiver<Event>,
    view: watch::Sender<Arc<AppView>>,
) {
    loop {
        let sleep = Duration::from_millis(app.next_timeout().left(app.clock.now()));
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Intent(intent)) => app.intent(intent).await,
                Some(Order::Shutdown(done)) => return app.shutdown(done).await,
                // The last session was dropped: everything stops where it is, as in a kill.
                None => return,
            },
            event = events.recv() => {
                let Some(event) = event else { return };
                app.event(event).await;
                for _ in 1..BATCH {
                    let Ok(event) = events.try_recv() else { break };
                    app.event(event).await;
                }
            }
            () = tokio::time::sleep(sleep) => {}
        }
        app.timeouts();
        app.freshen().await;
        app.tell_presence();
        app.stay_awake();
        app.settle().await;
        view.send_replace(Arc::new(app.make_view()));
    }
}

impl App {
    async fn restore(&mut self, health: Health) {
        match health {
            Health::Good => {}
            Health::Replaced { .. } => self.notices.tell(NoticeWhat::StorageReplaced),
            Health::Memory => self.notices.tell(NoticeWhat::StorageFailed),
        }
        self.watch_system();
        match self.parts.store.start().await {
            Ok(start) => {
                self.servers = start.servers;
                self.devices.camera = start.camera;
                self.devices.microphone = start.microphone;
                self.devices.speaker = start.speaker;
                if let Some(address) = start.server {
                    self.return_to(address).await;
                }
            }
            Err(error) => {
                tracing::error!(%error, "the stored data cannot be read");
                self.notices.tell(NoticeWhat::StorageFailed);
            }
        }
        self.refresh_devices();
    }

    /// Phone calls and networks, where the system tells of them; else the interface's intents do.
    fn watch_system(&self) {
        let events = self.events.clone();
        let phone = self.services.phone_calls.watch(Box::new(move |on| {
            let _ = events.send(Event::PhoneCall(on));
        }));
        let events = self.events.clone();
        let network = self.services.network.watch(Box::new(move |news| {
            let _ = events.send(Event::Network(news));
        }));
        let events = self.events.clone();
        let routes = self.services.audio_routes.watch(Box::new(move |route| {
            let _ = events.send(Event::AudioRoute(route));
        }));
        for unavailable in [phone, network, routes].into_iter().filter_map(Result::err) {
            tracing::info!(what = unavailable.what, "the system does not tell");
        }
    }

    async fn shutdown(&mut self, done: oneshot::Sender<()>) {
        self.close_account();
        self.store_all().await;
        self.parts.store.close().await;
        // Err: whoever asked does not wait.
        let _ = done.send(());
    }

    /// Before the view is made: what is made once for many events.
    async fn freshen(&mut self) {
        self.freshen_round();
        self.freshen_outbox();
        self.freshen_talk().await;
    }

    /// When something is to be done although nothing happens.
    fn next_timeout(&self) -> Timestamp {
        let account = self.account.as_deref();
        let times = [
            account.and_then(|account| account.link.poll_timeout()).map(|(at, _)| at),
            account.and_then(|account| account.outbox.poll_timeout()).map(|(at, _)| at),
            account.and_then(|account| account.call.timeout()),
            self.entrance_timeout(),
            self.save_timeout(),
            self.identity_timeout(),
            self.network_check_timeout(),
            self.talk_timeout(),
            self.mine_timeout(),
            self.fairs_timeout(),
            self.registration_timeout(),
        ];
        let wake = self.clock.now().after(WAKE_MS);
        times.into_iter().flatten().fold(wake, Ord::min)
    }

    /// Everything that is due. Too early is harmless.
    fn timeouts(&mut self) {
        let now = self.clock.now();
        if let Some(account) = &self.account {
            let link = account.link.poll_timeout().is_some_and(|(at, _)| at <= now);
            let outbox = account.outbox.poll_timeout().is_some_and(|(at, _)| at <= now);
            if link {
                self.link(LinkInput::Timeout { random: rand::random() });
            }
            if outbox {
                self.outbox(OutboxInput::Timeout);
            }
        }
        self.call_time();
        self.entrance_time();
        self.save_round(false);
        self.check_day();
        self.identity_time();
        self.network_check_time();
        self.talk_time();
        self.mine_time();
        self.fairs_time();
        self.registration_time();
    }

    /// The screen stays on while someone can be rung, talks or holds the camera to a code.
    fn stay_awake(&mut self) {
        let waits = self.foreground && self.candidate().is_some_and(|c| c.check_in.is_done());
        let awake = waits || self.in_call() || self.scan.is_running() || self.identity_films();
        if std::mem::replace(&mut self.awake, awake) != awake
            && let Err(unavailable) = self.services.awake.keep_awake(awake)
        {
            tracing::info!(what = unavailable.what, "the screen may go dark");
        }
    }

    async fn intent(&mut self, intent: Intent) {
        match intent {
            Intent::Talk(intent) => self.talk_intent(intent).await,
            Intent::Fair(intent) => self.fair_intent(intent).await,
            Intent::Account(intent) => self.account_intent(intent),
            Intent::Office(intent) => self.office_intent(intent),
            Intent::Identity(intent) => self.identity_intent(intent),
            Intent::Notify { text } => self.round_command(Command::Notify { text }),
            Intent::UseServer(text) => {
                self.stop_scan();
                self.use_server(&text).await;
            }
            Intent::WishSeen => self.wish = None,
            Intent::LeaveServer => self.leave_server(),
            Intent::ScanStart => self.start_scan(),
            Intent::ScanStop => self.stop_scan(),
            Intent::Join { code, password } => self.join(code, password),
            Intent::SignIn { account, password, member } => self.sign_in(&account, password, member),
            Intent::TakeOverSend => self.take_over_send(),
            Intent::TakeOverCheck(code) => self.take_over_check(&code),
            Intent::ResetForm => self.reset_form(),
            Intent::SignOut => self.sign_out(),
            Intent::CheckBegin => {
                self.check_in(CheckIn::Begin);
                if let Some(candidate) = self.candidate() {
                    candidate.check.begun = true;
                }
                self.resume_check();
            }
            Intent::CheckPassed(CheckInStep::Network) => self.network_passed(),
            Intent::CheckPassed(step) => self.check_in(CheckIn::Passed(step)),
            Intent::CheckCannot(step) => self.check_in(CheckIn::Cannot(step)),
            Intent::CheckGoOnAnyway(step) => self.check_in(CheckIn::GoOnAnyway(step)),
            Intent::CheckBack => self.check_in(CheckIn::Back),
            Intent::CheckRetry(step) => self.check_in(CheckIn::Retry(step)),
            Intent::RecordToggle => self.record_toggle(),
            Intent::PlayRecording => self.play_recording(),
            Intent::ChooseCamera(id) => self.choose_device(CheckInStep::Camera, id),
            Intent::ChooseMicrophone(id) => self.choose_device(CheckInStep::Microphone, id),
            Intent::ChooseSpeaker(id) => self.choose_device(CheckInStep::Speaker, id),
            Intent::RefreshDevices => self.refresh_devices(),
            Intent::SendNote { ticket, text } => self.note(ticket, text),
            Intent::Confirm { accepted, comment } => self.confirm(accepted, comment),
            Intent::RetryChange(id) => {
                self.outbox(OutboxInput::Retry(id));
                self.upload_again(id);
            }
            Intent::DeleteChange(id) => self.outbox(OutboxInput::Delete(id)),
            Intent::ReloadRounds => self.load_rounds(),
            Intent::OpenRound(round) => self.open_round(round),
            Intent::CloseRound => self.close_round(),
            Intent::OpenSheet(ticket) => self.open_sheet(ticket),
            Intent::CloseSheet => self.close_sheet(),
            Intent::MarkOutcome { ticket, outcome } => {
                self.round_command(Command::MarkOutcome { ticket, outcome });
            }
            Intent::MoveStage(to) => self.round_command(Command::MoveStage { to }),
            Intent::Announce(tickets) => self.round_command(Command::Announce { tickets }),
            Intent::Ring(ticket) => self.ring(ticket),
            Intent::Answer => self.call(CallInput::Answer),
            Intent::Decline => self.call(CallInput::Decline),
            Intent::HangUp => self.call(CallInput::HangUp),
            Intent::DismissCall => self.call(CallInput::Dismiss),
            Intent::SetMuted(muted) => self.set_muted(muted),
            Intent::SetCamera(on) => self.set_camera(on),
            Intent::SwitchCamera => self.next_camera(),
            Intent::DismissNotice(id) => self.notices.dismiss(id),
            Intent::Foreground(on) => self.set_foreground(on),
            Intent::InFront(on) => self.in_front = on,
            Intent::PhoneCall(on) => self.set_phone_call(on),
            Intent::NetworkChanged { up } => {
                self.network(if up { NetworkNews::Changed } else { NetworkNews::Down });
            }
            Intent::OpenSystemSettings => {
                if let Err(unavailable) = self.services.settings.open() {
                    tracing::info!(what = unavailable.what, "not available");
                    self.notices.tell(NoticeWhat::CannotHere(CannotHere::OpenSettings));
                }
            }
            Intent::DialHotline => {
                let Some(chosen) = &self.choice.chosen else { return };
                if let Err(unavailable) = self.services.dialler.dial(&chosen.hotline) {
                    tracing::info!(what = unavailable.what, "not available");
                    self.notices.tell(NoticeWhat::CannotHere(CannotHere::Dial));
                }
            }
        }
    }

    async fn event(&mut self, event: Event) {
        match event {
            Event::ServerAnswered { ask, result } => self.server_answered(ask, result).await,
            Event::Entered { form, result } => self.entered(form, result).await,
            Event::Socket { account, generation, news } => self.socket_news(account, generation, news).await,
            Event::SessionEnded { account, problem } => self.session_ended(account, problem.as_ref()),
            Event::Rounds { account, result } => self.rounds_loaded(account, result),
            Event::Sheet { account, ticket, result } => self.sheet_loaded(account, ticket, result),
            Event::Stack { stack, news } => self.stack_news(stack, news),
            Event::Speaker { check, state } => self.speaker_state(check, &state),
            Event::Microphone { check, state } => self.microphone_state(check, &state),
            Event::Camera { check, state } => self.camera_state(check, &state),
            Event::Scan { scan, news } => self.scan_news(scan, &news).await,
            Event::Talk { account, news } => self.talk_news(account, *news).await,
            Event::Fair { address, news } => self.fair_news(&address, *news).await,
            Event::Identity { step, news } => self.identity_news(step, *news),
            Event::NetworkChecked { check, figures } => self.network_measured(check, figures),
            Event::PassTold { account, told } => self.pass_told(account, told),
            Event::Code { form, news } => self.code_news(form, *news).await,
            Event::Mine { account, news } => self.mine_news(account, *news).await,
            Event::Office { account, news } => self.office_news(account, *news),
            Event::Registration { address, news } => self.registration_news(&address, *news),
            Event::NotStored => self.notices.tell(NoticeWhat::StorageFailed),
            Event::Devices(list) => self.devices_found(list),
            Event::PhoneCall(on) => self.set_phone_call(on),
            Event::Network(news) => self.network(news),
            Event::AudioRoute(route) => self.audio_route(route),
        }
    }

    fn set_foreground(&mut self, on: bool) {
        self.foreground = on;
        self.call_in_front(on);
        if on {
            self.link(LinkInput::Foreground);
            self.refresh_devices();
            self.resume_check();
            self.resume_scan();
            self.fairs_again();
            self.check_registration(false);
            self.licence_again();
        } else {
            // Nobody listens to the check; a call goes on.
            self.stop_check();
            self.pause_scan();
        }
    }

    fn set_phone_call(&mut self, on: bool) {
        self.phone_call = on;
        self.call(CallInput::PhoneCall(on));
        if on {
            self.stop_check();
            self.pause_scan();
        } else {
            self.resume_check();
            self.resume_scan();
        }
    }

    fn network(&mut self, news: NetworkNews) {
        match news {
            NetworkNews::Up => {
                self.link(LinkInput::NetworkUp);
                self.fairs_again();
                self.licence_again();
            }
            NetworkNews::Down => self.link(LinkInput::NetworkDown),
            NetworkNews::Changed => {
                self.link(LinkInput::NetworkChanged);
                self.call_network_changed();
                self.fairs_again();
                self.licence_again();
            }
        }
    }
}
