//! Measures the gap in the pictures when the address of one side changes in a call, between two network
//! namespaces joined by a virtual cable: the candidate's address is taken away and another one given, as when
//! a phone goes from one network to the next.
//! `cargo run -p miantan-media --features synthetic --example handover_probe -- [CHANGES]`, Linux only.
//!
//! The program starts itself twice, each time in a network namespace of its own (`unshare`, with a user
//! namespace where it is not root), and passes the signals of the two sides over a pipe. Both sides draw every
//! picture at once; the gap of a side is the longest time between two pictures around the change.
//!
//! One JSON line: `{"gap_ms": [...]}`, two gaps (the recruiter's and the candidate's) for every change.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use miantan_domain::signal::Signal;
use miantan_media::camera::CameraChoice;
use miantan_media::screen::wire::{Ack, Shown};
use miantan_media::{CallConfig, CallMedia, MediaEvent, Screen, View};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Nothing takes so long unless it never happens.
const LIMIT: Duration = Duration::from_secs(30);
/// The call flows for so long before a change, so that both sides know the path in use.
const SETTLED: Duration = Duration::from_millis(2_500);
/// After a change pictures are watched for so long; they must have come back by then.
const WATCHED: Duration = Duration::from_secs(5);
/// Pictures that came so lately flow.
const FLOWING: Duration = Duration::from_millis(500);

const CABLE: [&str; 2] = ["mtan0", "mtan1"];
const RECRUITER: &str = "10.77.0.1/24";
const CANDIDATE: [&str; 2] = ["10.77.0.2/24", "10.77.0.3/24"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let words: Vec<String> = std::env::args().skip(1).collect();
    play(&words).await
}

/// What the command line says: a role in a namespace, or the measurement.
///
/// # Errors
/// As [`measure`].
pub async fn play(words: &[String]) -> anyhow::Result<()> {
    let changes = |at: usize| words.get(at).map_or(Ok(5), |word| word.parse::<usize>());
    match words.first().map(String::as_str) {
        Some(Role::RECRUITER) => recruiter(changes(1)?).await,
        Some(Role::CANDIDATE) => candidate().await,
        _ => {
            let gaps = measure(changes(0)?).await?;
            let gaps: Vec<String> = gaps.iter().map(u64::to_string).collect();
            println!(r#"{{"gap_ms":[{}]}}"#, gaps.join(","));
            Ok(())
        }
    }
}

/// What this program is told to be when it starts itself.
pub struct Role;

impl Role {
    pub const RECRUITER: &str = "in-a-namespace-as-recruiter";
    pub const CANDIDATE: &str = "in-a-namespace-as-candidate";
}

/// This program in a network namespace of its own.
fn apart(words: &[&str], user: bool) -> anyhow::Result<Command> {
    let program = std::env::current_exe().context("this program has no path")?;
    let mut command = Command::new("unshare");
    if user {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--net").arg("--").arg(program).args(words);
    Ok(command)
}

fn ip(words: &str) -> anyhow::Result<()> {
    let status = tokio::task::block_in_place(|| Command::new("ip").args(words.split(' ')).status());
    let status = status.context("`ip` (iproute2) is needed")?;
    ensure!(status.success(), "`ip {words}` failed");
    Ok(())
}

/// The gaps of so many changes, in milliseconds, two for each.
///
/// # Errors
/// Where namespaces cannot be made, or pictures did not come back.
pub async fn measure(changes: usize) -> anyhow::Result<Vec<u64>> {
    // Root needs no user namespace.
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut recruiter = apart(&[Role::RECRUITER, &changes.to_string()], !root)?;
    let output = tokio::task::spawn_blocking(move || recruiter.stderr(Stdio::inherit()).output()).await?;
    let output = output.context("`unshare` (util-linux) is needed")?;
    ensure!(output.status.success(), "the recruiter's side failed; see above");
    let said = String::from_utf8(output.stdout)?;
    let gaps: Result<Vec<u64>, _> =
        said.lines().filter_map(|line| line.strip_prefix("gap ")).map(str::parse).collect();
    let gaps = gaps?;
    ensure!(gaps.len() == 2 * changes, "{} gaps of {changes} changes", gaps.len());
    Ok(gaps)
}

/// Ends the process with its owner.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It has ended already in the ordinary case.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines of a pipe, read on a thread of its own.
fn lines(pipe: impl Read + Send + 'static) -> mpsc::UnboundedReceiver<String> {
    let (line, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for read in BufReader::new(pipe).lines().map_while(Result::ok) {
            if line.send(read).is_err() {
                return;
            }
        }
    });
    lines
}

fn say(to: &mut impl Write, line: &str) -> anyhow::Result<()> {
    writeln!(to, "{line}")?;
    Ok(to.flush()?)
}

/// One side of the call, with the times at which its pictures came.
struct Side {
    media: CallMedia,
    events: mpsc::Receiver<MediaEvent>,
    pictures: Arc<Mutex<Vec<Instant>>>,
    screen: Screen,
}

impl Side {
    async fn start(offers: bool) -> anyhow::Result<Self> {
        let screen = Screen::start().await?;
        let (media, events) = CallMedia::start(CallConfig {
            offers,
            camera: Some(CameraChoice::Synthetic),
            microphone: Some("synthetic:tone".to_owned()),
            speaker: Some("synthetic:sink".to_owned()),
            screen: Some(screen.clone()),
            ..CallConfig::default()
        })
        .await?;
        let pictures = Arc::<Mutex<Vec<Instant>>>::default();
        tokio::spawn(draw(screen.address().url, Arc::clone(&pictures)));
        Ok(Self { media, events, pictures, screen })
    }

    /// The longest time between two pictures since `from`; an error where none come any more.
    fn gap(&self, from: Instant) -> anyhow::Result<u64> {
        let pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        let last = pictures.last().context("no picture ever came")?;
        ensure!(last.elapsed() < FLOWING, "pictures did not come back in {WATCHED:?}");
        let around = pictures.partition_point(|at| *at < from).saturating_sub(1);
        let gaps = pictures[around..].windows(2).map(|pair| pair[1].duration_since(pair[0]));
        Ok(gaps.max().context("no two pictures")?.as_millis() as u64)
    }
}

/// A page that draws at once.
async fn draw(url: String, pictures: Arc<Mutex<Vec<Instant>>>) -> anyhow::Result<()> {
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("Origin", "dioxus://index.html".parse()?);
    let (mut page, _) = tokio_tungstenite::connect_async(request).await?;
    while let Some(Ok(message)) = page.next().await {
        let Message::Binary(bytes) = message else { continue };
        let shown = Shown::read(&bytes.to_vec().into()).context("not a picture")?;
        let drawn = shown.frame.is_some();
        if shown.view == View::Remote && drawn {
            pictures.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        }
        let ack = Ack { view: shown.view, drawn, sequence: shown.sequence };
        page.send(Message::Binary(ack.write().to_vec().into())).await?;
    }
    Ok(())
}

/// The recruiter's side: makes the cable, starts the candidate, and asks for the changes.
async fn recruiter(changes: usize) -> anyhow::Result<()> {
    let child = apart(&[Role::CANDIDATE], false)?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut child = Owned(child);
    let mut to = child.0.stdin.take().context("a pipe")?;
    let mut from = lines(child.0.stdout.take().context("a pipe")?);
    // It says so when it is in its namespace.
    ensure!(from.recv().await.as_deref() == Some("here"), "the candidate's side did not start");
    let pid = child.0.id();
    ip("link set lo up")?;
    ip(&format!("link add {} type veth peer name {} netns {pid}", CABLE[0], CABLE[1]))?;
    ip(&format!("addr add {RECRUITER} dev {}", CABLE[0]))?;
    ip(&format!("link set {} up", CABLE[0]))?;
    say(&mut to, "go")?;
    ensure!(from.recv().await.as_deref() == Some("ready"), "the candidate's side has no network");

    let mut side = Side::start(true).await?;
    let mut left = changes;
    let mut due = None;
    let mut changed: Option<Instant> = None;
    let (mut own, mut theirs) = (None, None);
    let deadline = Instant::now() + LIMIT + (SETTLED + WATCHED) * u32::try_from(changes)?;
    loop {
        let wait = async {
            match due {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = side.events.recv() => match event.context("the call ended")? {
                MediaEvent::Signal(signal) => tell(&mut to, &signal)?,
                MediaEvent::RemoteVideo(true) if due.is_none() && changed.is_none() => {
                    due = Some(tokio::time::Instant::now() + SETTLED);
                }
                event => tracing::debug!(?event, "recruiter"),
            },
            line = from.recv() => {
                let line = line.context("the candidate's side ended")?;
                if let Some(gap) = line.strip_prefix("gap ") {
                    theirs = Some(gap.parse::<u64>()?);
                } else if let Some(signal) = line.strip_prefix("signal ") {
                    let signal: Signal = serde_json::from_str(signal)?;
                    if let Err(problem) = side.media.signal(signal).await {
                        tracing::debug!(%problem, "recruiter");
                    }
                }
            },
            () = wait => match changed.take() {
                None => {
                    say(&mut to, "change")?;
                    changed = Some(Instant::now());
                    due = Some(tokio::time::Instant::now() + WATCHED);
                }
                Some(at) => {
                    own = Some(side.gap(at)?);
                    due = None;
                }
            },
            () = tokio::time::sleep_until(deadline.into()) => bail!("the call did not come to its end in time"),
        }
        if let (Some(mine), Some(their)) = (own, theirs) {
            println!("gap {mine}\ngap {their}");
            (own, theirs) = (None, None);
            left -= 1;
            due = Some(tokio::time::Instant::now() + SETTLED);
        }
        if left == 0 {
            break;
        }
    }
    drop(side.screen);
    side.media.close().await;
    say(&mut to, "end")?;
    tokio::task::block_in_place(|| child.0.wait())?;
    Ok(())
}

fn tell(to: &mut impl Write, signal: &Signal) -> anyhow::Result<()> {
    say(to, &format!("signal {}", serde_json::to_string(signal)?))
}

/// The candidate's side: whose address changes when it is told.
async fn candidate() -> anyhow::Result<()> {
    let mut to = std::io::stdout();
    let mut from = lines(std::io::stdin());
    say(&mut to, "here")?;
    ensure!(from.recv().await.as_deref() == Some("go"), "there is no cable");
    let mut address = 0;
    ip("link set lo up")?;
    ip(&format!("addr add {} dev {}", CANDIDATE[address], CABLE[1]))?;
    ip(&format!("link set {} up", CABLE[1]))?;
    say(&mut to, "ready")?;

    let mut side = Side::start(false).await?;
    let mut changed: Option<Instant> = None;
    loop {
        let watched = async {
            match changed {
                Some(at) => tokio::time::sleep_until((at + WATCHED).into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = side.events.recv() => match event.context("the call ended")? {
                MediaEvent::Signal(signal) => tell(&mut to, &signal)?,
                event => tracing::debug!(?event, "candidate"),
            },
            line = from.recv() => match line.as_deref() {
                Some("change") => {
                    changed = Some(Instant::now());
                    ip(&format!("addr del {} dev {}", CANDIDATE[address], CABLE[1]))?;
                    address = 1 - address;
                    ip(&format!("addr add {} dev {}", CANDIDATE[address], CABLE[1]))?;
                }
                Some("end") | None => break,
                Some(line) => if let Some(signal) = line.strip_prefix("signal ") {
                    let signal: Signal = serde_json::from_str(signal)?;
                    if let Err(problem) = side.media.signal(signal).await {
                        tracing::debug!(%problem, "candidate");
                    }
                },
            },
            () = watched => if let Some(at) = changed.take() {
                say(&mut to, &format!("gap {}", side.gap(at)?))?;
            },
        }
    }
    side.media.close().await;
    Ok(())
}
