//! The desk in front of the sender: a limit for each try, the retry rule, two lanes so that ten
//! thousand invitations never hold up a code, and the count of what became of each message.
//!
//! Nothing is stored here. A message that must survive a restart is pending in a store: its loop calls
//! [`SmsDesk::attempt`] and asks [`retry::after_failure`] when to come again.

use super::retry::{self, Attempts, GiveUp, Next, RetryRule};
use super::{Receipt, SmsError, SmsKind, SmsMessage, SmsSender};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::secrets;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

/// One try.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(5);
/// All tries of a message somebody waits for, and the wait for a place.
pub const URGENT_LIMIT: Duration = Duration::from_secs(8);
/// Tries under way at once: codes and rings.
const URGENT_AT_ONCE: usize = 64;
/// Everything else.
const BULK_AT_ONCE: usize = 8;

/// Cheap to clone.
#[derive(Clone)]
pub struct SmsDesk(Arc<Inner>);

struct Inner {
    sender: Arc<dyn SmsSender>,
    clock: Clock,
    metrics: Arc<Metrics>,
    urgent: Semaphore,
    bulk: Semaphore,
}

/// A message that will not be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenUp {
    pub why: GiveUp,
    /// The last try's error.
    pub last: SmsError,
}

impl SmsDesk {
    pub fn new(sender: Arc<dyn SmsSender>, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let (urgent, bulk) = (Semaphore::new(URGENT_AT_ONCE), Semaphore::new(BULK_AT_ONCE));
        Self(Arc::new(Inner { sender, clock, metrics, urgent, bulk }))
    }

    /// Sends a message somebody waits for: answers within [`URGENT_LIMIT`], whatever the provider does.
    /// After an error with [`SmsError::nothing_sent`] the caller takes the code back
    /// ([`super::verify::take_back`]).
    pub async fn send_now(&self, message: &SmsMessage) -> Result<Receipt, SmsError> {
        let attempts = Attempts::none(self.0.clock.wall());
        if let Ok(result) = timeout(URGENT_LIMIT, self.drive(message, attempts)).await {
            return result.map_err(|given_up| given_up.last);
        }
        self.count(message.template.kind(), "given_up");
        Err(SmsError::Unanswered)
    }

    /// Tries until the message is taken or the rule of its kind gives up; `attempts` is what was done
    /// before. May take hours.
    pub async fn drive(&self, message: &SmsMessage, mut attempts: Attempts) -> Result<Receipt, GivenUp> {
        let kind = message.template.kind();
        let rule = RetryRule::of(kind);
        let (begun, wall) = (Instant::now(), self.0.clock.wall());
        loop {
            let last = match self.attempt(message).await {
                Ok(receipt) => return Ok(receipt),
                Err(error) => error,
            };
            // wall time as it was, and what was measured since: a clock that is set changes nothing
            let now = wall.after(begun.elapsed().as_millis() as i64);
            let chance = u16::from_le_bytes(secrets::random());
            let (next, what) = retry::after_failure(rule, attempts, now, last, chance);
            attempts = next;
            match what {
                Next::At(at) => {
                    self.0.metrics.add("miantan_sms_retries_total", &[("template", kind.as_str())], 1);
                    sleep(Duration::from_millis(at.since(now))).await;
                }
                Next::GiveUp(why) => {
                    self.count(kind, "given_up");
                    tracing::warn!(
                        kind = kind.as_str(),
                        ?why,
                        last = last.as_str(),
                        "a text message is given up"
                    );
                    return Err(GivenUp { why, last });
                }
            }
        }
    }

    /// One try, limited by [`ATTEMPT_LIMIT`] from the moment it has a place.
    pub async fn attempt(&self, message: &SmsMessage) -> Result<Receipt, SmsError> {
        let kind = message.template.kind();
        let urgent = kind.is_code() || kind == SmsKind::YourTurn;
        let lane = if urgent { &self.0.urgent } else { &self.0.bulk };
        // the lanes are never closed
        let Ok(_place) = lane.acquire().await else { return Err(SmsError::Down) };
        let begun = Instant::now();
        let result = match timeout(ATTEMPT_LIMIT, self.0.sender.send(message)).await {
            Ok(result) => result,
            Err(_) => Err(SmsError::Unanswered),
        };
        self.0.metrics.time("miantan_sms_seconds", &[], begun.elapsed());
        match &result {
            Ok(receipt) => {
                self.count(kind, "sent");
                let labels = [("template", kind.as_str())];
                self.0.metrics.add("miantan_sms_parts_total", &labels, i64::from(receipt.parts));
            }
            Err(error) => self.count(kind, error.as_str()),
        }
        result
    }

    fn count(&self, kind: SmsKind, result: &str) {
        self.0.metrics.add("miantan_sms_total", &[("template", kind.as_str()), ("result", result)], 1);
    }
}
