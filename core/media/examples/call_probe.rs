//! Measures calls on loopback, both sides in this process on synthetic devices, nothing drawn:
//! `cargo run -p miantan-media --features synthetic --example call_probe -- [CALLS] [SECONDS]`.
//!
//! Each call's clock starts at the answer, just before both sides start their media stacks, as the app does it, and
//! stops when a side's first remote picture is decoded, or its first sound has come. Half of the calls begin with
//! the cameras already on (a preview runs until the answer, as it does while the app rings), half open them with
//! the answer. One more call goes on for SECONDS (default 0: no such call) and the processor time that this process
//! takes for it is measured (Linux). In another call of SECONDS each side has a page that draws at once: how old each
//! picture of the other side is when its drawing is acknowledged is read from the time in the picture (glass to glass,
//! without the time a real canvas takes).
//!
//! One JSON line: `{"first_frame_ms": […], "first_frame_cold_ms": […], "first_audio_ms": […], "cpu_cores": n | null,
//! "glass_ms": […]}`, two times (one for each side) for every call, and one for every picture drawn.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::{SinkExt, StreamExt};
use miantan_media::camera::{CameraChoice, pattern};
use miantan_media::frame::now_ms;
use miantan_media::screen::wire::{Ack, Shown};
use miantan_media::{CallConfig, CallMedia, CameraPreview, MediaEvent, Screen, View};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// A call that has no picture and sound by then is a failure, not a figure.
const LIMIT: Duration = Duration::from_secs(20);
/// The first seconds of a call are busier (bandwidth is found, pictures are large) and not part of its cost.
const SETTLED: Duration = Duration::from_secs(3);

fn side(offers: bool) -> CallConfig {
    CallConfig {
        offers,
        camera: Some(CameraChoice::Synthetic),
        microphone: Some("synthetic:tone".to_owned()),
        speaker: Some("synthetic:sink".to_owned()),
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        ..CallConfig::default()
    }
}

/// What one side has got, when.
enum First {
    Picture(Instant),
    Sound(Instant),
}

/// Passes signals on, until the call ends, and tells of the first picture and sound.
async fn pass(mut from: mpsc::Receiver<MediaEvent>, to: CallMedia, first: mpsc::UnboundedSender<First>) {
    while let Some(event) = from.recv().await {
        let news = match event {
            MediaEvent::Signal(signal) => {
                // an error is a call without picture, which is noticed
                let _ = to.signal(signal).await;
                continue;
            }
            MediaEvent::FirstVideo { .. } => First::Picture(Instant::now()),
            MediaEvent::FirstAudio { .. } => First::Sound(Instant::now()),
            _ => continue,
        };
        let _ = first.send(news);
    }
}

/// A call with picture and sound on both sides.
struct Call {
    sides: [CallMedia; 2],
    passing: [JoinHandle<()>; 2],
    pictures: Vec<f64>,
    sounds: Vec<f64>,
}

impl Call {
    /// As the app: the cameras of the previews are let go when the media stacks start.
    async fn start(previews: Option<[CameraPreview; 2]>) -> anyhow::Result<Self> {
        let answered = Instant::now();
        drop(previews);
        Self::between([side(true), side(false)], answered).await
    }

    async fn between([offers, answers]: [CallConfig; 2], answered: Instant) -> anyhow::Result<Self> {
        let ((recruiter, recruiter_out), (candidate, candidate_out)) =
            tokio::try_join!(CallMedia::start(offers), CallMedia::start(answers))?;
        let (first, mut firsts) = mpsc::unbounded_channel();
        let passing = [
            tokio::spawn(pass(recruiter_out, candidate.clone(), first.clone())),
            tokio::spawn(pass(candidate_out, recruiter.clone(), first)),
        ];
        let mut call =
            Self { sides: [recruiter, candidate], passing, pictures: Vec::new(), sounds: Vec::new() };
        let ms = |at: Instant| at.duration_since(answered).as_secs_f64() * 1_000.0;
        while call.pictures.len() < 2 || call.sounds.len() < 2 {
            match timeout(LIMIT, firsts.recv()).await.context("no picture or no sound in time")? {
                Some(First::Picture(at)) => call.pictures.push(ms(at)),
                Some(First::Sound(at)) => call.sounds.push(ms(at)),
                None => anyhow::bail!("the call ended before picture and sound came"),
            }
        }
        Ok(call)
    }

    async fn end(self) -> anyhow::Result<()> {
        for side in self.sides {
            side.close().await;
        }
        for passing in self.passing {
            passing.await?;
        }
        Ok(())
    }
}

/// A page that draws at once, until the screen goes: how old the other side's pictures are then.
async fn draw(url: String) -> anyhow::Result<Vec<u32>> {
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("Origin", "dioxus://index.html".parse()?);
    let (mut page, _) = connect_async(request).await?;
    let mut ages = Vec::new();
    while let Some(Ok(message)) = page.next().await {
        let Message::Binary(bytes) = message else { continue };
        let shown = Shown::read(&bytes.to_vec().into()).context("not a picture")?;
        let ack = Ack { view: shown.view, drawn: shown.frame.is_some(), sequence: shown.sequence };
        if page.send(Message::Binary(ack.write().to_vec().into())).await.is_err() {
            // the screen went while this was drawn
            break;
        }
        let acknowledged = now_ms() as u32;
        let stamp =
            shown.frame.filter(|_| shown.view == View::Remote).and_then(|frame| pattern::read_stamp(&frame));
        ages.extend(stamp.map(|stamp| acknowledged.wrapping_sub(stamp)));
    }
    Ok(ages)
}

/// The age of every picture that both sides draw in a call of so long.
async fn glass(length: Duration) -> anyhow::Result<Vec<u32>> {
    let screens = [Screen::start().await?, Screen::start().await?];
    let pages = screens.clone().map(|screen| tokio::spawn(draw(screen.address().url)));
    let [mine, theirs] = screens;
    let with = |offers, screen| CallConfig { screen: Some(screen), ..side(offers) };
    let call = Call::between([with(true, mine), with(false, theirs)], Instant::now()).await?;
    tokio::time::sleep(length).await;
    call.end().await?;
    let mut ages = Vec::new();
    for page in pages {
        ages.extend(page.await??);
    }
    ensure!(!ages.is_empty(), "no picture with a time in it was drawn");
    Ok(ages)
}

/// Both cameras show their own picture, as they do while it rings.
async fn cameras_on(screen: &Screen) -> anyhow::Result<[CameraPreview; 2]> {
    let previews = [
        CameraPreview::start(CameraChoice::Synthetic, screen.clone())?,
        CameraPreview::start(CameraChoice::Synthetic, screen.clone())?,
    ];
    for preview in &previews {
        timeout(LIMIT, preview.state().wait_for(|state| state.frames > 0)).await.context("no camera")??;
    }
    Ok(previews)
}

/// Processor time of this process so far, all threads, from `/proc/self/stat` (fields 14 and 15, in hundredths of a
/// second: `USER_HZ` is 100 on every Linux that programs see).
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // the name in parentheses may hold spaces
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let mut words = std::env::args().skip(1);
    let calls: usize = words.next().map_or(Ok(10), |calls| calls.parse())?;
    let seconds: f64 = words.next().map_or(Ok(0.0), |seconds| seconds.parse())?;
    let screen = Screen::start().await?;
    let (mut on, mut cold, mut sounds) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..calls {
        let previews = if n % 2 == 0 { Some(cameras_on(&screen).await?) } else { None };
        let call = Call::start(previews).await?;
        sounds.extend(&call.sounds);
        if n % 2 == 0 { &mut on } else { &mut cold }.extend(&call.pictures);
        call.end().await?;
    }
    let mut cores = None;
    if seconds > 0.0 {
        let call = Call::start(None).await?;
        tokio::time::sleep(SETTLED).await;
        let (since, before) = (Instant::now(), processor_time());
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        let (took, after) = (since.elapsed(), processor_time());
        ensure!(call.passing.iter().all(|side| !side.is_finished()), "the call broke off");
        call.end().await?;
        let used = before.zip(after).map(|(before, after)| after.saturating_sub(before));
        cores = used.map(|used| used.as_secs_f64() / took.as_secs_f64());
    }
    let glass = if seconds > 0.0 { glass(Duration::from_secs_f64(seconds)).await? } else { Vec::new() };
    let glass: Vec<f64> = glass.into_iter().map(f64::from).collect();
    let list = |times: &[f64]| times.iter().map(|time| format!("{time:.1}")).collect::<Vec<_>>().join(",");
    println!(
        r#"{{"first_frame_ms":[{}],"first_frame_cold_ms":[{}],"first_audio_ms":[{}],"cpu_cores":{},"glass_ms":[{}]}}"#,
        list(&on),
        list(&cold),
        list(&sounds),
        cores.map_or_else(|| "null".to_owned(), |cores| format!("{cores:.3}")),
        list(&glass),
    );
    Ok(())
}
