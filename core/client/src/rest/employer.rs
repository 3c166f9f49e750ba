//! An employer's registration and office (see `miantan_domain::wire::rest::employer`).

use super::{FILE_LIMIT, Server, done, understood, unsent};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::*;
use reqwest::{Method, header};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// So much of a file is handed to the network at once, in bytes; progress is told after each.
const PIECE_BYTES: usize = 64 * 1024;

impl Server {
    pub async fn register(&self, request: &NewRegistration) -> Result<Registered, Problem> {
        self.ask(Method::POST, "/registrations", Some(request)).await
    }

    pub async fn registration(&self, id: RegistrationId) -> Result<Registration, Problem> {
        self.look(&format!("/registrations/{id}"), &[]).await
    }

    /// `tell` is told how many bytes were handed over.
    pub async fn put_licence(
        &self,
        id: RegistrationId,
        bytes: Bytes,
        tell: impl Fn(u64) + Send + Sync + 'static,
    ) -> Result<Registration, Problem> {
        let request = self
            .request(Method::PUT, &format!("/registrations/{id}/licence"))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .timeout(FILE_LIMIT)
            .body(reqwest::Body::wrap(Pieces { left: bytes, handed: 0, tell: Box::new(tell) }));
        understood(request.send().await.map_err(|error| unsent(&error))?).await
    }

    pub async fn ask_reset(&self, request: &ResetRequest) -> Result<CodeSent, Problem> {
        self.ask(Method::POST, "/employer/reset", Some(request)).await
    }

    pub async fn confirm_reset(&self, request: &ResetConfirm) -> Result<(), Problem> {
        done(self.send(Method::POST, "/employer/reset/confirm", Some(request)).await?).await
    }

    pub async fn change_password(&self, change: &PasswordChange) -> Result<(), Problem> {
        done(self.send(Method::PUT, "/employer/password", Some(change)).await?).await
    }

    pub async fn own_fairs(&self) -> Result<Vec<FairCard>, Problem> {
        self.look("/employer/fairs", &[]).await
    }

    pub async fn own_stand(&self, fair: FairId) -> Result<Stand, Problem> {
        self.look(&format!("/employer/fairs/{fair}/stand"), &[]).await
    }

    pub async fn save_stand(&self, fair: FairId, edit: &StandEdit) -> Result<Stand, Problem> {
        self.ask(Method::PUT, &format!("/employer/fairs/{fair}/stand"), Some(edit)).await
    }

    pub async fn save_position(
        &self,
        fair: FairId,
        position: PositionId,
        edit: &PositionEdit,
    ) -> Result<PositionDetails, Problem> {
        let path = format!("/employer/fairs/{fair}/positions/{position}");
        self.ask(Method::PUT, &path, Some(edit)).await
    }

    pub async fn members(&self) -> Result<Vec<MemberLine>, Problem> {
        self.look("/employer/members", &[]).await
    }

    pub async fn add_member(&self, request: &NewMemberRequest) -> Result<Vec<MemberLine>, Problem> {
        self.ask(Method::POST, "/employer/members", Some(request)).await
    }

    pub async fn remove_member(&self, member: MemberId) -> Result<Vec<MemberLine>, Problem> {
        self.ask(Method::DELETE, &format!("/employer/members/{member}"), None::<&()>).await
    }

    pub async fn end_sessions(&self, member: MemberId) -> Result<(), Problem> {
        let path = format!("/employer/members/{member}/sessions");
        done(self.send(Method::DELETE, &path, None::<&()>).await?).await
    }

    pub async fn own_rounds(&self) -> Result<Vec<RoundSummary>, Problem> {
        self.look("/employer/rounds", &[]).await
    }

    pub async fn save_round(&self, round: RoundId, edit: &RoundEdit) -> Result<RoundInfo, Problem> {
        self.ask(Method::PUT, &format!("/employer/rounds/{round}"), Some(edit)).await
    }
}

/// A file that tells how far it is.
struct Pieces {
    left: Bytes,
    handed: u64,
    tell: Box<dyn Fn(u64) + Send + Sync>,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.left.len().min(PIECE_BYTES);
        let piece = self.left.split_to(size);
        self.handed += size as u64;
        (self.tell)(self.handed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
