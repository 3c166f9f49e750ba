//! Signing in by a number and the code that was sent to it.

use crate::http::auth::Auth;
use crate::http::body::Body;
use crate::http::client::ClientAddress;
use crate::http::error::ApiProblem;
use crate::http::{codes, guess, identity, join};
use crate::secrets;
use crate::sms::Phone;
use crate::sms::verify::CodePurpose;
use crate::state::AppState;
use crate::store::{CandidateSignInAs, NewSession, NumberProof, NumberTaken, Who};
use axum::Json;
use axum::extract::State;
use miantan_domain::ids::CandidateId;
use miantan_domain::wire::rest::{CandidateLink, CandidateSignIn, CodeRequest, CodeSent, Me, SignedIn};
use miantan_domain::wire::{Problem, ProblemCode};

/// `POST /candidate/code`: the same whether anybody is known by the number; nobody is looked for.
pub(super) async fn code(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<CodeRequest>,
) -> Result<Json<CodeSent>, ApiProblem> {
    let phone = Phone::parse(&request.phone).map_err(Problem::from)?;
    // to its end, even when the client hangs up: what was sent must count
    let task = tokio::spawn(async move { codes::send(&state, CodePurpose::SignIn, &phone, address).await });
    let sent = task.await.map_err(|_| ProblemCode::Internal)?;
    Ok(Json(sent?))
}

/// Nobody has an account who did not agree to the policy as it is now.
fn agreed(state: &AppState, version: u32) -> Result<(), Problem> {
    if version == state.config.policy_version {
        Ok(())
    } else {
        let now = state.config.policy_version;
        Err(Problem::new(ProblemCode::ConsentNeeded, format!("the policy in force is version {now}")))
    }
}

/// `POST /candidate/sign-in`.
pub(super) async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<CandidateSignIn>,
) -> Result<Json<SignedIn>, ApiProblem> {
    let phone = Phone::parse(&request.phone).map_err(Problem::from)?;
    agreed(&state, request.policy)?;
    let device_key = identity::device_key(request.device_key.as_deref())?;
    let device = request.device;
    guess::attempt(state, address, device, move |state| async move {
        codes::check(&state, CodePurpose::SignIn, &phone, &request.code).await?;
        let now = state.clock.wall();
        let token = secrets::new_token();
        let expires = now.after(i64::from(state.config.session_days) * 86_400_000);
        let sign_in = CandidateSignInAs {
            proof: NumberProof { number: state.secrets.phone(&phone), policy: request.policy, now },
            fresh: CandidateId::from_parts(now.0 as u64, &secrets::random()),
            session: NewSession { token: state.secrets.token(&token), device, now, expires, device_key },
        };
        let NumberTaken::Yes { session, changed } = state.stores.candidates.sign_in(sign_in).await? else {
            return Err(ProblemCode::Internal.into());
        };
        state.hall.session_changed(&changed);
        let me = join::me(&state, session).await?;
        Ok(SignedIn { token, me })
    })
    .await
    .map(Json)
}

/// `POST /candidate/link`: a code's session joins the account of its own number, and keeps its room.
pub(super) async fn link(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Auth(session): Auth,
    Body(request): Body<CandidateLink>,
) -> Result<Json<Me>, ApiProblem> {
    let Who::Candidate { .. } = session.who else {
        return Err(Problem::new(ProblemCode::NotAllowed, "for candidates only").into());
    };
    let phone = Phone::parse(&request.phone).map_err(Problem::from)?;
    agreed(&state, request.policy)?;
    guess::attempt(state, address, session.device, move |state| async move {
        codes::check(&state, CodePurpose::SignIn, &phone, &request.code).await?;
        let now = state.clock.wall();
        let proof = NumberProof { number: state.secrets.phone(&phone), policy: request.policy, now };
        match state.stores.candidates.link(session.id, proof).await? {
            NumberTaken::Yes { session, changed } => {
                state.hall.session_changed(&changed);
                Ok(join::me(&state, session).await?)
            }
            NumberTaken::OtherNumber => {
                let why = "the organiser knows this candidate by another number";
                Err(Problem::new(ProblemCode::NotAllowed, why).into())
            }
            NumberTaken::NoCode => Err(ProblemCode::NotSignedIn.into()),
        }
    })
    .await
    .map(Json)
}
