//! Who asks, and as whom it is written down.

use crate::http::auth::{MemberAuth, bearer};
use crate::http::client::ClientAddress;
use crate::http::error::ApiProblem;
use crate::state::AppState;
use crate::store::{By, Doer, Person};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use miantan_domain::ids::EmployerId;
use miantan_domain::model::{MemberCard, MemberRole};
use miantan_domain::wire::{Problem, ProblemCode};
use std::net::IpAddr;

/// A member who writes for their employer: its owner or a recruiter.
pub(super) struct Editor {
    pub employer: EmployerId,
    pub by: By,
}

/// An employer's owner.
pub(super) struct Owner {
    pub employer: EmployerId,
    pub by: By,
}

/// A member where one is signed in; whoever shows a token must be one.
pub(super) struct MaybeMember(pub Option<MemberAuth>);

/// Whoever holds the organiser's token.
pub(super) struct Organiser {
    pub by: By,
}

/// Written down as whoever did it.
pub(super) fn by(state: &AppState, who: Doer, address: IpAddr) -> By {
    By { who, address: Some(state.secrets.address(address)), at: state.clock.wall() }
}

pub(super) fn by_member(state: &AppState, member: &MemberCard, address: IpAddr) -> By {
    by(state, Doer::Person(Person::Member(member.id)), address)
}

/// A panellist takes part in interviews and changes nothing.
pub(super) fn may_edit(role: MemberRole) -> Result<(), Problem> {
    match role {
        MemberRole::Owner | MemberRole::Recruiter => Ok(()),
        MemberRole::Panellist => {
            Err(Problem::new(ProblemCode::NotAllowed, "for the owner and recruiters only"))
        }
    }
}

impl FromRequestParts<AppState> for Editor {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let MemberAuth { employer, member } = MemberAuth::from_request_parts(parts, state).await?;
        may_edit(member.role)?;
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        Ok(Self { employer, by: by_member(state, &member, address) })
    }
}

impl FromRequestParts<AppState> for Owner {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let MemberAuth { employer, member } = MemberAuth::from_request_parts(parts, state).await?;
        if member.role != MemberRole::Owner {
            return Err(Problem::new(ProblemCode::NotAllowed, "for the owner only").into());
        }
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        Ok(Self { employer, by: by_member(state, &member, address) })
    }
}

impl FromRequestParts<AppState> for MaybeMember {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            MemberAuth::from_request_parts(parts, state).await.map(|member| Self(Some(member)))
        } else {
            Ok(Self(None))
        }
    }
}

impl FromRequestParts<AppState> for Organiser {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let token = bearer(&parts.headers).unwrap_or_default();
        if !state.secrets.organiser_opens(token) {
            return Err(ProblemCode::NotSignedIn.into());
        }
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        Ok(Self { by: by(state, Doer::Organiser, address) })
    }
}
