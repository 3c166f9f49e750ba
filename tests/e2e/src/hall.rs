//! The backend with the sample fair, and the people who come to it.

use crate::air::Air;
use crate::apart::Apart;
use crate::applicant::Applicant;
use crate::identity::{LIN_ON_FILE, picture};
use crate::person::{Candidate, Devices, PATIENCE, Phone, Recruiter};
use crate::wire::Wire;
use miantan_backend::clock::Clock;
use miantan_backend::config::{Config, Hidden};
use miantan_backend::seed::{self, CandidateLine, EmployerLine, Seeded};
use miantan_backend::server::{self, Server};
use miantan_backend::sms::SmsKind;
use miantan_backend::sms::outbox::{Outbox, Outgoing};
use miantan_backend::state::AppState;
use miantan_backend::turn::{TurnServer, TurnSettings};
use miantan_domain::signal::MediaPath;
use miantan_domain::time::WallTime;
use std::sync::Once;
use tokio::sync::{Mutex, MutexGuard};

/// A fair day with one backend.
pub struct Hall {
    pub seeded: Seeded,
    folder: tempfile::TempDir,
    server: Option<Server>,
    /// The backend, where it runs in a process of its own.
    apart: Option<Apart>,
    config: Config,
    /// The way of all media, where calls go through a relay outside the backend.
    air: Option<(Air, TurnServer)>,
    /// The organiser's own certificate (DER), where the connection is encrypted.
    root: Option<Vec<u8>>,
    /// One hall at a time: two calls at once would share two cores with all their codecs, and what
    /// is measured would be the machine.
    _turn: MutexGuard<'static, ()>,
}

const RELAY_SECRET: &str = "a secret shared by backend and relay";

static TURN: Mutex<()> = Mutex::const_new(());

fn now() -> WallTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    WallTime(since.expect("after 1970").as_millis() as i64)
}

/// A port that nobody has at the moment.
fn free_udp_port() -> std::net::SocketAddr {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("the port is known")
}

fn log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
    });
}

impl Hall {
    /// A new hall with calls straight from phone to phone.
    pub async fn open() -> Self {
        Self::open_with(MediaPath::Direct).await
    }

    pub async fn open_with(calls: MediaPath) -> Self {
        Self::open_as(calls, false, None).await
    }

    /// With a certificate of the organiser's own authority.
    pub async fn open_encrypted() -> Self {
        Self::open_as(MediaPath::Direct, true, None).await
    }

    /// All media goes through the air, which can be cut: [`Self::air`].
    pub async fn open_over_air() -> Self {
        let loopback = "127.0.0.1".parse().expect("loopback");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let settings = TurnSettings { listen, public_ip: loopback, relay_ports: (49_152, 65_535) };
        let relay = TurnServer::start(settings, RELAY_SECRET.into(), Clock::system()).await;
        let relay = relay.expect("the relay starts");
        let air = Air::to(relay.address()).await;
        Self::open_as(MediaPath::Relay, false, Some((air, relay))).await
    }

    pub fn air(&self) -> &Air {
        &self.air.as_ref().expect("a hall over air").0
    }

    /// The organiser has photos of those whose rounds ask for the identity, and takes synthetic cameras for what they
    /// are.
    pub async fn open_with_photos() -> Self {
        Self::open_how(MediaPath::Direct, false, None, Some(true)).await
    }

    /// As [`Self::open_with_photos`], where a synthetic camera proves nothing.
    pub async fn open_with_photos_for_real_people() -> Self {
        Self::open_how(MediaPath::Direct, false, None, Some(false)).await
    }

    async fn open_as(calls: MediaPath, encrypted: bool, air: Option<(Air, TurnServer)>) -> Self {
        Self::open_how(calls, encrypted, air, None).await
    }

    /// `photos`: there are some, and whether simulated cameras are taken.
    async fn open_how(
        calls: MediaPath,
        encrypted: bool,
        air: Option<(Air, TurnServer)>,
        photos: Option<bool>,
    ) -> Self {
        log();
        let turn = TURN.lock().await;
        let folder = tempfile::tempdir().expect("a folder");
        let mut seeded = seed::run(folder.path(), false, now()).await.expect("a sample fair");
        if photos.is_some() {
            let album = tempfile::tempdir().expect("a folder");
            for line in [&seeded.identity, &seeded.identity_verified, &seeded.identity_sms_first] {
                let photo = album.path().join(format!("{}.jpg", line.name));
                std::fs::copy(picture(LIN_ON_FILE), photo).expect("copied");
            }
            seed::photos(folder.path(), album.path(), now(), &mut seeded).await.expect("photos");
        }
        let mut config = Config {
            data: folder.path().to_owned(),
            listen: "127.0.0.1:0".parse().expect("an address"),
            organiser: seeded.organiser.clone(),
            hotline: seeded.hotline.clone(),
            calls,
            ..Config::default()
        };
        config.turn.listen = "127.0.0.1:0".parse().expect("an address");
        config.face.simulated = photos == Some(true);
        if let Some((air, _)) = &air {
            config.turn.external = vec![format!("turn:{}?transport=udp", air.address())];
            config.turn.external_secret = Hidden(RELAY_SECRET.into());
        }
        let root = encrypted.then(|| {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
            let file = |name: &str, pem: String| {
                let path = folder.path().join(name);
                std::fs::write(&path, pem).expect("written");
                Some(path)
            };
            config.tls_cert = file("cert.pem", made.cert.pem());
            config.tls_key = file("key.pem", made.signing_key.serialize_pem());
            made.cert.der().to_vec()
        });
        let server = server::start(config.clone()).await.expect("the backend starts");
        // The same port again after a restart.
        config.listen = server.address();
        Self { seeded, folder, server: Some(server), apart: None, config, air, root, _turn: turn }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("the backend runs")
    }

    pub fn url(&self) -> String {
        self.server().url()
    }

    /// Where the backend listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.config.listen
    }

    pub fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The backend is stopped and started again on the same data.
    pub async fn restarts(&mut self) {
        self.server.take().expect("the backend runs").stop().await.expect("it stops in good order");
        self.server = Some(server::start(self.config.clone()).await.expect("the backend starts again"));
    }

    /// From now on the backend is a process of its own: one that can be killed.
    pub async fn moves_apart(&mut self, program: &'static str) {
        self.server.take().expect("the backend runs").stop().await.expect("it stops in good order");
        // relayed calls: by the process's own relay, which dies with it
        let relay = (self.config.calls == MediaPath::Relay).then(free_udp_port);
        self.apart = Some(Apart::starts(program, self.folder.path(), self.config.listen, relay));
    }

    fn own(&mut self) -> &mut Apart {
        self.apart.as_mut().expect("a process of its own")
    }

    /// `kill -9`, and nothing after it.
    pub fn is_killed(&mut self) {
        self.own().is_killed();
    }

    /// After [`Self::is_killed`]: a new process on what is left.
    pub fn starts_again(&mut self) {
        self.own().starts_again();
    }

    /// `kill -9`, and the backend is started again on what is left.
    pub fn is_killed_and_started(&mut self) {
        self.own().is_killed_and_started();
    }

    /// What the backend's handlers share.
    pub fn state(&self) -> &AppState {
        self.server().state()
    }

    fn outbox(&self) -> &Outbox {
        self.state().sms.outbox.as_ref().expect("a development outbox")
    }

    /// Number of the last short message so far: to wait for one after it.
    pub fn last_sms(&self) -> u64 {
        *self.outbox().watch().borrow()
    }

    /// The first short message of a kind to this number after the one with number `after`.
    pub async fn sms(&self, digits: &str, kind: SmsKind, after: u64) -> Outgoing {
        let outbox = self.outbox();
        let found = || {
            let of = |m: &Outgoing| m.number > after && m.to == digits && m.kind == kind.as_str();
            outbox.list().into_iter().find(of)
        };
        let mut came = outbox.watch();
        let waited = tokio::time::timeout(PATIENCE, came.wait_for(|_| found().is_some())).await;
        waited.expect("a short message in time").expect("the outbox is open");
        found().expect("just seen")
    }

    /// The n-th invitation of the main round.
    pub fn invitation(&self, n: usize) -> CandidateLine {
        self.seeded.candidates[n].clone()
    }

    async fn phone(&self, devices: Devices) -> Phone {
        self.phone_that_trusts(devices, self.root.clone()).await
    }

    async fn phone_that_trusts(&self, devices: Devices, root: Option<Vec<u8>>) -> Phone {
        let scheme = if self.root.is_some() { "https" } else { "http" };
        let wire = Wire::to(scheme, self.config.listen).await;
        Phone::new(wire, devices, root).await
    }

    /// A phone at the first screen that knows nothing of the organiser's own certificate.
    pub async fn distrustful_phone(&self) -> Phone {
        self.phone_that_trusts(Devices::default(), None).await
    }

    /// A candidate at the entrance, with the n-th invitation of the main round in hand.
    pub async fn guest(&self, n: usize) -> Candidate {
        self.guest_with(self.invitation(n), Devices::default()).await
    }

    pub async fn guest_with(&self, line: CandidateLine, devices: Devices) -> Candidate {
        Candidate::arrives(self.phone(devices).await, line).await
    }

    /// A candidate in the waiting room, through the check-in.
    pub async fn candidate(&self, n: usize) -> Candidate {
        let guest = self.guest(n).await;
        guest.joins().await;
        guest.checks_in().await;
        guest
    }

    pub async fn candidate_with(&self, n: usize, devices: Devices) -> Candidate {
        let guest = self.guest_with(self.invitation(n), devices).await;
        guest.joins().await;
        guest.checks_in_as_far_as_possible().await;
        guest
    }

    /// The recruiter of the main round, with its queue open.
    pub async fn recruiter(&self) -> Recruiter {
        self.recruiter_with(Devices::default()).await
    }

    pub async fn recruiter_with(&self, devices: Devices) -> Recruiter {
        let recruiter = Recruiter::arrives(self.phone(devices).await).await;
        let line = &self.seeded.employer;
        recruiter.signs_in(&line.uscc, &line.password, None).await;
        recruiter.opens(&self.seeded.round).await;
        recruiter
    }

    /// The recruiter of the second employer, with its round open.
    pub async fn other_recruiter(&self) -> Recruiter {
        let recruiter = self.stranger().await;
        let line = self.seeded.employers.iter().find(|line| line.member.is_some()).expect("a member");
        recruiter.signs_in(&line.uscc, &line.password, line.member.as_deref()).await;
        recruiter.opens(&self.seeded.second.round).await;
        recruiter
    }

    /// One person with invitations of both employers, each on a phone of its own.
    pub async fn candidate_of_both(&self) -> [Candidate; 2] {
        let mut phones = Vec::new();
        for line in self.seeded.both.clone() {
            let guest = self.guest_with(line, Devices::default()).await;
            guest.joins().await;
            guest.checks_in().await;
            phones.push(guest);
        }
        phones.try_into().unwrap_or_else(|_| unreachable!("two invitations"))
    }

    /// A phone of nobody yet, at the first screen.
    pub async fn stranger(&self) -> Recruiter {
        Recruiter::arrives(self.phone(Devices::default()).await).await
    }

    /// Somebody with a phone number and nothing else.
    pub async fn newcomer(&self, number: &str) -> Applicant {
        Applicant::arrives(self.phone(Devices::default()).await, number).await
    }

    /// The first employer's recruiter, signed in, with no round open.
    pub async fn recruiter_at_the_desk(&self) -> Recruiter {
        let recruiter = self.stranger().await;
        let line = &self.seeded.employer;
        recruiter.signs_in(&line.uscc, &line.password, None).await;
        recruiter
    }

    /// The recruiter of an employer that has no round yet, signed in.
    pub async fn recruiter_without_rounds(&self) -> (Recruiter, EmployerLine) {
        let line = self.seeded.employers.last().expect("twelve employers").clone();
        let recruiter = self.stranger().await;
        recruiter.signs_in(&line.uscc, &line.password, line.member.as_deref()).await;
        (recruiter, line)
    }
}
