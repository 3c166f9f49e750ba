//! `POST /employer/sign-in`: a member signs in for an employer (F5).

use crate::http::body::Body;
use crate::http::client::ClientAddress;
use crate::http::error::ApiProblem;
use crate::http::guess;
use crate::secrets;
use crate::state::AppState;
use crate::store::{Account, NewSession, name_key};
use axum::Json;
use axum::extract::State;
use miantan_domain::uscc::Uscc;
use miantan_domain::wire::rest::{EmployerSignIn, Me, SignedIn};
use miantan_domain::wire::{Problem, ProblemCode};

pub(super) async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<EmployerSignIn>,
) -> Result<Json<SignedIn>, ApiProblem> {
    let device = request.device;
    guess::attempt(state, address, device, |state| open(state, request)).await.map(Json)
}

/// Unknown company, unknown member and wrong password are one answer after the same work: one look
/// into the store and one password hash. A code with a wrong check digit takes the way of a name that
/// nobody has.
async fn open(state: AppState, request: EmployerSignIn) -> Result<SignedIn, ApiProblem> {
    let accounts = &state.stores.accounts;
    let login = accounts.member_login(&account(&request.account), member(request.member.as_ref())).await?;
    let hash = login.as_ref().map(|login| login.password_hash.clone());
    let opens = guess::password_opens(&state, request.password, hash).await?;
    let login = login.filter(|_| opens).ok_or(ProblemCode::CredentialsWrong)?;
    if !login.approved {
        // told only to who knows the password
        return Err(
            Problem::new(ProblemCode::NotAllowed, "the organiser has not approved this employer").into()
        );
    }
    let now = state.clock.wall();
    let token = secrets::new_token();
    let expires = now.after(i64::from(state.config.session_days) * 86_400_000);
    let session = NewSession {
        token: state.secrets.token(&token),
        device: request.device,
        now,
        expires,
        // members sign nothing
        device_key: None,
    };
    accounts.open_member_session(login.member.id, session).await?;
    let me =
        Me::Member { employer: login.employer, employer_name: login.employer_name, member: login.member };
    Ok(SignedIn { token, me })
}

/// How an employer is named.
pub(super) fn account(typed: &str) -> Account {
    match Uscc::parse(typed) {
        Ok(uscc) => Account::Uscc(uscc.as_str().to_owned()),
        Err(_) => Account::Name(name_key(typed)),
    }
}

/// A member's name; without one the owner is meant.
pub(super) fn member(typed: Option<&String>) -> Option<&str> {
    typed.map(|name| name.trim()).filter(|name| !name.is_empty())
}
