//! How long a person waits in the talk hall, on this device and without a network.
//!
//! A store with one conversation of 50,000 messages is made in a temporary folder; the session is the
//! real one. One JSON line:
//! `{"open_conversation_ms": […], "local_echo_ms": […], "search_ms": […]}`, one number per run:
//! - `open_conversation_ms`: from the wish to open until a view holds the last page;
//! - `local_echo_ms`: from the wish to say something until a view holds it;
//! - `search_ms`: from the wish to search until a view holds the hits (the first message has the word).
//!
//! `cargo run --release -p miantan-client --example talk_probe [RUNS]`

use miantan_client::intent::TalkIntent;
use miantan_client::platform::*;
use miantan_client::store::{Owner, Store, TalkWrite, Write};
use miantan_client::view::{AppView, ItemBody, TalkView};
use miantan_client::{Intent, Session, SessionConfig};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::Held;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::Me;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MESSAGES: u64 = 50_000;
/// Nothing listens there: the device is offline.
const SERVER: &str = "http://127.0.0.1:1";
const LIMIT: Duration = Duration::from_secs(30);

struct Nothing;

const NOT: NotAvailable = NotAvailable { what: "a probe has no telephone" };

impl SecretStore for Nothing {
    fn get(&self, _name: &str) -> Result<Option<String>, SecretError> {
        Ok(Some("a token".into()))
    }
    fn set(&self, _name: &str, _value: &str) -> Result<(), SecretError> {
        Ok(())
    }
    fn remove(&self, _name: &str) -> Result<(), SecretError> {
        Ok(())
    }
}
impl SystemSettings for Nothing {
    fn open(&self) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl Dialler for Nothing {
    fn dial(&self, _number: &str) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl Awake for Nothing {
    fn keep_awake(&self, _on: bool) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl PhoneCalls for Nothing {
    fn watch(&self, _tell: PhoneCallTell) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl AudioRoutes for Nothing {
    fn watch(&self, _tell: AudioRouteTell) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}

impl Network for Nothing {
    fn watch(&self, _tell: NetworkTell) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}
impl Notifier for Nothing {
    fn show(&self, _note: &LocalNote) -> Result<(), NotAvailable> {
        Err(NOT)
    }
}

fn id(n: u64) -> [u8; 10] {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    random
}

fn candidate() -> CandidateId {
    CandidateId::from_parts(0, &id(1))
}

fn conversation(n: u64) -> ConversationId {
    ConversationId::from_parts(0, &id(n))
}

fn entry(seq: u64) -> Entry {
    let from = if seq.is_multiple_of(2) { Side::Candidate } else { Side::Recruiter };
    let text = if seq == 1 {
        "欢迎投递，请先完善简历".to_owned()
    } else {
        format!("第 {seq} 条：面试时间改到下午三点，请提前十分钟进入候场区")
    };
    Entry {
        seq,
        id: ChangeId::from_parts(0, &id(seq)),
        from,
        by: String::new(),
        at: WallTime(seq as i64),
        body: EntryBody::Text { text },
    }
}

fn head(n: u64, last_seq: u64) -> TalkHead {
    let seen = Seen { delivered: last_seq, read: last_seq };
    TalkHead {
        id: conversation(n),
        pos: n,
        side: Side::Candidate,
        fair: None,
        fair_title: "春季招聘会".into(),
        employer: EmployerId::from_parts(0, &id(n)),
        employer_name: format!("企业 {n}"),
        candidate: candidate(),
        candidate_name: "林晓青".into(),
        candidate_line: String::new(),
        last_seq,
        last: None,
        candidate_seen: seen,
        recruiter_seen: seen,
        unread: 0,
        mark: Mark::Unmarked,
        applications: Vec::new(),
        invitations: Vec::new(),
        blocked: false,
    }
}

/// A device that has been used for long: one large conversation and some small ones.
async fn fill(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let server = || SERVER.to_owned();
    let me = Me::Account { candidate: candidate(), name: "林晓青".into(), phone: "138****0000".into() };
    let owner = Arc::new(Owner { server: server(), account: format!("candidate {}", candidate()) });
    store
        .write(vec![
            Write::Server {
                address: server(),
                organiser: "就业中心".into(),
                hotline: String::new(),
                device: DeviceId::from_parts(0, &id(9)),
            },
            Write::UseServer(Some(server())),
            Write::SignedIn { server: server(), me: Box::new(me) },
        ])
        .await?;
    let put = |what| Write::Talk { owner: Arc::clone(&owner), what };
    for (n, last) in [(1, MESSAGES)].into_iter().chain((2..60).map(|n| (n, 1))) {
        let seen = Seen { delivered: last, read: last };
        let head = Arc::new(head(n, last));
        let mut writes = vec![put(TalkWrite::Head { head, held: Held { low: 1, high: last }, seen })];
        let entries: Vec<_> = (1..=last).map(entry).collect();
        writes.push(put(TalkWrite::Entries { conversation: conversation(n), entries }));
        store.write(writes).await?;
    }
    store.close().await;
    Ok(())
}

/// From a wish until it is seen, in ms.
async fn measure(
    session: &Session,
    intent: Intent,
    shown: impl Fn(&TalkView) -> bool,
) -> Result<f64, Box<dyn std::error::Error>> {
    let mut view = session.view();
    let began = Instant::now();
    session.send(intent);
    let seen = view.wait_for(|view: &Arc<AppView>| shown(&view.talk));
    let seen = tokio::time::timeout(LIMIT, seen).await?;
    let took = began.elapsed();
    drop(seen?);
    Ok(took.as_secs_f64() * 1_000.0)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runs: usize = std::env::args().nth(1).map_or(Ok(7), |runs| runs.parse())?;
    let folder = std::env::temp_dir().join(format!("miantan-talk-probe-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (store, _) = Store::open(&folder);
    fill(&store).await?;
    drop(store);
    let nothing = Arc::new(Nothing);
    let services = Services {
        secrets: nothing.clone(),
        settings: nothing.clone(),
        dialler: nothing.clone(),
        awake: nothing.clone(),
        phone_calls: nothing.clone(),
        network: nothing.clone(),
        audio_routes: nothing.clone(),
        notifier: nothing,
    };
    let (mut opens, mut echoes, mut searches) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs {
        // A new session each time: nothing of the conversation is in memory.
        let mut config = SessionConfig::new(&folder, services.clone());
        config.downloads = folder.join("downloads");
        let session = Session::open(config).await?;
        let talk = |intent| Intent::Talk(intent);
        let whole = |view: &TalkView| view.open.as_ref().is_some_and(|open| open.items.len() >= 60);
        opens.push(measure(&session, talk(TalkIntent::Open(conversation(1))), whole).await?);
        let text = format!("回声 {run}");
        let said = ItemBody::Text(text.clone());
        let echo = |view: &TalkView| {
            view.open.as_ref().is_some_and(|open| open.items.iter().rev().any(|item| item.body == said))
        };
        echoes.push(measure(&session, talk(TalkIntent::Say { text }), echo).await?);
        let found = |view: &TalkView| {
            let search = view.open.as_ref().and_then(|open| open.search.as_ref());
            search.is_some_and(|search| search.hits.len() == 1)
        };
        searches.push(measure(&session, talk(TalkIntent::Search("欢迎".into())), found).await?);
        session.shutdown().await;
    }
    std::fs::remove_dir_all(&folder)?;
    println!(
        "{}",
        serde_json::json!({
            "open_conversation_ms": opens,
            "local_echo_ms": echoes,
            "search_ms": searches,
        })
    );
    Ok(())
}
