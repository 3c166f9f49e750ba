//! Codes by SMS, as handlers send and check them.

use crate::secrets;
use crate::sms::verify::{CodePurpose, LIFE_MINUTES, LIFE_MS, Limits, RESEND_MS, Seal};
use crate::sms::{Phone, SmsMessage, SmsTemplate};
use crate::state::AppState;
use crate::store::{CodeAsk, CodeOf};
use miantan_domain::ids::TicketId;
use miantan_domain::wire::rest::CodeSent;
use miantan_domain::wire::{Problem, ProblemCode};
use std::net::IpAddr;

fn seal(state: &AppState) -> Seal {
    Seal::new(state.secrets.sms_key())
}

fn of(state: &AppState, purpose: CodePurpose, phone: &Phone) -> CodeOf {
    CodeOf { number: seal(state).number(phone), phone: phone.clone(), purpose }
}

/// What is answered when a code is on its way. `masked`: as the person may see the number.
pub(crate) fn sent(masked: String) -> CodeSent {
    CodeSent { masked, again_after_ms: RESEND_MS, valid_ms: LIFE_MS }
}

/// Issues a code and sends it; within some seconds, whatever the provider does.
///
/// # Errors
/// `sms_too_soon`, `sms_limit`, `sms_failed` (then the code opens nothing, and another may be asked for at once).
pub(crate) async fn send(
    state: &AppState,
    purpose: CodePurpose,
    phone: &Phone,
    address: IpAddr,
) -> Result<CodeSent, Problem> {
    send_for(state, purpose, phone, None, address).await
}

/// As [`send`]: a code that proves the number on file for one interview, and opens no other.
pub(crate) async fn send_identity(
    state: &AppState,
    phone: &Phone,
    ticket: TicketId,
    address: IpAddr,
) -> Result<CodeSent, Problem> {
    send_for(state, CodePurpose::Identity, phone, Some(ticket), address).await
}

async fn send_for(
    state: &AppState,
    purpose: CodePurpose,
    phone: &Phone,
    ticket: Option<TicketId>,
    address: IpAddr,
) -> Result<CodeSent, Problem> {
    let ask = CodeAsk {
        of: of(state, purpose, phone),
        address: state.secrets.address(address),
        limits: Limits::of(&state.config.sms, address),
        now: state.clock.wall(),
        random: secrets::random(),
    };
    let code = state.stores.codes.issue_code(ask.clone(), &seal(state)).await??;
    if let Some(ticket) = ticket {
        state.stores.identity.code_sent_for(ask.of.number, ticket, ask.now).await?;
    }
    let (code, minutes) = (code.as_str().to_owned(), LIFE_MINUTES);
    let template = match purpose {
        CodePurpose::SignIn => SmsTemplate::SignInCode { code, minutes },
        CodePurpose::Identity => SmsTemplate::IdentityCode { code, minutes },
        CodePurpose::PasswordReset => SmsTemplate::PasswordReset { code, minutes },
    };
    if let Err(error) = state.sms.desk.send_now(&SmsMessage { to: phone.clone(), template }).await
        && error.nothing_sent()
    {
        state.stores.codes.take_code_back(ask).await?;
        return Err(error.into());
    }
    Ok(sent(phone.masked()))
}

/// Does the same work for an account that does not exist, in vain.
pub(crate) async fn check_nobody(state: &AppState, account: &str, typed: &str) -> Result<(), Problem> {
    // nothing is stored under a token's HMAC; any number will do
    let phone = Phone::parse("13800000000")?;
    let of = CodeOf { number: state.secrets.token(account), phone, purpose: CodePurpose::PasswordReset };
    let _nothing_opens = state.stores.codes.verify_code(of, typed, state.clock.wall(), &seal(state)).await?;
    Ok(())
}

/// Tries the code that was sent for this interview.
///
/// # Errors
/// As [`check`]; one that was sent for another interview is wrong.
pub(crate) async fn check_identity(
    state: &AppState,
    phone: &Phone,
    ticket: TicketId,
    typed: &str,
) -> Result<(), Problem> {
    if !state.stores.identity.code_was_for(seal(state).number(phone), ticket).await? {
        return Err(Problem::new(ProblemCode::SmsCodeWrong, "no code was sent for this interview"));
    }
    check(state, CodePurpose::Identity, phone, typed).await
}

/// Tries a code.
///
/// # Errors
/// `sms_code_wrong`, `sms_code_expired`, `sms_tries_used`.
pub(crate) async fn check(
    state: &AppState,
    purpose: CodePurpose,
    phone: &Phone,
    typed: &str,
) -> Result<(), Problem> {
    let of = of(state, purpose, phone);
    state.stores.codes.verify_code(of, typed, state.clock.wall(), &seal(state)).await?
}
