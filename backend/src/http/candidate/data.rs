//! What candidates agreed to, and their right to see, take along and remove what is held about them.

use super::{Account, Consenting};
use crate::http::body::Body;
use crate::http::error::ApiProblem;
use crate::http::identity;
use crate::retention;
use crate::state::AppState;
use crate::store::deletion as told;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use miantan_domain::model::{Consent, Purpose};
use miantan_domain::wire::rest::{ConsentChange, Deletion, IDENTITY_CONSENT_VERSION};
use miantan_domain::wire::{Problem, ProblemCode};

/// `GET /me/consents`: how each purpose stands.
pub(super) async fn consents(
    State(state): State<AppState>,
    Consenting { candidate, .. }: Consenting,
) -> Result<Json<Vec<Consent>>, ApiProblem> {
    Ok(Json(state.stores.candidates.consents(candidate).await?))
}

/// `POST /me/consents`: given or taken back; every change is kept with its time. Whoever came by a code can agree to
/// what the identity step asks for.
pub(super) async fn consent(
    State(state): State<AppState>,
    Consenting { candidate, account }: Consenting,
    Body(change): Body<ConsentChange>,
) -> Result<Json<Vec<Consent>>, ApiProblem> {
    let ConsentChange { purpose, version, given } = change;
    let in_force = match purpose {
        Purpose::FaceCheck | Purpose::FaceFrames => IDENTITY_CONSENT_VERSION,
        Purpose::Policy | Purpose::ResumeToEmployers | Purpose::SmsNotices if account => {
            state.config.policy_version
        }
        Purpose::Policy | Purpose::ResumeToEmployers | Purpose::SmsNotices => {
            return Err(Problem::new(ProblemCode::NotAllowed, "for candidates' accounts only").into());
        }
    };
    if purpose == Purpose::Policy && !given {
        let why = "without the policy there is no account; ask for its deletion instead";
        return Err(Problem::new(ProblemCode::NotAllowed, why).into());
    }
    if given && version != in_force {
        let why = format!("the text in force is version {in_force}");
        return Err(Problem::new(ProblemCode::ConsentNeeded, why).into());
    }
    let at = state.clock.wall();
    state.stores.candidates.consent(candidate, Consent { purpose, version, given, at }).await?;
    if !given {
        identity::dropped(&state, candidate, purpose).await?;
    }
    Ok(Json(state.stores.candidates.consents(candidate).await?))
}

/// `GET /me/export`.
pub(super) async fn export(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
) -> Result<([(HeaderName, &'static str); 1], Json<serde_json::Value>), ApiProblem> {
    let held = state.stores.candidates.export(candidate).await?.ok_or(ProblemCode::NotSignedIn)?;
    let save = "attachment; filename=\"miantan-my-data.json\"";
    Ok(([(header::CONTENT_DISPOSITION, save)], Json(held)))
}

/// `GET /me/deletion`.
pub(super) async fn deletion(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
) -> Result<Json<Deletion>, ApiProblem> {
    let asked = state.stores.candidates.deletion(candidate).await?;
    Ok(Json(told(asked, retention::ERASED_WITHIN_MS)))
}

/// `POST /me/deletion`; asked for again, the first time counts.
pub(super) async fn ask_deletion(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
) -> Result<Json<Deletion>, ApiProblem> {
    let at = Some(state.clock.wall());
    let asked = state.stores.candidates.ask_deletion(candidate, at).await?;
    Ok(Json(told(asked, retention::ERASED_WITHIN_MS)))
}

/// `DELETE /me/deletion`.
pub(super) async fn take_back(
    State(state): State<AppState>,
    Account { candidate, .. }: Account,
) -> Result<Json<Deletion>, ApiProblem> {
    let asked = state.stores.candidates.ask_deletion(candidate, None).await?;
    Ok(Json(told(asked, retention::ERASED_WITHIN_MS)))
}
