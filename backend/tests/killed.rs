//! `kill -9` of the server at hundreds of moments while somebody talks: after the last restart there is
//! exactly one copy of each message, in the order in which they were written.

use futures_util::{SinkExt, StreamExt};
use miantan_backend::secrets::Secrets;
use miantan_backend::seed;
use miantan_backend::store::{OpenTalk, Parties, sqlite};
use miantan_domain::ids::*;
use miantan_domain::model::{Entry, EntryBody, Presence, Saying};
use miantan_domain::time::WallTime;
use miantan_domain::wire::VERSIONS;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::{JoinRequest, Me, SignedIn};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use uuid::Uuid;

/// How often the process is killed.
const KILLS: usize = 200;
/// Unanswered messages at once, as the app's outbox has them.
const WINDOW: usize = 32;
const PATIENCE: Duration = Duration::from_mins(1);

struct Serving {
    process: Child,
    url: String,
}

impl Serving {
    fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_miantan-backend"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MIANTAN_")) {
            command.env_remove(name);
        }
        let process = command
            .args(["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
            .env("MIANTAN_TURN", "false")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut serving = Self { process, url: String::new() };
        let mut line = String::new();
        BufReader::new(serving.process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        line["listening"].as_str().unwrap().clone_into(&mut serving.url);
        serving
    }

    /// SIGKILL: no word of farewell, nothing is flushed.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Somebody who writes all the time. What was not answered is sent again from the first on.
struct Writer {
    token: String,
    talk: ConversationId,
    written: Vec<ChangeId>,
    /// So many from the beginning were acknowledged, with their numbers.
    acknowledged: Vec<u64>,
}

impl Writer {
    /// Talks until so many more were acknowledged, or the server is gone.
    async fn talk(&mut self, url: &str, more: usize) {
        let mut request =
            format!("{}/api/v1/live", url.replacen("http", "ws", 1)).into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.token);
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        let Ok((mut ws, _)) = tokio_tungstenite::connect_async(request).await else { return };
        let hello =
            ClientFrame::Hello { versions: VERSIONS.to_vec(), presence: Presence::Online, call: None };
        ws.send(Message::text(serde_json::to_string(&hello).unwrap())).await.unwrap();
        let enough = self.acknowledged.len() + more;
        let mut sent = self.acknowledged.len();
        loop {
            while sent < self.acknowledged.len() + WINDOW && sent < enough + WINDOW {
                if sent == self.written.len() {
                    self.written.push(ChangeId(Uuid::now_v7()));
                }
                let text = format!("第{sent}条");
                let command = TalkCommand::Say { saying: Saying::Text { text } };
                let change = Change::Talk { conversation: self.talk, command };
                let frame = ClientFrame::Change { id: self.written[sent], change };
                if ws.feed(Message::text(serde_json::to_string(&frame).unwrap())).await.is_err() {
                    return;
                }
                sent += 1;
            }
            if ws.flush().await.is_err() || self.acknowledged.len() >= enough {
                return;
            }
            let next = tokio::time::timeout(PATIENCE, ws.next()).await.expect("the server answers");
            match next {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text).unwrap() {
                    ServerFrame::Accepted { id, seq } => {
                        assert_eq!(id, self.written[self.acknowledged.len()], "answered in order");
                        self.acknowledged.push(seq);
                    }
                    ServerFrame::Refused { problem, .. } => panic!("{problem}"),
                    _ => {}
                },
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
        }
    }
}

async fn entries(url: &str, token: &str, talk: ConversationId) -> Vec<Entry> {
    let client = reqwest::Client::new();
    let (mut all, mut after): (Vec<Entry>, u64) = (Vec::new(), 0);
    loop {
        let path = format!("{url}/api/v1/talks/{talk}/entries?after={after}&limit=200");
        let answer = client.get(path).bearer_auth(token).send().await.unwrap().error_for_status().unwrap();
        let page: Vec<Entry> = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let Some(last) = page.last() else { return all };
        after = last.seq;
        all.extend(page);
    }
}

#[tokio::test]
async fn a_server_that_is_killed_at_any_moment_keeps_each_message_once_and_in_order() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seed = std::env::var("KILL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0x6d69_616e);
    println!("KILL_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let code = {
        let stores = sqlite::open(dir.path()).unwrap();
        let secrets = Secrets::open(dir.path()).unwrap();
        let now = miantan_backend::clock::Clock::system().wall();
        seed::plant(&stores, &secrets, now).await.unwrap().candidates[0].code.clone()
    };

    let mut serving = Serving::start(dir.path());
    let join = JoinRequest { code, password: None, device: DeviceId(Uuid::now_v7()), device_key: None, sms_code: None };
    let path = format!("{}/api/v1/join", serving.url);
    let answer = reqwest::Client::new().post(path).json(&join).send().await.unwrap();
    let signed_in: SignedIn = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let Me::Candidate { candidate, ref round, .. } = signed_in.me else { panic!("a candidate") };
    let round = round.id;
    serving.kill();
    let talk = {
        let stores = sqlite::open(dir.path()).unwrap();
        let employer = stores.rounds.owner(round).await.unwrap().unwrap();
        let parties = Parties { employer, candidate };
        let fresh = ConversationId(Uuid::now_v7());
        stores.talks.open(OpenTalk { fresh, parties, fair: None, at: WallTime(1) }).await.unwrap().unwrap()
    };

    let mut writer = Writer { token: signed_in.token, talk, written: Vec::new(), acknowledged: Vec::new() };
    for _ in 0..KILLS {
        let mut serving = Serving::start(dir.path());
        let (more, moment) = (chance.random_range(0..60), chance.random_range(0..4_000));
        writer.talk(&serving.url, more).await;
        // with a window of messages on their way: before they are read, in the transaction, in the commit,
        // before the answer
        tokio::time::sleep(Duration::from_micros(moment)).await;
        serving.kill();
    }

    // whatever had no answer is sent once more
    let mut serving = Serving::start(dir.path());
    let rest = writer.written.len() - writer.acknowledged.len();
    writer.talk(&serving.url, rest).await;
    let kept = entries(&serving.url, &writer.token, talk).await;
    serving.kill();
    let place: HashMap<ChangeId, usize> = writer.written.iter().copied().zip(0..).collect();
    let order: Vec<usize> = kept.iter().map(|entry| place[&entry.id]).collect();
    assert!(order.is_sorted_by(|a, b| a < b), "each once, in the order of writing");
    assert!(writer.acknowledged.len() >= KILLS, "{}", writer.acknowledged.len());
    for (k, seq) in writer.acknowledged.iter().enumerate() {
        let entry = &kept[*seq as usize - 1];
        assert_eq!((entry.seq, entry.id), (*seq, writer.written[k]), "acknowledged and there");
        assert_eq!(entry.body, EntryBody::Text { text: format!("第{k}条") });
    }
    assert!(kept.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "numbered without a gap");
}
