//! A server that says what the test says, and keeps what it hears.

use crate::counter::Counter;
use crate::desk::{Accident, Desk};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::{RoundEvent, RoundState};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

/// The hall's clock, in China: noon of some day. Not this machine's.
pub const NOON: i64 = 1_799_985_600_000;

pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn round() -> RoundInfo {
    RoundInfo {
        id: RoundId(uuid(1)),
        name: "青禾云帆 面谈".into(),
        employer: "青禾云帆".into(),
        stages: vec![Stage::Interview, Stage::Announcement, Stage::Closed],
        starts: WallTime(0),
        ends: WallTime(i64::MAX),
        identity: IdentityRule::NotRequired,
        ring_ms: 30_000,
        grace_ms: 600_000,
    }
}

pub fn ticket() -> TicketId {
    TicketId(uuid(3))
}

pub fn lin() -> Me {
    Me::Candidate {
        candidate: CandidateId(uuid(2)),
        name: "林晓青".into(),
        round: round(),
        ticket: ticket(),
        with_password: false,
        account: false,
    }
}

pub fn wang() -> Me {
    Me::Member {
        employer: EmployerId(uuid(5)),
        employer_name: "青禾云帆".into(),
        member: MemberCard { id: MemberId(uuid(4)), name: "王敏".into(), role: MemberRole::Owner },
    }
}

pub fn room(seq: u64, ahead: u32) -> Room {
    Room {
        round: round(),
        seq,
        stage: Stage::Interview,
        ticket: ticket(),
        number: 1,
        place: RoomPlace::Waiting { ahead },
        since: WallTime(1),
        checked: Vec::new(),
        identity: None,
        wait: None,
        notes: Vec::new(),
        notices: Vec::new(),
        announced: None,
    }
}

/// A round of one ticket.
pub fn queue() -> RoundState {
    let mut state = RoundState::new(round());
    let card = CandidateCard {
        id: CandidateId(uuid(2)),
        name: "林晓青".into(),
        headline: "青禾大学".into(),
        position: "前端开发".into(),
    };
    state.apply(WallTime(1), &RoundEvent::TicketTaken { ticket: ticket(), card, number: 1, appointed: None });
    state
}

/// What the next requests are answered.
#[derive(Default)]
struct Script {
    join: VecDeque<Result<SignedIn, Problem>>,
    sign_in: VecDeque<Result<SignedIn, Problem>>,
    /// What is wrong with every token.
    rejected: Option<Problem>,
    joins: usize,
    last_join: Option<JoinRequest>,
    /// Added to the hall's clock.
    later_ms: i64,
}

pub struct Shared {
    script: Mutex<Script>,
    /// Conversations, where a test is about them.
    pub desk: Mutex<Option<Desk>>,
    /// The conversation that every ticket's sheet names.
    pub sheet_talk: Mutex<Option<ConversationId>>,
    pub no_sheets: Mutex<Option<ProblemCode>>,
    /// Everything else that is asked over REST.
    pub counter: Counter,
    heard: mpsc::UnboundedSender<ClientFrame>,
    /// To the socket that is open.
    say: Mutex<Option<mpsc::UnboundedSender<Say>>>,
    sockets: watch::Sender<u64>,
    accept: watch::Sender<bool>,
}

enum Say {
    Frame(Box<ServerFrame>),
    /// Asked of the desk when its turn comes, so that frames go out in the order of their numbers.
    Desk(Box<dyn FnOnce(&mut Desk) -> ServerFrame + Send>),
    Text(String),
    Cut,
}

pub struct Hall {
    pub url: String,
    shared: Arc<Shared>,
    heard: tokio::sync::Mutex<mpsc::UnboundedReceiver<ClientFrame>>,
    sockets: watch::Receiver<u64>,
}

impl Hall {
    pub async fn open() -> Self {
        let (heard_in, heard) = mpsc::unbounded_channel();
        let (sockets_in, sockets) = watch::channel(0);
        let shared = Arc::new(Shared {
            script: Mutex::default(),
            desk: Mutex::default(),
            sheet_talk: Mutex::default(),
            no_sheets: Mutex::default(),
            counter: Counter::default(),
            heard: heard_in,
            say: Mutex::default(),
            sockets: sockets_in,
            accept: watch::channel(true).0,
        });
        let api = Router::new()
            .route("/server", get(server))
            .route("/join", post(join))
            .route("/employer/sign-in", post(sign_in))
            .route("/sign-out", post(|| async { StatusCode::NO_CONTENT }))
            .route("/me", get(me))
            .route("/rounds/today", get(rounds))
            .route("/rounds/{round}/tickets/{ticket}/sheet", get(sheet))
            .route("/live", get(live))
            .merge(crate::hall_talk::routes())
            .fallback(crate::counter::asked)
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            axum::serve(listener, Router::new().nest("/api/v1", api)).await.unwrap();
        });
        Self { url, shared, heard: heard.into(), sockets }
    }

    pub fn counter(&self) -> &Counter {
        &self.shared.counter
    }

    /// Has conversations of this side's device from now on.
    pub fn has_desk(&self, desk: Desk) {
        *self.shared.desk.lock().unwrap() = Some(desk);
    }

    /// Sheets of tickets name this conversation from now on.
    pub fn has_sheet_talk(&self, conversation: ConversationId) {
        *self.shared.sheet_talk.lock().unwrap() = Some(conversation);
    }

    /// Every question for a sheet fails with this from now on.
    pub fn refuses_sheets(&self, why: Option<ProblemCode>) {
        *self.shared.no_sheets.lock().unwrap() = why;
    }

    /// Does something at the desk.
    pub fn desk<T>(&self, work: impl FnOnce(&mut Desk) -> T) -> T {
        work(self.shared.desk.lock().unwrap().as_mut().expect("a desk"))
    }

    pub fn answers_join(&self, answer: Result<Me, Problem>) {
        let answer = answer.map(|me| SignedIn { token: "token-of-lin".into(), me });
        self.shared.script.lock().unwrap().join.push_back(answer);
    }

    pub fn answers_sign_in(&self, answer: Result<Me, Problem>) {
        let answer = answer.map(|me| SignedIn { token: "token-of-wang".into(), me });
        self.shared.script.lock().unwrap().sign_in.push_back(answer);
    }

    /// The hall's clock goes forward.
    pub fn time_passes(&self, ms: i64) {
        self.shared.script.lock().unwrap().later_ms += ms;
    }

    pub fn last_join(&self) -> JoinRequest {
        self.shared.script.lock().unwrap().last_join.clone().expect("someone joined")
    }

    pub fn joins(&self) -> usize {
        self.shared.script.lock().unwrap().joins
    }

    /// From now on no token is good.
    pub fn rejects(&self, code: ProblemCode) {
        self.shared.script.lock().unwrap().rejected = Some(code.into());
    }

    /// Whether commands are answered by themselves.
    pub fn accepts(&self, accept: bool) {
        self.shared.accept.send_replace(accept);
    }

    pub fn says(&self, frame: ServerFrame) {
        self.say(Say::Frame(Box::new(frame)));
    }

    /// Something happens at the desk, and the device is told.
    pub fn desk_says(&self, ask: impl FnOnce(&mut Desk) -> ServerFrame + Send + 'static) {
        self.say(Say::Desk(Box::new(ask)));
    }

    pub fn says_text(&self, text: &str) {
        self.say(Say::Text(text.into()));
    }

    /// The socket breaks.
    pub fn cuts(&self) {
        self.say(Say::Cut);
    }

    fn say(&self, what: Say) {
        let say = self.shared.say.lock().unwrap();
        say.as_ref().expect("a socket is open").send(what).unwrap_or_else(|_| panic!("the socket is open"));
    }

    /// Waits until so many sockets were greeted in all.
    pub async fn sockets(&self, count: u64) {
        let mut sockets = self.sockets.clone();
        let waited = tokio::time::timeout(PATIENCE, sockets.wait_for(|seen| *seen >= count)).await;
        waited.expect("the device connects").unwrap();
    }

    /// The next frame of the device for which `pick` has something; others are passed over.
    pub async fn hears<T>(&self, what: &str, pick: impl Fn(&ClientFrame) -> Option<T>) -> T {
        let mut heard = self.heard.lock().await;
        let wait = async {
            loop {
                let frame = heard.recv().await.expect("the server runs");
                if let Some(found) = pick(&frame) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never heard: {what}"))
    }

    pub async fn hears_command(&self, what: &str, pick: impl Fn(&Command) -> bool) -> (ChangeId, Command) {
        self.hears(what, |frame| match frame {
            ClientFrame::Change { id, change: Change::Round { command, .. } } if pick(command) => {
                Some((*id, command.clone()))
            }
            _ => None,
        })
        .await
    }

    /// Everything heard so far, without waiting.
    pub async fn heard_so_far(&self) -> Vec<ClientFrame> {
        let mut heard = self.heard.lock().await;
        std::iter::from_fn(|| heard.try_recv().ok()).collect()
    }
}

pub fn json<T: Serialize>(answer: Result<T, Problem>) -> Response {
    let (status, kind, body) = match answer {
        Ok(value) => (StatusCode::OK, "application/json", serde_json::to_string(&value).unwrap()),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.code.status()).unwrap();
            (status, "application/problem+json", serde_json::to_string(&problem).unwrap())
        }
    };
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

pub type Hands = State<Arc<Shared>>;

async fn server() -> Response {
    let info = ServerInfo {
        organiser: "青禾市毕业生就业服务中心".into(),
        hotline: "400-000-0000".into(),
        versions: vec![1],
        time: WallTime(NOON),
        policy: 1,
    };
    json(Ok(info))
}

async fn join(State(shared): Hands, axum::Json(request): axum::Json<JoinRequest>) -> Response {
    let mut script = shared.script.lock().unwrap();
    script.joins += 1;
    script.last_join = Some(request);
    json(script.join.pop_front().unwrap_or(Err(ProblemCode::CodeWrong.into())))
}

async fn sign_in(State(shared): Hands) -> Response {
    let answer = shared.script.lock().unwrap().sign_in.pop_front();
    json(answer.unwrap_or(Err(ProblemCode::CredentialsWrong.into())))
}

pub fn rejected(shared: &Shared, headers: &HeaderMap) -> Option<Problem> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !bearer.is_some_and(|bearer| bearer.starts_with("Bearer token-of-")) {
        return Some(ProblemCode::NotSignedIn.into());
    }
    shared.script.lock().unwrap().rejected.clone()
}

async fn me(State(shared): Hands, headers: HeaderMap) -> Response {
    json(rejected(&shared, &headers).map_or_else(|| Ok(shared.counter.me().unwrap_or_else(lin)), Err))
}

async fn rounds(State(shared): Hands, headers: HeaderMap) -> Response {
    let summary = RoundSummary { round: round(), stage: Stage::Interview, waiting: 1, done: 0 };
    json(rejected(&shared, &headers).map_or(Ok(vec![summary]), Err))
}

async fn sheet(State(shared): Hands, headers: HeaderMap) -> Response {
    let card = queue().tickets[&ticket()].card.clone();
    let resume = Resume { city: "青禾市".into(), ..Resume::default() };
    if let Some(why) = *shared.no_sheets.lock().unwrap() {
        return json::<()>(Err(why.into()));
    }
    let conversation = *shared.sheet_talk.lock().unwrap();
    let sheet = CandidateSheet { card, resume, attachments: Vec::new(), conversation };
    json(rejected(&shared, &headers).map_or(Ok(sheet), Err))
}

async fn live(State(shared): Hands, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if let Some(problem) = rejected(&shared, &headers) {
        return json::<()>(Err(problem));
    }
    upgrade.on_upgrade(move |socket| serve(shared, socket))
}

async fn serve(shared: Arc<Shared>, mut socket: WebSocket) {
    let (say, mut inbox) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            said = inbox.recv() => {
                let text = match said {
                    Some(Say::Frame(frame)) => serde_json::to_string(&frame).unwrap(),
                    Some(Say::Desk(ask)) => {
                        let frame = ask(shared.desk.lock().unwrap().as_mut().expect("a desk"));
                        serde_json::to_string(&frame).unwrap()
                    }
                    Some(Say::Text(text)) => text,
                    Some(Say::Cut) | None => return,
                };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => {
                let Some(Ok(message)) = message else { return };
                let Message::Text(text) = message else { continue };
                let frame: ClientFrame = serde_json::from_str(&text).expect("a frame of the protocol");
                let (answers, accident) = answers(&shared, &frame);
                if accident == Some(Accident::Before) {
                    return;
                }
                let greeted = matches!(frame, ClientFrame::Hello { .. });
                shared.heard.send(frame).ok();
                for answer in answers {
                    if accident == Some(Accident::After) {
                        return;
                    }
                    let text = serde_json::to_string(&answer).unwrap();
                    if socket.send(Message::Text(text.into())).await.is_err() {
                        return;
                    }
                    if accident == Some(Accident::Half) {
                        return;
                    }
                }
                if greeted {
                    *shared.say.lock().unwrap() = Some(say.clone());
                    shared.sockets.send_modify(|count| *count += 1);
                }
            }
        }
    }
}

fn answers(shared: &Shared, frame: &ClientFrame) -> (Vec<ServerFrame>, Option<Accident>) {
    let mut desk = shared.desk.lock().unwrap();
    let one = |frame| (vec![frame], None);
    match (frame, desk.as_mut()) {
        (ClientFrame::Hello { .. }, _) => {
            let time = WallTime(NOON + shared.script.lock().unwrap().later_ms);
            one(ServerFrame::Welcome { version: 1, time, heartbeat_ms: 20_000 })
        }
        (ClientFrame::Ping { n }, _) => one(ServerFrame::Pong { n: *n }),
        (ClientFrame::Inbox { since }, Some(desk)) => (desk.since(*since), None),
        (ClientFrame::Seen { conversation, seen }, Some(desk)) => (desk.seen(*conversation, *seen), None),
        (ClientFrame::Change { id, change: Change::Talk { conversation, command } }, Some(desk)) => {
            let accident = desk.accidents.pop_front().flatten();
            if desk.silent || accident == Some(Accident::Before) {
                return (Vec::new(), accident);
            }
            (desk.change(*id, *conversation, command.clone()), accident)
        }
        (ClientFrame::Change { id, .. }, _) if *shared.accept.borrow() => {
            one(ServerFrame::Accepted { id: *id, seq: 1 })
        }
        _ => (Vec::new(), None),
    }
}
