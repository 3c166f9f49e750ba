//! What a message says (zh-CN), and what a provider's template needs to say the same.
//!
//! Data in a message comes from people: names are cut to a length, and nothing in them can end a
//! line or look like another sender's signature. Never here: who sends it, and when.

use serde::{Deserialize, Serialize};
use std::fmt;

/// UTF-16 units in a message that goes as one part (3GPP TS 23.038: 140 octets of UCS-2).
const ONE_PART: usize = 70;
/// UTF-16 units in each part of a longer one (6 octets of each carry its number).
const EACH_PART: usize = 67;
/// Longest name of an employer or a round in a message, in characters.
const NAME_MAX: usize = 20;
/// Longest reason, in characters.
const REASON_MAX: usize = 60;

/// One message's data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SmsTemplate {
    SignInCode {
        code: String,
        minutes: u32,
    },
    /// Identity by SMS at the check-in (J4).
    IdentityCode {
        code: String,
        minutes: u32,
    },
    Invitation {
        employer: String,
        round: String,
        /// Beijing time as people read it: `11月26日 14:30`.
        when: String,
        code: String,
        password: Option<String>,
        link: String,
    },
    Reminder {
        round: String,
        when: String,
    },
    /// The appointment does not take place.
    Withdrawal {
        employer: String,
        round: String,
        when: String,
    },
    /// The ring was not answered (Q2).
    YourTurn {
        round: String,
    },
    PasswordReset {
        code: String,
        minutes: u32,
    },
    /// An employer's registration was decided (F3).
    Approval {
        employer: String,
        approved: bool,
        /// Why not; empty when approved.
        reason: String,
    },
}

/// A kind of message: what a provider approves a template for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SmsKind {
    SignInCode,
    IdentityCode,
    Invitation,
    /// Its own kind, since a provider's template has no optional variables.
    InvitationPassword,
    Reminder,
    Withdrawal,
    YourTurn,
    PasswordReset,
    Approval,
    Rejection,
}

impl SmsKind {
    pub const ALL: [Self; 10] = [
        Self::SignInCode,
        Self::IdentityCode,
        Self::Invitation,
        Self::InvitationPassword,
        Self::Reminder,
        Self::Withdrawal,
        Self::YourTurn,
        Self::PasswordReset,
        Self::Approval,
        Self::Rejection,
    ];

    /// As in settings and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInCode => "sign_in_code",
            Self::IdentityCode => "identity_code",
            Self::Invitation => "invitation",
            Self::InvitationPassword => "invitation_password",
            Self::Reminder => "reminder",
            Self::Withdrawal => "withdrawal",
            Self::YourTurn => "your_turn",
            Self::PasswordReset => "password_reset",
            Self::Approval => "approval",
            Self::Rejection => "rejection",
        }
    }

    /// The other way round.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether somebody looks at a screen and waits for it.
    pub const fn is_code(self) -> bool {
        matches!(self, Self::SignInCode | Self::IdentityCode | Self::PasswordReset)
    }
}

/// Names of all variables a message can have.
pub const PARAMS: [&str; 8] = ["code", "minutes", "employer", "round", "when", "password", "link", "reason"];

impl SmsTemplate {
    pub const fn kind(&self) -> SmsKind {
        match self {
            Self::SignInCode { .. } => SmsKind::SignInCode,
            Self::IdentityCode { .. } => SmsKind::IdentityCode,
            Self::Invitation { password: None, .. } => SmsKind::Invitation,
            Self::Invitation { password: Some(_), .. } => SmsKind::InvitationPassword,
            Self::Reminder { .. } => SmsKind::Reminder,
            Self::Withdrawal { .. } => SmsKind::Withdrawal,
            Self::YourTurn { .. } => SmsKind::YourTurn,
            Self::PasswordReset { .. } => SmsKind::PasswordReset,
            Self::Approval { approved: true, .. } => SmsKind::Approval,
            Self::Approval { approved: false, .. } => SmsKind::Rejection,
        }
    }

    /// The variables, named as in [`PARAMS`], already clean and cut.
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::SignInCode { code, minutes }
            | Self::IdentityCode { code, minutes }
            | Self::PasswordReset { code, minutes } => {
                vec![("code", clean(code, NAME_MAX)), ("minutes", minutes.to_string())]
            }
            Self::Invitation { employer, round, when, code, password, link } => {
                let mut params = vec![
                    ("employer", clean(employer, NAME_MAX)),
                    ("round", clean(round, NAME_MAX)),
                    ("when", clean(when, NAME_MAX)),
                    ("code", clean(code, NAME_MAX)),
                    // cut in the middle it would lead nowhere
                    ("link", clean(link, usize::MAX)),
                ];
                if let Some(password) = password {
                    params.push(("password", clean(password, usize::MAX)));
                }
                params
            }
            Self::Reminder { round, when } => {
                vec![("round", clean(round, NAME_MAX)), ("when", clean(when, NAME_MAX))]
            }
            Self::Withdrawal { employer, round, when } => vec![
                ("employer", clean(employer, NAME_MAX)),
                ("round", clean(round, NAME_MAX)),
                ("when", clean(when, NAME_MAX)),
            ],
            Self::YourTurn { round } => vec![("round", clean(round, NAME_MAX))],
            Self::Approval { employer, approved, reason } => {
                let mut params = vec![("employer", clean(employer, NAME_MAX))];
                if !approved {
                    params.push(("reason", clean(reason, REASON_MAX)));
                }
                params
            }
        }
    }

    /// The whole text with the signature in front.
    pub fn text(&self, signature: &str) -> String {
        let params = self.params();
        let of = |name: &str| {
            params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
        };
        let body = match self.kind() {
            SmsKind::SignInCode => {
                format!("登录验证码{}，{}分钟内有效。请勿告诉他人。", of("code"), of("minutes"))
            }
            SmsKind::IdentityCode => {
                format!("身份校验验证码{}，{}分钟内有效。请勿告诉他人。", of("code"), of("minutes"))
            }
            SmsKind::PasswordReset => {
                format!("重置密码验证码{}，{}分钟内有效。非本人操作请忽略。", of("code"), of("minutes"))
            }
            SmsKind::Invitation => format!(
                "{}邀请您参加{}，{}。邀请码{}，进入{}",
                of("employer"),
                of("round"),
                of("when"),
                of("code"),
                of("link")
            ),
            SmsKind::InvitationPassword => format!(
                "{}邀请您参加{}，{}。邀请码{}，密码{}，进入{}",
                of("employer"),
                of("round"),
                of("when"),
                of("code"),
                of("password"),
                of("link")
            ),
            SmsKind::Reminder => format!("提醒：{}将于{}开始，请提前进入候场。", of("round"), of("when")),
            SmsKind::Withdrawal => {
                format!("{}取消了{}的{}，无需再进入候场。", of("employer"), of("when"), of("round"))
            }
            SmsKind::YourTurn => format!("{}轮到您了，请立即打开应用接听。", of("round")),
            SmsKind::Approval => format!("{}报名参加招聘会已通过审核。", of("employer")),
            SmsKind::Rejection => {
                format!("{}报名参加招聘会未通过审核，原因：{}", of("employer"), of("reason"))
            }
        };
        format!("【{}】{body}", clean(signature, NAME_MAX))
    }
}

/// The kind only: codes, passwords and names stay out of logs.
impl fmt::Debug for SmsTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmsTemplate({})", self.kind().as_str())
    }
}

/// How many parts the text costs.
pub fn parts(text: &str) -> u32 {
    match text.encode_utf16().count() {
        0..=ONE_PART => 1,
        units => units.div_ceil(EACH_PART) as u32,
    }
}

/// One line without control characters or brackets of a signature, at most `max` characters.
fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut space = false;
    let mut count = 0;
    for c in text.chars() {
        let c = match c {
            '【' => '[',
            '】' => ']',
            // bidirectional marks could turn the line around
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                continue;
            }
            c if c.is_control() || c.is_whitespace() => ' ',
            c => c,
        };
        if c == ' ' {
            space = !out.is_empty();
            continue;
        }
        if count + 1 + usize::from(space) > max {
            // the last character makes room for the sign that something is missing
            if count >= max {
                out.pop();
            }
            out.push('…');
            break;
        }
        if space {
            out.push(' ');
            count += 1;
            space = false;
        }
        out.push(c);
        count += 1;
    }
    out
}

#[cfg(test)]
mod tests;
