//! Passwords of members: changed by themselves, or set anew with a code to the approved contact (F5).

use super::sign_in::{account, member};
use super::who::by;
use super::words;
use crate::http::auth::Auth;
use crate::http::body::Body;
use crate::http::client::ClientAddress;
use crate::http::codes;
use crate::http::error::ApiProblem;
use crate::http::guess;
use crate::secrets;
use crate::sms::Phone;
use crate::sms::verify::CodePurpose;
use crate::state::AppState;
use crate::store::{Doer, Person, Who};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use miantan_domain::wire::rest::{CodeSent, PasswordChange, ResetConfirm, ResetRequest};
use miantan_domain::wire::{Problem, ProblemCode};

/// `PUT /employer/password`: one's own. The session that asks goes on, all others end.
pub(super) async fn change(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Auth(session): Auth,
    Body(request): Body<PasswordChange>,
) -> Result<StatusCode, ApiProblem> {
    let Who::Member { employer, member, .. } = session.who else {
        return Err(Problem::new(ProblemCode::NotAllowed, "for employers only").into());
    };
    let head = state.stores.employers.employer(employer).await?.ok_or(ProblemCode::NotSignedIn)?;
    words::password(&request.new, &[&member.name, &head.name, &head.uscc, &head.phone])?;
    let (keep, device) = (session.id, session.device);
    let ended = guess::attempt(state.clone(), address, device, move |state| async move {
        let kept = state.stores.employers.password_hash(member.id).await?;
        if !guess::password_opens(&state, request.old, kept).await? {
            return Err(ProblemCode::PasswordWrong.into());
        }
        // behind the gate already: not once more
        let new = hash(request.new).await?;
        let by = by(&state, Doer::Person(Person::Member(member.id)), address);
        Ok(state.stores.employers.set_password(member.id, new, Some(keep), by).await?)
    })
    .await?;
    state.hall.session_over(&ended.ok_or(ProblemCode::NotSignedIn)?).await;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /employer/reset`: a code to the approved contact. The answer and its time are the same for accounts that
/// do not exist, that have no number, and that had a code a moment ago.
pub(super) async fn reset(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<ResetRequest>,
) -> Result<Json<CodeSent>, ApiProblem> {
    let Ok(waiting) = state.tries.clone().try_acquire_owned() else {
        return Err(Problem::from(ProblemCode::TooMany).retry_after(2_000).into());
    };
    let account = account(&request.account);
    let contact = state.stores.employers.reset_contact(&account, member(request.member.as_ref())).await?;
    tokio::spawn(async move {
        let _waiting = waiting;
        let Some(phone) = contact.and_then(|contact| Phone::parse(&contact.phone).ok()) else { return };
        if let Err(problem) = codes::send(&state, CodePurpose::PasswordReset, &phone, address).await {
            tracing::info!(code = %problem.code, "no code to set a password anew was sent");
        }
    });
    // part of the number would tell that there is one
    Ok(Json(codes::sent(String::new())))
}

/// `POST /employer/reset/confirm`: the code sets a new password and ends all sessions. Whether the code is wrong,
/// too old or never was is one answer.
pub(super) async fn confirm(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<ResetConfirm>,
) -> Result<StatusCode, ApiProblem> {
    words::password(&request.password, &[&request.account])?;
    let device = request.device;
    let ended = guess::attempt(state.clone(), address, device, move |state| async move {
        let account = account(&request.account);
        let contact = state.stores.employers.reset_contact(&account, member(request.member.as_ref())).await?;
        let wrong = || Problem::new(ProblemCode::SmsCodeWrong, "ask for a new code if this one is old");
        let phone = contact.as_ref().and_then(|contact| Phone::parse(&contact.phone).ok());
        let (Some(contact), Some(phone)) = (contact, phone) else {
            codes::check_nobody(&state, &request.account, &request.code).await?;
            return Err(wrong().into());
        };
        let checked = codes::check(&state, CodePurpose::PasswordReset, &phone, &request.code).await;
        checked.map_err(|problem| match problem.code {
            ProblemCode::SmsCodeExpired | ProblemCode::SmsTriesUsed | ProblemCode::SmsCodeWrong => wrong(),
            _ => problem,
        })?;
        let new = hash(request.password).await?;
        let by = by(&state, Doer::Person(Person::Member(contact.member)), address);
        Ok(state.stores.employers.set_password(contact.member, new, None, by).await?)
    })
    .await?;
    state.hall.session_over(&ended.unwrap_or_default()).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The argon2id hash of a new password, on a blocking thread. Whoever calls it holds the gate of all tries.
pub(super) async fn hash(password: String) -> Result<String, ApiProblem> {
    let hash = tokio::task::spawn_blocking(move || secrets::hash_password(&password)).await;
    hash.map_err(|_| ProblemCode::Internal)?.map_err(|error| {
        tracing::error!(%error, "a password cannot be hashed");
        ProblemCode::Internal.into()
    })
}
