//! What must happen outside because of invitations: places in queues, messages, reminders, expiry. Tasks
//! are rows written with what asked for them, so that none is lost with the process; each is done again
//! until it is known to be done.

use super::plan::{day_and_time_of, invitation_code};
use crate::sms::retry::{self, Attempts, Next, RetryRule};
use crate::sms::{Phone, SmsMessage, SmsTemplate};
use crate::state::AppState;
use crate::store::{InvitationFacts, JobEnd, Stored, TalkJob, TalkTask};
use futures_util::{StreamExt, stream};
use miantan_domain::ids::InvitationId;
use miantan_domain::model::InvitationStatus;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

/// Tasks read at once; messages sent at once.
const AT_ONCE: u32 = 200;
const MESSAGES_AT_ONCE: usize = 8;
/// A task that failed is tried again so much later, in ms.
const AGAIN_MS: i64 = 2_000;
/// Looked at so often in any case: a clock that is set moves what is due.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// How long ended tasks are kept, and how long a change is remembered so that it is made once, in ms: a
/// device may lie in a drawer for a year.
const JOBS_KEPT_MS: i64 = 30 * 86_400_000;
const CHANGES_KEPT_MS: i64 = 400 * 86_400_000;

/// Works until the server stops. `news`: there is something to do, or another time to wake up at.
pub async fn work(state: AppState, news: Arc<Notify>) {
    loop {
        let wait = match round(&state).await {
            Ok(true) => continue,
            Ok(false) => next(&state).await,
            Err(error) => {
                tracing::error!(%error, "tasks of invitations wait for the store");
                Duration::from_millis(AGAIN_MS as u64)
            }
        };
        tokio::select! {
            () = state.stop.cancelled() => return,
            _ = timeout(wait, news.notified()) => {}
        }
        if state.stop.is_cancelled() {
            return;
        }
    }
}

async fn next(state: &AppState) -> Duration {
    match state.stores.talks.next_due().await {
        Ok(Some(due)) => Duration::from_millis(due.since(state.clock.wall()).max(1)).min(LOOK_AGAIN),
        Ok(None) => LOOK_AGAIN,
        Err(error) => {
            tracing::error!(%error, "tasks of invitations wait for the store");
            Duration::from_millis(AGAIN_MS as u64)
        }
    }
}

/// Does what is due. True: there may be more.
async fn round(state: &AppState) -> Stored<bool> {
    let now = state.clock.wall();
    let expired = state.stores.talks.expire(now).await?;
    let jobs = state.stores.talks.due_jobs(now, AT_ONCE).await?;
    let more = expired > 0 || jobs.len() as u32 == AT_ONCE;
    let (messages, acts): (Vec<TalkJob>, Vec<TalkJob>) =
        jobs.into_iter().partition(|job| job.task.is_message());
    // acts of one invitation keep their order: after one that failed the others wait for it
    let mut held = BTreeSet::new();
    for job in acts {
        if held.contains(&job.invitation) {
            continue;
        }
        let end = match act(state, job.invitation, job.task).await {
            Ok(()) => JobEnd::Done,
            Err(problem) => {
                tracing::warn!(invitation = %job.invitation, %problem, "a task of an invitation failed");
                held.insert(job.invitation);
                JobEnd::Again(now.after(AGAIN_MS))
            }
        };
        state.stores.talks.end_job(job.id, end, now).await?;
    }
    let sending = messages.into_iter().map(|job| async move {
        let end = send(state, &job).await?;
        state.stores.talks.end_job(job.id, end, state.clock.wall()).await
    });
    let mut sent = stream::iter(sending).buffer_unordered(MESSAGES_AT_ONCE);
    while let Some(done) = sent.next().await {
        done?;
    }
    Ok(more)
}

/// Each of these done twice is as if it were done once.
async fn act(state: &AppState, invitation: InvitationId, task: TalkTask) -> Result<(), Problem> {
    let done = match task {
        TalkTask::TakeTicket { round, ticket, appointed } => {
            let facts = state.stores.talks.facts(invitation).await.map_err(crate::hall::failed)?;
            // gone with its candidate
            let Some(facts) = facts else { return Ok(()) };
            state.hall.take_ticket(round, ticket, facts.card, Some(appointed)).await
        }
        TalkTask::GiveUp { round, ticket } => state.hall.give_up(round, ticket).await,
        TalkTask::Reload { round } => state.hall.reload(round).await,
        TalkTask::CodeOver => {
            let sessions = state.stores.talks.sessions(invitation).await.map_err(crate::hall::failed)?;
            state.hall.session_over(&sessions).await;
            let moved = state.stores.accounts.clear_room(invitation).await.map_err(crate::hall::failed)?;
            state.hall.session_changed(&moved);
            Ok(())
        }
        TalkTask::TellInvited { .. } | TalkTask::TellWithdrawn | TalkTask::Remind { .. } => Ok(()),
    };
    match done {
        // the round is gone
        Err(problem) if problem.code == ProblemCode::NotFound => Ok(()),
        other => other,
    }
}

/// Sends one message, or finds that nobody is to get it.
async fn send(state: &AppState, job: &TalkJob) -> Stored<JobEnd> {
    let Some(facts) = state.stores.talks.facts(job.invitation).await? else { return Ok(JobEnd::Done) };
    let Some(message) = message(state, job.task, &facts) else { return Ok(JobEnd::Done) };
    let Err(error) = state.sms.desk.attempt(&message).await else { return Ok(JobEnd::Done) };
    let (now, rule) = (state.clock.wall(), RetryRule::of(message.template.kind()));
    let attempts = Attempts { made: job.tries, since: job.since };
    let chance = u16::from_le_bytes(crate::secrets::random());
    Ok(match retry::after_failure(rule, attempts, now, error, chance) {
        (_, Next::At(at)) => JobEnd::Again(at),
        (_, Next::GiveUp(why)) => {
            tracing::warn!(invitation = %job.invitation, ?why, "a text message is given up");
            JobEnd::GivenUp
        }
    })
}

/// What is to be said as things are now; `None`: nothing, or nobody may be told.
fn message(state: &AppState, task: TalkTask, facts: &InvitationFacts) -> Option<SmsMessage> {
    let to = Phone::parse(facts.phone.as_deref()?).ok()?;
    let card = &facts.invitation;
    let when = day_and_time_of(state, card.terms.starts);
    let template = match task {
        TalkTask::TellInvited { revision } if revision == card.revision => {
            let code = invitation_code(state, card.id, facts.code);
            let open = matches!(
                card.status,
                InvitationStatus::Sent | InvitationStatus::Accepted | InvitationStatus::MoveAsked { .. }
            );
            open.then(|| SmsTemplate::Invitation {
                employer: card.employer_name.clone(),
                round: card.round_name.clone(),
                when,
                link: format!("{}/i/{}", address(state), code.as_str()),
                code: code.grouped(),
                password: None,
            })
        }
        TalkTask::Remind { revision } if revision == card.revision => {
            let holds = card.status == InvitationStatus::Accepted && state.clock.wall() < card.terms.starts;
            holds.then(|| SmsTemplate::Reminder { round: card.round_name.clone(), when })
        }
        // an appointment that has passed needs no word
        TalkTask::TellWithdrawn => (state.clock.wall() < card.terms.starts).then(|| {
            let (employer, round) = (card.employer_name.clone(), card.round_name.clone());
            SmsTemplate::Withdrawal { employer, round, when }
        }),
        TalkTask::TellInvited { .. }
        | TalkTask::Remind { .. }
        | TalkTask::TakeTicket { .. }
        | TalkTask::GiveUp { .. }
        | TalkTask::Reload { .. }
        | TalkTask::CodeOver => None,
    };
    template.map(|template| SmsMessage { to, template })
}

/// Under which address links lead here.
fn address(state: &AppState) -> String {
    match &state.config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", state.config.listen),
    }
}

/// Removes tasks that ended long ago, and the memory of changes no device can still send again.
pub async fn tidy(state: &AppState) {
    let now = state.clock.wall();
    let (jobs, changes) = (now.after(-JOBS_KEPT_MS), now.after(-CHANGES_KEPT_MS));
    loop {
        match state.stores.talks.tidy_talks(jobs, changes).await {
            Ok(0) => return,
            Ok(removed) => tracing::debug!(removed, "tidied conversations"),
            Err(error) => {
                tracing::error!(%error, "what is over in conversations stays until the next hour");
                return;
            }
        }
    }
}
