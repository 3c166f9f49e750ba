//! Text messages: what they say ([`template`]), who sends them ([`SmsSender`]: the developer's
//! [`outbox`], a described HTTP interface ([`http`]), [`aliyun`]), the desk in front that limits,
//! retries and counts ([`desk`]), and the rule of verification codes ([`verify`]).
//!
//! Never here: numbers, codes or texts in a log or an error; a table of the database (the states of
//! [`verify`] and [`retry`] are plain data which a store keeps).

pub mod acs3;
pub mod aliyun;
pub mod desk;
pub mod fill;
pub mod http;
pub mod outbox;
pub mod phone;
pub mod retry;
pub mod tally;
pub mod template;
pub mod verify;
mod wire;

pub use desk::SmsDesk;
pub use outbox::Outbox;
pub use phone::{NotPhone, Phone};
pub use template::{SmsKind, SmsTemplate, parts};

use crate::clock::Clock;
use crate::config::{Config, SmsVia};
use crate::metrics::Metrics;
use async_trait::async_trait;
use miantan_domain::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One message to one person. Its `Debug` shows the kind only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsMessage {
    pub to: Phone,
    pub template: SmsTemplate,
}

/// The provider took the message; that it arrived is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's name for it, where it gives one.
    pub id: Option<String>,
    /// Parts it costs, by our own count.
    pub parts: u32,
}

/// Why a message did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// This message will never be taken: the number, the words, the template.
    #[error("the provider refuses this message for good")]
    Refused,
    /// Not now.
    #[error("the provider asks for {retry_after_ms} ms of patience")]
    Slower { retry_after_ms: u64 },
    /// Nothing was sent: out of reach, out of order, or our account with it is.
    #[error("the provider cannot be used now")]
    Down,
    /// Asked, but no answer: it may have been sent.
    #[error("the provider did not say whether it sent the message")]
    Unanswered,
}

impl SmsError {
    /// As a metric's label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Slower { .. } => "slower",
            Self::Down => "down",
            Self::Unanswered => "unanswered",
        }
    }

    /// Whether it is certain that the person gets nothing.
    pub const fn nothing_sent(self) -> bool {
        match self {
            Self::Refused | Self::Slower { .. } | Self::Down => true,
            Self::Unanswered => false,
        }
    }
}

impl From<SmsError> for Problem {
    fn from(error: SmsError) -> Self {
        let problem = Self::new(ProblemCode::SmsFailed, error.to_string());
        match error {
            SmsError::Slower { retry_after_ms } => problem.retry_after(retry_after_ms),
            SmsError::Refused | SmsError::Down | SmsError::Unanswered => problem,
        }
    }
}

impl From<NotPhone> for Problem {
    fn from(error: NotPhone) -> Self {
        Self::new(ProblemCode::PhoneBad, error.to_string())
    }
}

/// Sends one message, once. Timeouts and retries are the desk's.
#[async_trait]
pub trait SmsSender: Send + Sync {
    async fn send(&self, message: &SmsMessage) -> Result<Receipt, SmsError>;
}

/// Why messages cannot be sent at all with these settings. Names the key and the remedy, never a value
/// that may be secret.
#[derive(Debug, thiserror::Error)]
pub enum SmsSetupError {
    #[error("`sms.{key}`: {message}")]
    Setting { key: &'static str, message: String },
    #[error("the outbox file {path} cannot be used: {source}")]
    Outbox { path: std::path::PathBuf, source: std::io::Error },
    #[error("no HTTP client: {0}")]
    Client(String),
}

impl SmsSetupError {
    fn setting(key: &'static str, message: impl Into<String>) -> Self {
        Self::Setting { key, message: message.into() }
    }
}

/// What the settings ask for.
#[derive(Clone)]
pub struct Sms {
    pub desk: SmsDesk,
    /// Only where nothing is really sent.
    pub outbox: Option<Outbox>,
}

impl Sms {
    /// Makes sender and desk. Reads nothing from the network.
    pub fn open(config: &Config, clock: &Clock, metrics: &Arc<Metrics>) -> Result<Self, SmsSetupError> {
        let signature = signature(config);
        let (sender, outbox): (Arc<dyn SmsSender>, Option<Outbox>) = match config.sms.via {
            SmsVia::Outbox => {
                if !config.listen.ip().is_loopback() {
                    tracing::warn!("`sms.via` is outbox: nobody gets a text message");
                }
                let outbox = Outbox::open(&config.data, config.sms.outbox_keep, &signature, clock.clone())?;
                (Arc::new(outbox.clone()), Some(outbox))
            }
            SmsVia::Http => (Arc::new(http::HttpSender::new(&config.sms, signature)?), None),
            SmsVia::Aliyun => {
                (Arc::new(aliyun::AliyunSender::new(&config.sms, signature, clock.clone())?), None)
            }
        };
        Ok(Self { desk: SmsDesk::new(sender, clock.clone(), Arc::clone(metrics)), outbox })
    }
}

/// The name in front of each message.
fn signature(config: &Config) -> String {
    let own = config.sms.signature.trim();
    if own.is_empty() { config.organiser.trim().to_owned() } else { own.to_owned() }
}

#[cfg(test)]
mod tests;
