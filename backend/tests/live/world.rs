//! One running backend with two employers, their members, rounds and invited candidates; and the
//! people who use it.

use crate::device::Device;
use miantan_backend::clock::Clock;
use miantan_backend::config::{Config, PortRange};
use miantan_backend::secrets::{Secrets, hash_password};
use miantan_backend::server::{self, Server};
use miantan_backend::store::{self, Stores};
use miantan_domain::code::InviteCode;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{EmployerSignIn, JoinRequest, Me, SignedIn};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use uuid::Uuid;

/// No step of a story takes longer.
pub const PATIENCE: Duration = Duration::from_secs(30);
pub const PASSWORD: &str = "correct horse";
/// Of candidate 4.
pub const PHONE: &str = "13800138004";

const QINGHE: (&str, &str) = ("91310000MA1FL0XY1U", "青禾科技有限公司");
const LANTIAN: (&str, &str) = ("91310000MA1FL0XY2R", "蓝天软件有限公司");

/// Qinghe's rounds are 1 and 2, Lantian's is 3.
pub fn round(n: u128) -> RoundId {
    RoundId(Uuid::from_u128(0x0100 + n))
}

/// Candidates by number; each has one ticket in each round.
pub fn ticket(round: u128, candidate: u128) -> TicketId {
    TicketId(Uuid::from_u128(0x0200 + round * 0x10 + candidate))
}

fn code(round: u128, candidate: u128) -> InviteCode {
    InviteCode::from_random((round * 1_000 + candidate) as u64)
}

pub struct World {
    pub dir: tempfile::TempDir,
    pub server: Option<Server>,
    ring_ms: u64,
    clock: Clock,
}

/// How a world is made.
#[derive(Default)]
pub struct Plan {
    pub ring_ms: Option<u64>,
    /// Puts something before the store, as a full disk would be.
    pub stores: Option<Box<dyn Fn(Stores) -> Stores>>,
    /// The machine's, unless the test turns it by hand.
    pub clock: Option<Clock>,
}

pub fn config(data: &Path) -> Config {
    let mut config =
        Config { data: data.to_owned(), listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
    config.turn.listen = "127.0.0.1:0".parse().unwrap();
    config.turn.relay_ports = PortRange { first: 40_000, last: 49_999 };
    config
}

impl World {
    pub async fn open() -> Self {
        Self::planned(Plan::default()).await
    }

    pub async fn planned(plan: Plan) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let stores = store::sqlite::open(dir.path()).unwrap();
        let clock = plan.clock.unwrap_or_else(Clock::system);
        let mut world = Self { dir, server: None, ring_ms: plan.ring_ms.unwrap_or(45_000), clock };
        world.import(&stores).await;
        let stores = plan.stores.map_or_else(|| stores.clone(), |wrap| wrap(stores.clone()));
        world.start_with(stores).await;
        world
    }

    async fn start_with(&mut self, stores: Stores) {
        let server = server::start_with(config(self.dir.path()), stores, self.clock.clone()).await.unwrap();
        self.server = Some(server);
    }

    /// Stops the process in good order.
    pub async fn stop(&mut self) {
        tokio::time::timeout(PATIENCE, self.server.take().unwrap().stop()).await.unwrap().unwrap();
    }

    /// Starts it again on the same data folder.
    pub async fn start(&mut self) {
        let stores = self.stores().await;
        self.start_with(stores).await;
    }

    /// The data folder of a world that is stopped.
    pub async fn stores(&self) -> Stores {
        // the folder is free as soon as the last task of the old process is gone
        let stores = tokio::time::timeout(PATIENCE, async {
            loop {
                match store::sqlite::open(self.dir.path()) {
                    Ok(stores) => break stores,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        });
        stores.await.unwrap()
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server().url())
    }

    async fn post<B: serde::Serialize>(&self, path: &str, body: &B) -> SignedIn {
        let response = client().post(self.url(path)).json(body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A candidate joins on a new device, without a socket yet.
    pub async fn join(&self, in_round: u128, candidate: u128) -> Device {
        self.join_on(new_device(), in_round, candidate).await
    }

    pub async fn join_on(&self, device: DeviceId, in_round: u128, candidate: u128) -> Device {
        let code = code(in_round, candidate).grouped();
        let signed_in = self
            .post(
                "/api/v1/join",
                &JoinRequest { code, password: None, device, device_key: None, sms_code: None },
            )
            .await;
        Device::new(signed_in, device, round(in_round), Some(ticket(in_round, candidate)))
    }

    /// Somebody enters a code that leads to this round.
    pub async fn join_by(&self, code: &InviteCode, in_round: u128) -> Device {
        let device = new_device();
        let request =
            JoinRequest { code: code.grouped(), password: None, device, device_key: None, sms_code: None };
        let signed_in = self.post("/api/v1/join", &request).await;
        let Me::Candidate { ticket, .. } = signed_in.me else { panic!("a candidate") };
        Device::new(signed_in, device, round(in_round), Some(ticket))
    }

    /// A candidate in the waiting room of a round, ready.
    pub async fn candidate(&self, in_round: u128, candidate: u128) -> Device {
        let mut device = self.join(in_round, candidate).await;
        device.connect(self).await;
        device
    }

    /// A member of Qinghe (`wang` is the owner, `zhao` a recruiter), watching a round from its start.
    pub async fn recruiter(&self, name: &str, in_round: u128) -> Device {
        let mut device = self.sign_in(name, in_round).await;
        device.connect(self).await;
        device.watch(0).await;
        device.snapshot().await;
        device
    }

    pub async fn sign_in(&self, name: &str, in_round: u128) -> Device {
        let device = new_device();
        let account = if name == "sun" { LANTIAN.1 } else { QINGHE.1 }.to_owned();
        let request =
            EmployerSignIn { account, password: PASSWORD.to_owned(), member: Some(name.to_owned()), device };
        let signed_in = self.post("/api/v1/employer/sign-in", &request).await;
        Device::new(signed_in, device, round(in_round), None)
    }

    async fn import(&self, stores: &Stores) {
        let secrets = Secrets::open(self.dir.path()).unwrap();
        let now = Clock::system().wall();
        let (from, to) = (now.after(-3_600_000), now.after(8 * 3_600_000));
        let hash = password_hash();
        let member = |id: u128, name: &str, role| store::NewMember {
            id: MemberId(Uuid::from_u128(id)),
            name: name.into(),
            role,
            password_hash: hash.clone(),
        };
        let employer = |id: u128, who: (&str, &str), members| store::NewEmployer {
            id: EmployerId(Uuid::from_u128(id)),
            uscc: who.0.into(),
            name: who.1.into(),
            approved: true,
            members,
        };
        let (owner, recruiter) = (MemberRole::Owner, MemberRole::Recruiter);
        let employers = vec![
            employer(1, QINGHE, vec![member(11, "wang", owner), member(12, "zhao", recruiter)]),
            employer(2, LANTIAN, vec![member(21, "sun", owner)]),
        ];
        let rounds = [(1, 1), (2, 1), (3, 2)].map(|(n, of)| store::NewRound {
            employer: EmployerId(Uuid::from_u128(of)),
            info: RoundInfo {
                id: round(n),
                name: format!("面谈 {n}"),
                employer: String::new(),
                stages: vec![Stage::Interview, Stage::Announcement, Stage::Closed],
                starts: from,
                ends: to,
                identity: IdentityRule::NotRequired,
                ring_ms: self.ring_ms,
                grace_ms: 600_000,
            },
            stage: None,
        });
        let names = ["林", "陈", "周", "吴"];
        let candidates = (1..).zip(names).map(|(n, name)| store::NewCandidate {
            id: CandidateId(Uuid::from_u128(0x0300 + n)),
            name: name.into(),
            headline: "软件工程".into(),
            resume: Resume::default(),
            // only the last one's number is known
            phone: (n == 4).then(|| secrets.phone(&PHONE.parse().unwrap())),
        });
        let invitations =
            (1..=3).flat_map(|r| (1..=4).map(move |c| (r, c))).map(|(r, c)| store::NewInvitation {
                id: InvitationId(Uuid::from_u128(0x0400 + r * 0x10 + c)),
                round: round(r),
                candidate: CandidateId(Uuid::from_u128(0x0300 + c)),
                ticket: ticket(r, c),
                position: "后端工程师".into(),
                code: secrets.code(&code(r, c)),
                password_hash: None,
                appointed: None,
                opens: from,
                expires: to,
                cancelled: false,
                device: None,
            });
        let import = store::Import {
            now: WallTime(now.0),
            employers,
            fairs: Vec::new(),
            rounds: rounds.into(),
            candidates: candidates.collect(),
            invitations: invitations.collect(),
        };
        stores.fairs.import(import).await.unwrap();
    }
}

/// An HTTP client; TLS by ring, as in the server.
pub fn client() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        // someone else in this process may have been first
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::new()
}

/// Hashing is slow on purpose: once is enough.
fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_password(PASSWORD).unwrap()).clone()
}

pub fn new_device() -> DeviceId {
    DeviceId(Uuid::now_v7())
}

pub fn new_change() -> ChangeId {
    ChangeId(Uuid::now_v7())
}

pub fn new_call() -> CallId {
    CallId(Uuid::now_v7())
}
