//! `POST /join`: a candidate opens an invitation (J2, J3), and takes it over to another device.

use super::auth::Auth;
use super::body::Body;
use super::client::ClientAddress;
use super::error::ApiProblem;
use super::{codes, guess, identity};
use crate::secrets;
use crate::state::AppState;
use crate::store::{Bind, Bound, Invitation, NewSession, SessionId, Who};
use axum::Json;
use axum::extract::{Path, State};
use miantan_domain::code::InviteCode;
use miantan_domain::model::{Assurance, Stage};
use miantan_domain::rules::round::{Ticket, TicketStatus};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{CodeSent, JoinRequest, Me, SignedIn};
use miantan_domain::wire::{Problem, ProblemCode};

pub(super) async fn join(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<JoinRequest>,
) -> Result<Json<SignedIn>, ApiProblem> {
    let device = request.device;
    guess::attempt(state, address, device, |state| open(state, request)).await.map(Json)
}

/// `POST /join/sms`: another device wants to take over an invitation whose round asks for the identity. The code goes
/// to the number on file, and to nobody who has not got code and password of the invitation.
pub(super) async fn take_over(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<JoinRequest>,
) -> Result<Json<CodeSent>, ApiProblem> {
    let device = request.device;
    guess::attempt(state, address, device, move |state| async move {
        let invitation = opens(&state, &request).await?;
        if !needs_proof(&invitation, &request) {
            return Err(Problem::new(ProblemCode::NotAllowed, "this device may join without a code").into());
        }
        let phone = identity::number(&state, invitation.card.id).await?;
        Ok(codes::send_identity(&state, &phone, invitation.ticket, address).await?)
    })
    .await
    .map(Json)
}

async fn open(state: AppState, request: JoinRequest) -> Result<SignedIn, ApiProblem> {
    let device_key = identity::device_key(request.device_key.as_deref())?;
    let invitation = opens(&state, &request).await?;
    let proved = match &request.sms_code {
        _ if !needs_proof(&invitation, &request) => false,
        None => return Err(ProblemCode::OtherDevice.into()),
        Some(typed) => {
            let phone = identity::number(&state, invitation.card.id).await?;
            codes::check_identity(&state, &phone, invitation.ticket, typed).await?;
            true
        }
    };
    let now = state.clock.wall();
    let token = secrets::new_token();
    let session = NewSession {
        token: state.secrets.token(&token),
        device: request.device,
        now,
        expires: now.after(i64::from(state.config.session_days) * 86_400_000),
        device_key,
    };
    let session = seat(&state, invitation, session, proved).await?;
    let me = me(&state, session).await?;
    Ok(SignedIn { token, me })
}

/// Where the identity counts, it comes before the move to another device.
fn needs_proof(invitation: &Invitation, request: &JoinRequest) -> bool {
    invitation.round.identity.required() && invitation.device.is_some_and(|device| device != request.device)
}

/// The invitation that code and password open now.
async fn opens(state: &AppState, request: &JoinRequest) -> Result<Invitation, ApiProblem> {
    let accounts = &state.stores.accounts;
    let now = state.clock.wall();
    // what cannot be a code is as wrong as a code nobody has
    let code = InviteCode::parse(&request.code).ok_or(ProblemCode::CodeWrong)?;
    let found = accounts.invitation_by_code(&state.secrets.code(&code)).await?;
    let invitation = found.ok_or(ProblemCode::CodeWrong)?;
    in_time(&invitation, now)?;
    let (stage, ticket) = state.hall.ticket(invitation.round.id, invitation.ticket).await?;
    if used_up(stage, ticket.as_ref(), invitation.device == Some(request.device)) {
        return Err(ProblemCode::CodeUsed.into());
    }
    if let Some(hash) = invitation.password_hash.clone() {
        let given = request
            .password
            .clone()
            .filter(|password| !password.is_empty())
            .ok_or(ProblemCode::PasswordNeeded)?;
        if !guess::password_opens(state, given, Some(hash)).await? {
            return Err(ProblemCode::PasswordWrong.into());
        }
    }
    Ok(invitation)
}

/// `POST /me/interviews/{invitation}/enter`: an account opens an invitation of its own, as its code would.
/// The number proved who it is: no password is asked for, and it may come from another device.
pub(super) async fn enter(
    State(state): State<AppState>,
    Auth(session): Auth,
    Path(invitation): Path<String>,
) -> Result<Json<Me>, ApiProblem> {
    let unknown = ProblemCode::InvitationUnknown;
    let invitation = invitation.parse().map_err(|_| unknown)?;
    let Who::Candidate { candidate, account: true, .. } = session.who else {
        return Err(Problem::new(ProblemCode::NotAllowed, "for candidates' accounts only").into());
    };
    // to its end, even when the client hangs up: a ticket half taken must not be left
    let task = tokio::spawn(async move {
        let accounts = &state.stores.accounts;
        let now = state.clock.wall();
        let found = accounts.invitation_of(candidate, invitation).await?;
        let invitation = found.ok_or(unknown)?;
        in_time(&invitation, now)?;
        let (stage, ticket) = state.hall.ticket(invitation.round.id, invitation.ticket).await?;
        // the person was proved by their number: every device of theirs is their own
        if used_up(stage, ticket.as_ref(), true) {
            return Err(ProblemCode::CodeUsed.into());
        }
        let bound = accounts.enter(session.id, invitation.id, now).await?;
        seated(&state, invitation, bound, now).await?;
        me(&state, session.id).await.map(Json)
    });
    task.await.unwrap_or_else(|_| Err(ProblemCode::Internal.into()))
}

/// `POST /me/leave-room`: the session is in no room; the ticket keeps its place.
pub(super) async fn leave(
    State(state): State<AppState>,
    Auth(session): Auth,
) -> Result<Json<Me>, ApiProblem> {
    let Who::Candidate { account: true, .. } = session.who else {
        return Err(Problem::new(ProblemCode::NotAllowed, "for candidates' accounts only").into());
    };
    state.stores.accounts.leave_room(session.id).await?;
    me(&state, session.id).await.map(Json)
}

/// Whose session it is now.
pub(super) async fn me(state: &AppState, session: SessionId) -> Result<Me, ApiProblem> {
    let accounts = &state.stores.accounts;
    let session = accounts.session(session, state.clock.wall()).await?.ok_or(ProblemCode::Internal)?;
    Ok(accounts.me(&session.who).await?.ok_or(ProblemCode::NotSignedIn)?)
}

/// Whether the invitation may be opened at this moment.
fn in_time(invitation: &Invitation, now: WallTime) -> Result<(), Problem> {
    if invitation.cancelled {
        Err(ProblemCode::CodeCancelled.into())
    } else if now >= invitation.expires {
        Err(ProblemCode::CodeExpired.into())
    } else if now < invitation.opens {
        Err(Problem::from(ProblemCode::CodeTooEarly).retry_after(invitation.opens.since(now)))
    } else {
        Ok(())
    }
}

/// An invitation is used up when nothing is left to do with it: the round is closed, or the outcome
/// is announced and confirmed. Between announcement and confirmation it still opens on its own
/// device, for the confirmation, but moves to no other.
fn used_up(stage: Stage, ticket: Option<&Ticket>, own_device: bool) -> bool {
    if stage == Stage::Closed {
        return true;
    }
    ticket.is_some_and(|ticket| {
        ticket.status == TicketStatus::Interviewed
            && ticket.announced.as_ref().is_some_and(|a| a.confirmation.is_some() || !own_device)
    })
}

/// Binds the device, takes the ticket, tells the device that was there before.
async fn seat(
    state: &AppState,
    invitation: Invitation,
    session: NewSession,
    proved: bool,
) -> Result<SessionId, ApiProblem> {
    let takeover = proved || !invitation.round.identity.required();
    let (now, round, ticket) = (session.now, invitation.round.id, invitation.ticket);
    let bound = state.stores.accounts.bind(Bind { invitation: invitation.id, session, takeover }).await?;
    let session = seated(state, invitation, bound, now).await?;
    if proved {
        state.stores.identity.number_proved(session, now).await?;
        let doubt = state.stores.identity.attempts(ticket).await?.doubt;
        identity::settle(state, round, ticket, Assurance::Sms, doubt).await?;
    }
    Ok(session)
}

/// Takes the ticket and tells whoever was in the place before. Taking is idempotent: what broke off
/// here is finished by the next try.
async fn seated(
    state: &AppState,
    invitation: Invitation,
    bound: Bound,
    now: WallTime,
) -> Result<SessionId, ApiProblem> {
    let (session, replaced, moved) = match bound {
        Bound::Yes { session, replaced, moved } => (session, replaced, moved),
        Bound::OtherDevice => return Err(ProblemCode::OtherDevice.into()),
        Bound::Cancelled => return Err(ProblemCode::CodeCancelled.into()),
    };
    let change = crate::talk::fresh_change(state);
    state.stores.talks.entered(invitation.id, change, now).await?;
    let Invitation { round, ticket, card, appointed, .. } = invitation;
    state.hall.take_ticket(round.id, ticket, card, appointed).await?;
    state.hall.session_over(&replaced).await;
    state.hall.session_changed(&moved);
    Ok(session)
}
