//! A tiny client: one device with its socket, whose frames a story waits for by what they say.

use crate::world::{PATIENCE, World, new_call, new_change};
use futures_util::{SinkExt, StreamExt};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::{CallPhase, MediaPlan};
use miantan_domain::rules::round::{QueueSnapshot, RoundEvent};
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::SignedIn;
use miantan_domain::wire::{ProblemCode, VERSIONS};
use std::collections::VecDeque;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Ws = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Device {
    pub id: DeviceId,
    pub signed_in: SignedIn,
    pub round: RoundId,
    ticket: Option<TicketId>,
    ws: Option<Ws>,
    /// Frames that came and were not asked for yet.
    waiting: VecDeque<ServerFrame>,
    pings: u64,
    /// Code and reason with which the server closed the last socket that ended.
    pub closed: Option<(u16, String)>,
}

impl Device {
    pub fn new(signed_in: SignedIn, id: DeviceId, round: RoundId, ticket: Option<TicketId>) -> Self {
        Self { id, signed_in, round, ticket, ws: None, waiting: VecDeque::new(), pings: 0, closed: None }
    }

    pub fn ticket(&self) -> TicketId {
        self.ticket.expect("a candidate")
    }

    /// Opens a socket and greets; ready for video.
    pub async fn connect(&mut self, world: &World) {
        self.connect_believing(world, None).await;
    }

    /// The same, in the belief to be in a call.
    pub async fn connect_believing(&mut self, world: &World, call: Option<CallId>) {
        self.open(world).await.unwrap();
        self.say(&ClientFrame::Hello { versions: VERSIONS.to_vec(), presence: Presence::Ready, call }).await;
        self.hear("welcome", |f| matches!(f, ServerFrame::Welcome { .. }).then_some(())).await;
    }

    /// Opens a socket without a word.
    pub async fn open(&mut self, world: &World) -> Result<(), tungstenite::Error> {
        let url = world.url("/api/v1/live").replacen("http", "ws", 1);
        let mut request = url.into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.signed_in.token);
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        let (ws, _) = connect_async(request).await?;
        self.waiting.clear();
        self.ws = Some(ws);
        Ok(())
    }

    /// The network is gone: no goodbye.
    pub fn vanish(&mut self) {
        self.ws = None;
    }

    pub async fn say(&mut self, frame: &ClientFrame) {
        self.say_text(serde_json::to_string(frame).unwrap()).await;
    }

    pub async fn say_text(&mut self, text: String) {
        self.try_say(Message::text(text)).await.unwrap();
    }

    pub async fn try_say(&mut self, message: Message) -> Result<(), tungstenite::Error> {
        self.ws.as_mut().unwrap().send(message).await
    }

    /// The next frame for which `wanted` has an answer, whatever comes before it.
    pub async fn hear<T>(&mut self, what: &str, mut wanted: impl FnMut(&ServerFrame) -> Option<T>) -> T {
        let at = self.waiting.iter().position(|frame| wanted(frame).is_some());
        if let Some(frame) = at.and_then(|at| self.waiting.remove(at)) {
            return wanted(&frame).expect("found");
        }
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let next = tokio::time::timeout_at(deadline, self.ws.as_mut().expect("a socket").next()).await;
            let Ok(message) = next else { panic!("no {what}; waiting: {:#?}", self.waiting) };
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame: ServerFrame = serde_json::from_str(&text).unwrap();
                    assert!(!matches!(frame, ServerFrame::Unknown), "{text}");
                    if let Some(found) = wanted(&frame) {
                        return found;
                    }
                    self.waiting.push_back(frame);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no {what} but {other:?}; waiting: {:#?}", self.waiting),
            }
        }
    }

    /// Everything that has come up to now, and nothing else.
    pub async fn rest(&mut self) -> Vec<ServerFrame> {
        self.pings += 1;
        let n = 1_000 + self.pings;
        self.say(&ClientFrame::Ping { n }).await;
        self.hear("pong", |f| matches!(f, ServerFrame::Pong { n: of } if *of == n).then_some(())).await;
        self.waiting.drain(..).collect()
    }

    /// The socket ends; frames before the end stay to be heard.
    pub async fn ends(&mut self) {
        let ws = self.ws.as_mut().expect("a socket");
        self.closed = None;
        tokio::time::timeout(PATIENCE, async {
            loop {
                match ws.next().await {
                    Some(Ok(Message::Close(Some(why)))) => {
                        self.closed = Some((why.code.into(), why.reason.to_string()));
                        break;
                    }
                    Some(Ok(Message::Text(text))) => {
                        self.waiting.push_back(serde_json::from_str(&text).unwrap());
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                    Some(Ok(_)) => {}
                }
            }
        })
        .await
        .expect("the socket should end");
        self.ws = None;
    }

    /// The socket ends without a word, however long that takes.
    pub async fn fades(&mut self) {
        let mut ws = self.ws.take().expect("a socket");
        while let Some(Ok(message)) = ws.next().await {
            assert!(!matches!(&message, Message::Text(text) if text.contains("bye")), "{message}");
        }
    }

    pub fn last_words(&mut self) -> Vec<ServerFrame> {
        self.waiting.drain(..).collect()
    }

    pub async fn ask(&mut self, command: Command) -> Result<u64, ProblemCode> {
        self.ask_as(new_change(), command).await
    }

    pub async fn ask_as(&mut self, id: ChangeId, command: Command) -> Result<u64, ProblemCode> {
        let round = self.round;
        self.say(&ClientFrame::Change { id, change: Change::Round { round, command } }).await;
        self.hear("answer", |frame| match frame {
            ServerFrame::Accepted { id: of, seq } if *of == id => Some(Ok(*seq)),
            ServerFrame::Refused { id: of, problem } if *of == id => Some(Err(problem.code)),
            _ => None,
        })
        .await
    }

    pub async fn problem(&mut self) -> ProblemCode {
        self.hear("problem", |f| if let ServerFrame::Problem(p) = f { Some(p.code) } else { None }).await
    }

    // recruiters

    pub async fn watch(&mut self, since: u64) {
        let round = self.round;
        self.say(&ClientFrame::Watch { round, since }).await;
    }

    pub async fn snapshot(&mut self) -> QueueSnapshot {
        self.hear("queue", |f| {
            if let ServerFrame::Queue { queue, .. } = f { Some((**queue).clone()) } else { None }
        })
        .await
    }

    pub async fn event(&mut self, what: &str, wanted: impl Fn(&RoundEvent) -> bool) -> u64 {
        self.hear(what, |frame| match frame {
            ServerFrame::Event { seq, event, .. } if wanted(event) => Some(*seq),
            _ => None,
        })
        .await
    }

    /// Waits until this ticket is seen as `presence`.
    pub async fn sees(&mut self, ticket: TicketId, presence: Presence) {
        self.hear("presence", |frame| match frame {
            ServerFrame::Presence { ticket: of, presence: is, .. } if (*of, *is) == (ticket, presence) => {
                Some(())
            }
            _ => None,
        })
        .await;
    }

    pub async fn ring(&mut self, ticket: TicketId) -> Result<CallId, ProblemCode> {
        let call = new_call();
        self.ask(Command::Ring { call, ticket }).await.map(|_| call)
    }

    // candidates

    pub async fn room(&mut self, what: &str, wanted: impl Fn(&Room) -> bool) -> Room {
        self.hear(what, |frame| match frame {
            ServerFrame::Room(room) if wanted(room) => Some((**room).clone()),
            _ => None,
        })
        .await
    }

    // calls

    pub async fn call(&mut self, what: &str, wanted: impl Fn(&CallFrame) -> bool) -> CallFrame {
        self.hear(what, |frame| match frame {
            ServerFrame::Call(call) if wanted(call) => Some((**call).clone()),
            _ => None,
        })
        .await
    }

    pub async fn rung(&mut self) -> CallId {
        self.call("ring", |c| matches!(c.phase, CallPhase::Ringing { by, .. } if by != c.side)).await.call
    }

    pub async fn plan(&mut self, call: CallId) -> MediaPlan {
        let frame = self.call("plan", |c| c.call == call && c.phase.plan().is_some()).await;
        frame.phase.plan().cloned().expect("a plan")
    }

    pub async fn flows(&mut self, call: CallId, epoch: u32) {
        self.ask(Command::Media { call, epoch, state: MediaReport::Flowing }).await.unwrap();
    }

    pub async fn signal(&mut self, call: CallId, epoch: u32, signal: Signal) {
        self.say(&ClientFrame::Signal { call, epoch, signal }).await;
    }

    pub async fn signalled(&mut self) -> Signal {
        self.hear("signal", |f| {
            if let ServerFrame::Signal { signal, .. } = f { Some(signal.clone()) } else { None }
        })
        .await
    }
}

/// Ring, answer, media on both sides: `wang` and `lin` talk.
pub async fn talk(wang: &mut Device, lin: &mut Device) -> CallId {
    let call = wang.ring(lin.ticket()).await.unwrap();
    assert_eq!(lin.rung().await, call);
    lin.ask(Command::Answer { call }).await.unwrap();
    let epoch = wang.plan(call).await.epoch;
    assert_eq!(lin.plan(call).await.epoch, epoch);
    wang.flows(call, epoch).await;
    lin.flows(call, epoch).await;
    for side in [wang, lin] {
        side.call("connected", |c| matches!(c.phase, CallPhase::Connected { .. })).await;
    }
    call
}
