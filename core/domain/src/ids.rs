//! Ids of everything: UUIDv7 (RFC 9562) behind a type of its own, so that a ticket is never taken
//! for a call. The random part is an argument. Ids never decide an order.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id from the wall clock (Unix ms) and ten random bytes.
            pub fn from_parts(unix_ms: u64, random: &[u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// An online fair.
    FairId;
    /// An employer (用人单位).
    EmployerId;
    /// A named person of an employer (成员).
    MemberId;
    /// A candidate (求职者 / 考生).
    CandidateId;
    /// A job offered at a fair (职位).
    PositionId;
    /// An employer's interview day or an exam sitting (面谈场次).
    RoundId;
    /// One candidate's durable place in one round's queue (排队号).
    TicketId;
    /// An invitation, the thing a code opens (面试邀约).
    InvitationId;
    /// One interview call (面试呼叫).
    CallId;
    /// One candidate's résumé sent for one position (投递).
    ApplicationId;
    /// Chat between one employer and one candidate at one fair (洽谈).
    ConversationId;
    /// A file somebody uploaded: a résumé, a picture, a licence.
    ObjectId;
    /// An employer's wish to take part in a fair (单位报名参加).
    RegistrationId;
    /// An installation of the app.
    DeviceId;
    /// A change asked for by a client; the same id is the same change, however often it arrives.
    ChangeId;
}
