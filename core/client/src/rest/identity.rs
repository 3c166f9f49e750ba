//! The identity step, the network probe and the readiness pass (see `miantan_domain::wire::rest::identity`).

use super::{FILE_LIMIT, Server, done, problem, unsent};
use miantan_domain::model::*;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use reqwest::{Method, StatusCode};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;

impl Server {
    pub async fn models(&self) -> Result<Vec<ModelInfo>, Problem> {
        self.look("/models", &[]).await
    }

    /// A model into a file, from where that file ends; at most `bytes` in all.
    pub async fn model(
        &self,
        sha256: &str,
        bytes: u64,
        part: &Path,
        tell: impl Fn(u64),
    ) -> Result<(), Problem> {
        let storage = |error: std::io::Error| Problem::new(ProblemCode::StorageFailed, error.to_string());
        let mut there = tokio::fs::metadata(part).await.map_or(0, |meta| meta.len());
        if there >= bytes {
            // Too long, or whole but not the model: begun again.
            there = 0;
        }
        let url = format!("{}/models/{sha256}", self.address);
        let mut request = self.http.client.get(url).timeout(FILE_LIMIT);
        if there > 0 {
            request = request.header(reqwest::header::RANGE, format!("bytes={there}-"));
        }
        let mut response = request.send().await.map_err(|error| unsent(&error))?;
        let goes_on = response.status() == StatusCode::PARTIAL_CONTENT;
        if !response.status().is_success() {
            return Err(problem(response).await);
        }
        if !goes_on {
            there = 0;
        }
        let mut options = tokio::fs::OpenOptions::new();
        options.create(true).write(true).append(goes_on).truncate(!goes_on);
        let mut file = options.open(part).await.map_err(storage)?;
        while let Some(chunk) = response.chunk().await.map_err(|error| unsent(&error))? {
            there += chunk.len() as u64;
            if there > bytes {
                return Err(Problem::new(ProblemCode::ModelsDiffer, "the server sent more than the model"));
            }
            file.write_all(&chunk).await.map_err(storage)?;
            tell(there);
        }
        file.flush().await.map_err(storage)
    }

    pub async fn identity(&self) -> Result<IdentityStatus, Problem> {
        self.look("/me/identity", &[]).await
    }

    pub async fn face_attempt(&self, ask: &FaceAttemptAsk) -> Result<FaceAttempt, Problem> {
        self.ask(Method::POST, "/me/identity/face", Some(ask)).await
    }

    pub async fn face_frames(&self, nonce: &Nonce, frames: &SealedFrames) -> Result<(), Problem> {
        done(self.send(Method::PUT, &format!("/me/identity/face/{nonce}/frames"), Some(frames)).await?).await
    }

    pub async fn face_report(&self, report: &Signed) -> Result<IdentityAnswer, Problem> {
        self.ask(Method::POST, "/me/identity/face/report", Some(report)).await
    }

    pub async fn identity_sms(&self) -> Result<CodeSent, Problem> {
        self.ask(Method::POST, "/me/identity/sms", None::<&()>).await
    }

    pub async fn identity_check(&self, code: &IdentityCode) -> Result<IdentityAnswer, Problem> {
        self.ask(Method::POST, "/me/identity/sms/check", Some(code)).await
    }

    pub async fn identity_enough(&self) -> Result<IdentityAnswer, Problem> {
        self.ask(Method::POST, "/me/identity/sms/enough", None::<&()>).await
    }

    /// A code to the number on file, to bring an invitation to this device.
    pub async fn join_sms(&self, request: &JoinRequest) -> Result<CodeSent, Problem> {
        self.ask(Method::POST, "/join/sms", Some(request)).await
    }

    pub async fn readiness(&self, pass: &Signed) -> Result<Readiness, Problem> {
        self.ask(Method::POST, "/me/readiness", Some(pass)).await
    }

    pub async fn probe_relay(&self) -> Result<ProbeRelay, Problem> {
        self.look("/probe/relay", &[]).await
    }

    /// Reads up to so many bytes for at most so long; bytes that came and the time they took, without the way there.
    pub async fn probe_down(&self, bytes: u32, within: Duration) -> Result<(u64, Duration), Problem> {
        let request = self.request(Method::GET, "/probe/down").query(&[("bytes", bytes)]);
        let mut response = request.send().await.map_err(|error| unsent(&error))?;
        if !response.status().is_success() {
            return Err(problem(response).await);
        }
        let began = Instant::now();
        let mut came = 0;
        while let Some(left) = within.checked_sub(began.elapsed()) {
            match tokio::time::timeout(left, response.chunk()).await {
                Ok(Ok(Some(chunk))) => came += chunk.len() as u64,
                Ok(Ok(None)) | Err(_) => break,
                Ok(Err(error)) => return Err(unsent(&error)),
            }
        }
        Ok((came, began.elapsed()))
    }

    /// Sends so many bytes; the time until the answer.
    pub async fn probe_up(&self, bytes: usize) -> Result<Duration, Problem> {
        let began = Instant::now();
        let request = self.request(Method::POST, "/probe/up").body(vec![0x5a; bytes]);
        let response = request.send().await.map_err(|error| unsent(&error))?;
        if !response.status().is_success() {
            return Err(problem(response).await);
        }
        Ok(began.elapsed())
    }
}
