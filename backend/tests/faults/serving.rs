//! A server's process on a sample fair, and one candidate's conversation in it.

use miantan_backend::secrets::Secrets;
use miantan_backend::seed;
use miantan_backend::store::{OpenTalk, Parties, sqlite};
use miantan_domain::ids::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{JoinRequest, Me, SignedIn};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use uuid::Uuid;

/// A running server; dropping it kills it.
pub struct Serving {
    process: Child,
    pub url: String,
}

impl Serving {
    /// Starts it and waits until it listens.
    pub fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_miantan-backend"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MIANTAN_")) {
            command.env_remove(name);
        }
        let process = command
            .args(["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
            .env("MIANTAN_TURN", "false")
            // what it complains of is what the stories are about
            .env("MIANTAN_LOG", "off")
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

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// SIGKILL: no word of farewell, nothing is flushed.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Still there after all that was done to it.
    pub fn lives(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A candidate with a token, a ticket and a conversation.
pub struct Place {
    pub token: String,
    pub round: RoundId,
    pub ticket: TicketId,
    pub talk: ConversationId,
    /// Another candidate's code, not used yet.
    pub spare: String,
}

/// Fills a data folder with the sample fair; a candidate joins and has a conversation with the round's employer.
pub async fn place(data: &Path) -> Place {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (code, spare) = {
        let stores = sqlite::open(data).unwrap();
        let secrets = Secrets::open(data).unwrap();
        let now = miantan_backend::clock::Clock::system().wall();
        let people = seed::plant(&stores, &secrets, now).await.unwrap().candidates;
        let spare = people[1..].iter().find(|line| line.password.is_none()).expect("one without a password");
        (people[0].code.clone(), spare.code.clone())
    };
    let mut serving = Serving::start(data);
    let device = DeviceId(Uuid::now_v7());
    let join = JoinRequest { code, password: None, device, device_key: None, sms_code: None };
    let path = format!("{}/api/v1/join", serving.url);
    let answer = reqwest::Client::new().post(path).json(&join).send().await.unwrap();
    let signed_in: SignedIn = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let Me::Candidate { candidate, ref round, ticket, .. } = signed_in.me else { panic!("a candidate") };
    let round = round.id;
    serving.kill();
    let stores = sqlite::open(data).unwrap();
    let employer = stores.rounds.owner(round).await.unwrap().unwrap();
    let parties = Parties { employer, candidate };
    let fresh = ConversationId(Uuid::now_v7());
    let open = OpenTalk { fresh, parties, fair: None, at: WallTime(1) };
    let talk = stores.talks.open(open).await.unwrap().unwrap();
    Place { token: signed_in.token, round, ticket, talk, spare }
}
