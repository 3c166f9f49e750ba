//! The frame around every try of a code or password: limits before, counting after.

use super::error::ApiProblem;
use crate::limits::Ending;
use crate::state::AppState;
use crate::store::{AttemptKey, Begin};
use miantan_domain::ids::DeviceId;
use miantan_domain::wire::{Problem, ProblemCode};
use std::net::IpAddr;

/// Runs one try. It goes on to its end even when the client hangs up: a try cut short must count,
/// and a ticket half taken must not be left. At most `sign_ins_at_once` run at a time, so a burst
/// finds the failures before it counted.
pub(super) async fn attempt<T, F>(
    state: AppState,
    address: IpAddr,
    device: DeviceId,
    work: impl FnOnce(AppState) -> F + Send + 'static,
) -> Result<T, ApiProblem>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ApiProblem>> + Send,
{
    let tries = state.tries.clone();
    let Ok(waiting) = tries.try_acquire_owned() else {
        return Err(Problem::from(ProblemCode::TooMany).retry_after(2_000).into());
    };
    let task = tokio::spawn(async move {
        let _waiting = waiting;
        let _permit = state.gate.clone().acquire_owned().await.map_err(|_| ProblemCode::Internal)?;
        let accounts = &state.stores.accounts;
        let mut keys = vec![AttemptKey::Device(device)];
        if !accounts.knows_device(device).await? {
            keys.push(AttemptKey::Address(state.secrets.address(address)));
        }
        if let Begin::Wait(ms) = accounts.begin_attempt(keys.clone(), state.clock.wall()).await? {
            return Err(Problem::from(ProblemCode::SlowDown).retry_after(ms).into());
        }
        let result = work(state.clone()).await;
        let ending = match &result {
            Ok(_) => Ending::Succeeded,
            Err(ApiProblem(problem)) => ending(problem.code),
        };
        accounts.end_attempt(keys, ending, state.clock.wall()).await?;
        result
    });
    task.await.unwrap_or_else(|_| Err(ProblemCode::Internal.into()))
}

/// Whether a refusal was a wrong guess.
fn ending(code: ProblemCode) -> Ending {
    if matches!(
        code,
        ProblemCode::CodeWrong
            | ProblemCode::PasswordWrong
            | ProblemCode::CredentialsWrong
            | ProblemCode::SmsCodeWrong
    ) {
        Ending::Failed
    } else {
        Ending::Neutral
    }
}

/// Checks a password on a blocking thread. Without a hash the same work is done for nothing.
pub(super) async fn password_opens(
    state: &AppState,
    password: String,
    hash: Option<String>,
) -> Result<bool, ApiProblem> {
    let secrets = state.secrets.clone();
    tokio::task::spawn_blocking(move || secrets.password_opens(&password, hash.as_deref()))
        .await
        .map_err(|_| ProblemCode::Internal.into())
}
