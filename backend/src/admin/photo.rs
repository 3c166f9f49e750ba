//! `miantan-backend admin photo`: the photo a candidate is compared with in the face check.

use super::api::Api;
use anyhow::{Context, bail};
use clap::Args;
use miantan_domain::ids::CandidateId;
use miantan_domain::wire::rest::{CandidateFind, CandidateFound};
use reqwest::Method;
use std::io::Write;
use std::path::PathBuf;

/// Whose, and which.
#[derive(Args)]
pub(super) struct Photo {
    /// The candidate's telephone number
    #[arg(long, required_unless_present = "candidate")]
    phone: Option<String>,
    /// The candidate's id
    #[arg(long, conflicts_with = "phone")]
    candidate: Option<CandidateId>,
    /// Take the photo away
    #[arg(long, conflicts_with = "file")]
    remove: bool,
    /// A JPEG or PNG; it takes the place of the one before
    #[arg(required_unless_present = "remove")]
    file: Option<PathBuf>,
}

/// The one candidate a number belongs to.
async fn found(api: &Api, phone: String) -> anyhow::Result<CandidateFound> {
    let body = serde_json::to_vec(&CandidateFind { phone })?;
    let answer = api.ask(Method::POST, &["admin", "candidates", "find"], None, Some(body)).await?;
    let mut people: Vec<CandidateFound> = serde_json::from_slice(&answer)
        .context("the server's answer is not understood; is it the same version?")?;
    match people.len() {
        0 => bail!("nobody is known by this number"),
        1 => Ok(people.remove(0)),
        // brought in twice and never signed in: which of them is meant nobody can say
        more => bail!("{more} candidates are known by this number; name one with --candidate"),
    }
}

pub(super) async fn run(api: &Api, photo: Photo, out: &mut impl Write) -> anyhow::Result<()> {
    let candidate = match (photo.candidate, photo.phone) {
        (Some(candidate), _) => candidate,
        (None, Some(phone)) => found(api, phone).await?.candidate,
        (None, None) => bail!("name the candidate with --phone or --candidate"),
    };
    let id = candidate.to_string();
    let path = ["admin", "candidates", id.as_str(), "photo"];
    match photo.file {
        Some(file) => {
            let bytes =
                tokio::fs::read(&file).await.with_context(|| format!("cannot read {}", file.display()))?;
            api.bytes(&path, bytes).await?;
        }
        None => {
            api.ask(Method::DELETE, &path, None, None).await?;
        }
    }
    writeln!(out, "{candidate}")?;
    Ok(())
}
