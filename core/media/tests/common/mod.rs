//! People for the tests: a page that draws, and two sides that pass each other's signals on.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod path;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use miantan_media::camera::CameraChoice;
use miantan_media::screen::wire::{Ack, Shown};
use miantan_media::{CallConfig, CallMedia, I420Frame, MediaEvent, Screen, View};
use path::Path;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longer than anything takes on a machine that does other things at the same time.
pub const DEADLINE: Duration = Duration::from_mins(1);
pub const APP: &str = "dioxus://index.html";

pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future)
        .await
        .unwrap_or_else(|_| panic!("waited {DEADLINE:?} in vain: {what}"))
}

/// A page of the app as the frame server sees one.
pub struct Page {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Page {
    pub async fn open(screen: &Screen) -> Self {
        Self::try_open(&screen.address().url, Some(APP)).await.expect("the app's own page gets in")
    }

    pub async fn try_open(url: &str, origin: Option<&str>) -> Result<Self, Box<Error>> {
        let mut request = url.into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().expect("a header"));
        }
        Ok(Self { socket: connect_async(request).await?.0 })
    }

    /// The next message, not yet acknowledged. `None` at the end of the connection.
    pub async fn receive(&mut self) -> Option<Shown> {
        loop {
            match within("a message to the page", self.socket.next()).await {
                Some(Ok(Message::Binary(bytes))) => {
                    return Some(Shown::read(&Bytes::from(bytes.to_vec())).expect("a well-formed message"));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    pub async fn acknowledge(&mut self, shown: &Shown) {
        let ack = Ack { view: shown.view, drawn: shown.frame.is_some(), sequence: shown.sequence };
        self.socket.send(Message::Binary(ack.write().to_vec().into())).await.expect("the server is there");
    }

    /// Draws whatever comes until this view gets something.
    pub async fn draw(&mut self, view: View) -> Option<I420Frame> {
        loop {
            let shown = self.receive().await.expect("the server goes on");
            self.acknowledge(&shown).await;
            if shown.view == view {
                return shown.frame;
            }
        }
    }

    /// Draws until this view shows a picture of which `wanted` is true.
    pub async fn draw_until<T>(
        &mut self,
        what: &str,
        view: View,
        mut wanted: impl FnMut(&I420Frame) -> Option<T>,
    ) -> T {
        within(what, async {
            loop {
                if let Some(found) = self.draw(view).await.as_ref().and_then(&mut wanted) {
                    return found;
                }
            }
        })
        .await
    }
}

/// One side of a call whose signals are passed on by [`connect`].
pub struct Side {
    pub media: CallMedia,
    pub screen: Screen,
    pub page: Page,
    pub events: mpsc::UnboundedReceiver<MediaEvent>,
}

pub fn loopback() -> Vec<IpAddr> {
    vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]
}

pub fn synthetic(offers: bool, screen: &Screen) -> CallConfig {
    CallConfig {
        offers,
        camera: Some(CameraChoice::Synthetic),
        microphone: Some("synthetic:tone".to_owned()),
        speaker: Some("synthetic:sink".to_owned()),
        addresses: loopback(),
        screen: Some(screen.clone()),
        ..CallConfig::default()
    }
}

impl Side {
    /// Reads events until `wanted` says so.
    pub async fn expect<T>(&mut self, what: &str, mut wanted: impl FnMut(&MediaEvent) -> Option<T>) -> T {
        within(what, async {
            loop {
                let event = self.events.recv().await.unwrap_or_else(|| panic!("ended before: {what}"));
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        })
        .await
    }

    pub async fn expect_event(&mut self, event: MediaEvent) {
        self.expect(&format!("{event:?}"), |seen| (*seen == event).then_some(())).await;
    }
}

/// Recruiter (offers) and candidate, over loopback, with their pages.
pub async fn connect() -> (Side, Side) {
    let (recruiter_screen, candidate_screen) =
        (Screen::start().await.unwrap(), Screen::start().await.unwrap());
    connect_with(synthetic(true, &recruiter_screen), synthetic(false, &candidate_screen)).await
}

pub async fn connect_with(recruiter: CallConfig, candidate: CallConfig) -> (Side, Side) {
    connect_over(None, recruiter, candidate).await
}

/// The same over a path that can be made worse.
pub async fn connect_over(path: Option<&Path>, recruiter: CallConfig, candidate: CallConfig) -> (Side, Side) {
    let screens = [recruiter.screen.clone().unwrap(), candidate.screen.clone().unwrap()];
    let (recruiter, recruiter_out) = CallMedia::start(recruiter).await.expect("sockets");
    let (candidate, candidate_out) = CallMedia::start(candidate).await.expect("sockets");
    let way = |of_recruiter| path.map(|path| (path.clone(), of_recruiter));
    let recruiter_events = pass_over(way(true), recruiter_out, candidate.clone());
    let candidate_events = pass_over(way(false), candidate_out, recruiter.clone());
    let [a, b] = screens;
    let (a_page, b_page) = (Page::open(&a).await, Page::open(&b).await);
    (
        Side { media: recruiter, screen: a, page: a_page, events: recruiter_events },
        Side { media: candidate, screen: b, page: b_page, events: candidate_events },
    )
}

/// Signals go to the other side; everything (signals too) can be read.
pub fn pass_on(from: mpsc::Receiver<MediaEvent>, to: CallMedia) -> mpsc::UnboundedReceiver<MediaEvent> {
    pass_over(None, from, to)
}

fn pass_over(
    way: Option<(Path, bool)>,
    mut from: mpsc::Receiver<MediaEvent>,
    to: CallMedia,
) -> mpsc::UnboundedReceiver<MediaEvent> {
    let (seen, events) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(event) = from.recv().await {
            if let MediaEvent::Signal(signal) = &event {
                let signal = match &way {
                    Some((path, of_recruiter)) => path.rewrite(*of_recruiter, signal.clone()),
                    None => signal.clone(),
                };
                if let Err(problem) = to.signal(signal).await {
                    assert_eq!(problem, miantan_media::MediaProblem::Closed, "a good signal was refused");
                }
            }
            let _ = seen.send(event);
        }
    });
    events
}
