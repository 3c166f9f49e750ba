//! Bearer tokens: whose request it is.

use super::client::KnownAs;
use super::error::ApiProblem;
use crate::state::AppState;
use crate::store::{Session, SessionState, Who};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use miantan_domain::ids::EmployerId;
use miantan_domain::model::MemberCard;
use miantan_domain::wire::{Problem, ProblemCode};

/// An open session. Missing, unknown, ended and replaced tokens are refused.
#[derive(Debug, Clone)]
pub struct Auth(pub Session);

/// An open session of an employer's member; candidates are refused.
#[derive(Debug, Clone)]
pub struct MemberAuth {
    pub employer: EmployerId,
    pub member: MemberCard,
}

/// The token of an `Authorization: Bearer …` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

impl FromRequestParts<AppState> for Auth {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let token = bearer(&parts.headers).ok_or(ProblemCode::NotSignedIn)?;
        let mac = state.secrets.token(token);
        let session = state.stores.accounts.session_by_token(&mac, state.clock.wall()).await?;
        let session = session.ok_or(ProblemCode::NotSignedIn)?;
        if let Some(known) = parts.extensions.get::<KnownAs>() {
            // set once per request
            let _ = known.0.set(session.who.person());
        }
        match session.state {
            SessionState::Open => Ok(Self(session)),
            SessionState::Over => Err(ProblemCode::NotSignedIn.into()),
            SessionState::Replaced => Err(ProblemCode::ReplacedByDevice.into()),
        }
    }
}

impl FromRequestParts<AppState> for MemberAuth {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Auth(session) = Auth::from_request_parts(parts, state).await?;
        match session.who {
            Who::Member { employer, member, .. } => Ok(Self { employer, member }),
            Who::Candidate { .. } => Err(Problem::new(ProblemCode::NotAllowed, "for employers only").into()),
        }
    }
}
