//! Codes by SMS: what was issued, tried and counted lasts.

use super::*;
use crate::config::SmsConfig;
use crate::sms::Phone;
use crate::sms::verify::{CodePurpose, LIFE_MS, Limits, RESEND_MS, Seal};

fn of(phone: &str, purpose: CodePurpose) -> CodeOf {
    let phone = Phone::parse(phone).unwrap();
    CodeOf { number: seal().number(&phone), phone, purpose }
}

fn seal() -> Seal {
    Seal::new([7; 32])
}

fn ask(phone: &str, at: WallTime) -> CodeAsk {
    CodeAsk {
        of: of(phone, CodePurpose::PasswordReset),
        address: mac(9),
        limits: Limits::of(&SmsConfig::default(), "192.0.2.1".parse().unwrap()),
        now: at,
        random: 42_137_u64.to_le_bytes(),
    }
}

const LIN: &str = "13800138000";

pub async fn a_code_lasts_opens_once_and_counts_its_tries(harness: impl Harness) {
    let stores = harness.stores();
    let code = stores.codes.issue_code(ask(LIN, NOW), &seal()).await.unwrap().unwrap();
    let soon = stores.codes.issue_code(ask(LIN, NOW.after(1)), &seal()).await.unwrap().unwrap_err();
    assert_eq!((soon.code, soon.retry_after_ms), (ProblemCode::SmsTooSoon, Some(RESEND_MS - 1)));
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    let tried = |phone: &'static str, purpose: CodePurpose, typed: String, at: WallTime| {
        let codes = stores.codes.clone();
        async move {
            codes.verify_code(of(phone, purpose), &typed, at, &seal()).await.unwrap().map_err(|p| p.code)
        }
    };
    let (reset, right) = (CodePurpose::PasswordReset, code.as_str().to_owned());
    // of another number or for another purpose there is none
    let expired = Err(ProblemCode::SmsCodeExpired);
    assert_eq!(tried("13900139000", reset, right.clone(), NOW).await, expired);
    assert_eq!(tried(LIN, CodePurpose::SignIn, right.clone(), NOW).await, expired);
    assert_eq!(tried(LIN, reset, "999999".into(), NOW).await, Err(ProblemCode::SmsCodeWrong));
    assert_eq!(tried(LIN, reset, right.clone(), NOW).await, Ok(()));
    assert_eq!(tried(LIN, reset, right.clone(), NOW).await, expired);
    // five wrong tries, each kept
    let again = NOW.after(RESEND_MS as i64);
    stores.codes.issue_code(ask(LIN, again), &seal()).await.unwrap().unwrap();
    for _ in 0..4 {
        assert_eq!(tried(LIN, reset, "999999".into(), again).await, Err(ProblemCode::SmsCodeWrong));
    }
    assert_eq!(tried(LIN, reset, "999999".into(), again).await, Err(ProblemCode::SmsTriesUsed));
    assert_eq!(tried(LIN, reset, right.clone(), again).await, Err(ProblemCode::SmsTriesUsed));
    // one that was not sent opens nothing and does not hold up the next
    let third = again.after(RESEND_MS as i64);
    stores.codes.issue_code(ask(LIN, third), &seal()).await.unwrap().unwrap();
    stores.codes.take_code_back(ask(LIN, third)).await.unwrap();
    assert_eq!(tried(LIN, reset, right.clone(), third).await, expired);
    stores.codes.issue_code(ask(LIN, third), &seal()).await.unwrap().unwrap();
    assert_eq!(tried(LIN, reset, right, third.after(LIFE_MS as i64)).await, expired);
}

pub async fn codes_are_limited_by_number_and_address(harness: impl Harness) {
    let stores = harness.stores();
    let mut given = 0;
    let mut at = NOW;
    let limit = loop {
        match stores.codes.issue_code(ask(LIN, at), &seal()).await.unwrap() {
            Ok(_) => given += 1,
            Err(problem) => break problem,
        }
        at = at.after(RESEND_MS as i64);
    };
    assert_eq!((given, limit.code), (SmsConfig::default().codes_per_number_hour, ProblemCode::SmsLimit));
    // of this address, over all numbers
    let mut others = 0;
    for n in 0..100 {
        let phone = format!("139001390{n:02}");
        others += u32::from(stores.codes.issue_code(ask(&phone, at), &seal()).await.unwrap().is_ok());
    }
    assert_eq!(given + others, SmsConfig::default().codes_per_address_hour);
    // tidying forgets nothing that still decides
    assert_eq!(stores.codes.tidy_codes(at).await.unwrap(), 0);
    assert!(stores.codes.issue_code(ask(LIN, at), &seal()).await.unwrap().is_err());
    assert!(stores.codes.tidy_codes(at.after(4 * 24 * 60 * MINUTE)).await.unwrap() > 20);
}

/// Guesses at the same moment do not slip past the five tries.
pub async fn of_many_guesses_together_five_are_tried(harness: impl Harness) {
    let stores = harness.stores();
    let code = stores.codes.issue_code(ask(LIN, NOW), &seal()).await.unwrap().unwrap();
    let guesses =
        (0..50).map(|n| {
            let codes = stores.codes.clone();
            let wrong = format!("{:06}", 500_000 + n);
            async move {
                codes.verify_code(of(LIN, CodePurpose::PasswordReset), &wrong, NOW, &seal()).await.unwrap()
            }
        });
    let answers = futures_util::future::join_all(guesses).await;
    let wrong = answers.iter().filter(|a| a.as_ref().unwrap_err().code == ProblemCode::SmsCodeWrong).count();
    assert_eq!(wrong, 4);
    let late = of(LIN, CodePurpose::PasswordReset);
    let late = stores.codes.verify_code(late, code.as_str(), NOW, &seal()).await.unwrap();
    assert_eq!(late.unwrap_err().code, ProblemCode::SmsTriesUsed);
}
