//! Who the devices belong to: candidates who open their invitations and recruiters who sign in. Signing in thousands
//! takes a while, so it can be kept in a file and used again.

use crate::Place;
use anyhow::{Context, bail};
use futures_util::StreamExt;
use miantan_domain::ids::{DeviceId, RoundId, TicketId};
use miantan_domain::wire::rest::{EmployerSignIn, JoinRequest, Me, SignedIn};
use miantan_domain::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long one may be slowed or turned away before it counts as refused.
const PATIENCE: u32 = 30;
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Signed in, each on a device of its own.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct People {
    /// The server that they are signed in at.
    server: String,
    pub candidates: Vec<Candidate>,
    /// Recruiters' devices, all of one employer.
    pub desks: Vec<Desk>,
    /// Recruiters' devices, each of another employer: the owners, in the seed's order.
    #[serde(default)]
    pub recruiters: Vec<Desk>,
}

/// How many of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needed {
    pub candidates: usize,
    pub desks: usize,
    pub recruiters: usize,
}

/// A candidate with a ticket.
#[derive(Clone, Serialize, Deserialize)]
pub struct Candidate {
    pub token: String,
    pub round: RoundId,
    pub ticket: TicketId,
}

/// A recruiter's device.
#[derive(Clone, Serialize, Deserialize)]
pub struct Desk {
    pub token: String,
}

/// What we read of a seed's JSON.
#[derive(Deserialize)]
struct Seed {
    candidates: Vec<Line>,
    employer: Employer,
    #[serde(default)]
    employers: Vec<Employer>,
}

#[derive(Clone, Deserialize)]
struct Line {
    code: String,
    password: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Employer {
    uscc: String,
    password: String,
    member: Option<String>,
}

impl People {
    /// So many of each kind: from the kept file where there are enough in it, else signed in now.
    ///
    /// # Errors
    /// When the seed names too few, or the server refuses one of them.
    pub async fn signed_in(
        place: &Place,
        tls: &Arc<rustls::ClientConfig>,
        needed: Needed,
    ) -> anyhow::Result<Self> {
        let mut people = match &place.keep {
            Some(path) if path.exists() => Self::kept(path)?,
            _ => Self::default(),
        };
        // ports change from start to start; whose tokens they are is for the server to say
        people.server.clone_from(&place.server);
        if people.candidates.len() < needed.candidates
            || people.desks.len() < needed.desks
            || people.recruiters.len() < needed.recruiters
        {
            let missing = "nobody is signed in: name --seed, the output of `miantan-backend seed --json`";
            let seed = Seed::read(place.seed.as_deref().context(missing)?)?;
            people.sign_in(place, tls, &seed, needed).await?;
            if let Some(path) = &place.keep {
                people.keep(path)?;
            }
        }
        people.candidates.truncate(needed.candidates);
        people.desks.truncate(needed.desks);
        people.recruiters.truncate(needed.recruiters);
        Ok(people)
    }

    async fn sign_in(
        &mut self,
        place: &Place,
        tls: &Arc<rustls::ClientConfig>,
        seed: &Seed,
        Needed { candidates, desks, recruiters }: Needed,
    ) -> anyhow::Result<()> {
        let owners = seed.employers.iter().filter(|employer| employer.member.is_none());
        if owners.clone().count() < recruiters {
            bail!(
                "the seed has {} employers and {recruiters} are needed: seed with --employers {recruiters}",
                owners.count()
            );
        }
        if seed.candidates.len() < candidates {
            bail!(
                "the seed has {} candidates and {candidates} are needed: seed with --candidates {candidates}",
                seed.candidates.len()
            );
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.as_ref().clone())
            .timeout(REQUEST_LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let server = place.server.trim_end_matches('/');
        let join = format!("{server}/api/v1/join");
        let lines = seed.candidates[..candidates].iter().skip(self.candidates.len());
        let joining = futures_util::stream::iter(lines.map(|line| {
            let body = JoinRequest {
                code: line.code.clone(),
                password: line.password.clone(),
                device: device(),
                device_key: None,
                sms_code: None,
            };
            post(&http, &join, body)
        }));
        // in their order, so that a kept file can be added to
        let mut joining = joining.buffered(place.at_once.max(1));
        while let Some(signed) = joining.next().await {
            let SignedIn { token, me } = signed.context("a candidate cannot join")?;
            let Me::Candidate { round, ticket, .. } = me else {
                bail!("a candidate joined as somebody else")
            };
            self.candidates.push(Candidate { token, round: round.id, ticket });
        }
        let sign_in = format!("{server}/api/v1/employer/sign-in");
        let at_desks = std::iter::repeat_n(&seed.employer, desks.saturating_sub(self.desks.len()));
        let signing = at_desks.map(|employer| desk(&http, &sign_in, employer));
        let mut signing = futures_util::stream::iter(signing).buffered(place.at_once.max(1));
        while let Some(desk) = signing.next().await {
            self.desks.push(desk?);
        }
        let missing = recruiters.saturating_sub(self.recruiters.len());
        let signing = owners.skip(self.recruiters.len()).take(missing);
        let signing = signing.map(|employer| desk(&http, &sign_in, employer));
        let mut signing = futures_util::stream::iter(signing).buffered(place.at_once.max(1));
        while let Some(desk) = signing.next().await {
            self.recruiters.push(desk?);
        }
        Ok(())
    }

    fn kept(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} was not written by --keep: delete it", path.display()))
    }

    /// Readable by nobody else: it holds tokens.
    fn keep(&self, path: &Path) -> anyhow::Result<()> {
        use std::io::Write as _;
        let mut options = std::fs::File::options();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(file.write_all(&serde_json::to_vec(self)?)?)
    }
}

impl Seed {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no output of `miantan-backend seed --json`", path.display()))
    }
}

/// A recruiter signs in on a new device.
async fn desk(http: &reqwest::Client, url: &str, employer: &Employer) -> anyhow::Result<Desk> {
    let Employer { uscc, password, member } = employer.clone();
    let body = EmployerSignIn { account: uscc, password, member, device: device() };
    let signed: SignedIn = post(http, url, body).await.context("the recruiter cannot sign in")?;
    Ok(Desk { token: signed.token })
}

/// A new device.
fn device() -> DeviceId {
    DeviceId::from_parts(crate::unix_ms(), &rand::random())
}

/// One request that is repeated only when the server asks to come back later.
async fn post<T: Serialize, A: serde::de::DeserializeOwned>(
    http: &reqwest::Client,
    url: &str,
    body: T,
) -> anyhow::Result<A> {
    let mut tries = 0;
    loop {
        let response = http.post(url).json(&body).send().await.map_err(reqwest::Error::without_url)?;
        if response.status().is_success() {
            return Ok(response.json().await?);
        }
        let status = response.status();
        let problem: Problem =
            response.json().await.with_context(|| format!("{status}, and no problem with it"))?;
        let slowed = matches!(problem.code, ProblemCode::SlowDown | ProblemCode::TooMany);
        tries += 1;
        if !slowed || tries > PATIENCE {
            bail!("the server refuses: {}", problem.code.as_str());
        }
        tokio::time::sleep(Duration::from_millis(problem.retry_after_ms.unwrap_or(1_000))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_read_for_what_is_typed() {
        let text = r#"{"organiser":"x","employer":{"uscc":"u","name":"n","password":"p","member":null},
            "candidates":[{"name":"n","code":"ABCD-EFGH","password":"1","appointed":5,"round":"r"}]}"#;
        let seed: Seed = serde_json::from_str(text).expect("a seed");
        assert_eq!((seed.candidates[0].code.as_str(), seed.employer.member), ("ABCD-EFGH", None));
    }
}
