use super::*;
use proptest::prelude::*;

const NOW: WallTime = WallTime(1_795_000_123_456);
const MINUTE: i64 = 60_000;
const SIGN_IN: CodePurpose = CodePurpose::SignIn;
/// 042137 modulo a million.
const RANDOM: [u8; 8] = (7_000_042_137_u64).to_le_bytes();

fn seal() -> Seal {
    Seal::new([7; 32])
}

fn lin() -> Phone {
    Phone::parse("13800138000").unwrap()
}

fn limits() -> Limits {
    Limits::of(&SmsConfig::default(), "192.0.2.1".parse().unwrap())
}

fn issue_at(book: &Book, now: WallTime) -> Result<(Book, Code), Problem> {
    issue(book, &limits(), &seal(), SIGN_IN, &lin(), now, RANDOM)
}

fn fresh() -> CodeState {
    issue_at(&Book::default(), NOW).unwrap().0.state
}

fn try_at(state: &CodeState, now: WallTime, typed: &str) -> (CodeState, Result<(), ProblemCode>) {
    let (state, result) = verify(state, &seal(), SIGN_IN, &lin(), now, typed);
    (state, result.map_err(|problem| problem.code))
}

#[test]
fn the_right_code_opens_once() {
    let (book, code) = issue_at(&Book::default(), NOW).unwrap();
    assert_eq!(code.as_str(), "042137");
    let (after, opened) = try_at(&book.state, NOW.after(4 * MINUTE), "042137");
    assert_eq!(opened, Ok(()));
    assert_eq!(try_at(&after, NOW.after(4 * MINUTE), "042137").1, Err(ProblemCode::SmsCodeExpired));
    // and using it does not open the way to another before the minute is over
    let soon = issue_at(&Book { state: after, ..book }, NOW.after(MINUTE - 1)).unwrap_err();
    assert_eq!((soon.code, soon.retry_after_ms), (ProblemCode::SmsTooSoon, Some(1)));
}

#[test]
fn people_type_it_in_many_ways() {
    for typed in ["042137", " 042 137\n", "042-137", "０４２１３７"] {
        assert_eq!(try_at(&fresh(), NOW, typed).1, Ok(()), "{typed}");
    }
    // what cannot be a code costs no try
    for typed in ["", "42137", "0421370", "04213a", "042137042137", "四二一三七"] {
        let (after, result) = try_at(&fresh(), NOW, typed);
        assert_eq!(result, Err(ProblemCode::SmsCodeWrong), "{typed}");
        assert_eq!(after, fresh());
    }
}

#[test]
fn it_ends_after_five_minutes() {
    let state = fresh();
    assert_eq!(try_at(&state, NOW.after(5 * MINUTE - 1), "042137").1, Ok(()));
    assert_eq!(try_at(&state, NOW.after(5 * MINUTE), "042137").1, Err(ProblemCode::SmsCodeExpired));
    // a clock set back by a day does not give it another day
    assert_eq!(try_at(&state, NOW.after(-24 * 60 * MINUTE), "042137").1, Err(ProblemCode::SmsCodeExpired));
    assert_eq!(try_at(&CodeState::default(), NOW, "042137").1, Err(ProblemCode::SmsCodeExpired));
}

#[test]
fn five_wrong_tries_and_even_the_right_one_is_too_late() {
    let mut state = fresh();
    for wrong in 1..=4 {
        let result;
        (state, result) = try_at(&state, NOW, "999999");
        assert_eq!(result, Err(ProblemCode::SmsCodeWrong), "{wrong}");
    }
    let result;
    (state, result) = try_at(&state, NOW, "999999");
    assert_eq!(result, Err(ProblemCode::SmsTriesUsed));
    assert_eq!(try_at(&state, NOW, "042137").1, Err(ProblemCode::SmsTriesUsed));
    // a new code opens again
    let book = Book { state, ..Book::default() };
    let (book, _) = issue_at(&book, NOW.after(MINUTE)).unwrap();
    assert_eq!(try_at(&book.state, NOW.after(MINUTE), "042137").1, Ok(()));
}

#[test]
fn a_code_is_for_one_number_and_one_purpose() {
    let state = fresh();
    let other = Phone::parse("13900139000").unwrap();
    let wrong = |result: Result<(), Problem>| assert_eq!(result.unwrap_err().code, ProblemCode::SmsCodeWrong);
    wrong(verify(&state, &seal(), SIGN_IN, &other, NOW, "042137").1);
    wrong(verify(&state, &seal(), CodePurpose::PasswordReset, &lin(), NOW, "042137").1);
    wrong(verify(&state, &Seal::new([8; 32]), SIGN_IN, &lin(), NOW, "042137").1);
    assert_ne!(seal().number(&lin()), seal().number(&other));
    // what is stored does not hold it
    let stored = serde_json::to_string(&state).unwrap();
    assert!(!stored.contains("042137") && !stored.contains(lin().digits()));
    assert_eq!(serde_json::from_str::<CodeState>(&stored).unwrap(), state);
}

#[test]
fn limits_of_number_address_and_day() {
    let full = |tally: &mut Tally, n: u32| *tally = (0..n).fold(Tally::default(), |t, _| t.add(NOW));
    for (n_number, n_address, n_day, full_now) in
        [(4, 19, 19_999, false), (5, 0, 0, true), (0, 20, 0, true), (0, 0, 20_000, true)]
    {
        let mut book = Book::default();
        full(&mut book.number, n_number);
        full(&mut book.address, n_address);
        full(&mut book.everyone, n_day);
        match issue_at(&book, NOW) {
            Ok(_) => assert!(!full_now),
            Err(problem) => {
                assert!(full_now && problem.retry_after_ms.unwrap() > 0);
                assert_eq!(problem.code, ProblemCode::SmsLimit);
            }
        }
    }
    // a campus shares one address
    let campus =
        SmsConfig { shared_networks: vec!["203.0.113.0/24".parse().unwrap()], ..SmsConfig::default() };
    let hour = |address: &str| Limits::of(&campus, address.parse().unwrap()).address.hour;
    assert_eq!((hour("203.0.113.9"), hour("::ffff:203.0.113.9"), hour("192.0.2.1")), (2_000, 2_000, 20));
}

#[test]
fn a_code_that_was_not_sent_is_taken_back() {
    let mut book = Book::default();
    for _ in 0..50 {
        let (issued, _) = issue_at(&book, NOW).unwrap();
        book = take_back(&issued, NOW);
        assert_eq!(try_at(&book.state, NOW, "042137").1, Err(ProblemCode::SmsCodeExpired));
    }
    assert!(book.number.is_over(NOW) && book.address.is_over(NOW) && book.everyone.is_over(NOW));
}

#[test]
fn nothing_shows_in_debug() {
    let (book, code) = issue_at(&Book::default(), NOW).unwrap();
    let shown = format!("{code:?} {:?} {book:?}", seal());
    assert!(!shown.contains("042137") && !shown.contains("7, 7, 7"));
}

/// One thing somebody does, `wait` ms after the last.
#[derive(Debug, Clone)]
enum Step {
    Ask([u8; 8]),
    Type(u32),
    TypeTheRightOne,
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let step = prop_oneof![
        2 => any::<[u8; 8]>().prop_map(Step::Ask),
        3 => (0_u32..1_000_000).prop_map(Step::Type),
        1 => Just(Step::TypeTheRightOne),
    ];
    let wait = prop_oneof![3 => 0_i64..2_000, 2 => 0_i64..10 * MINUTE, 1 => 0_i64..600 * MINUTE];
    prop::collection::vec((wait, step), 1..120)
}

proptest! {
    /// Whatever is asked and typed: a code opens at most once, only while it lives and only with tries
    /// left; never two codes within a minute, nor more than the ceilings.
    #[test]
    fn promises_hold_under_any_script(script in steps()) {
        let (mut book, mut now) = (Book::default(), NOW);
        let mut live: Option<(String, WallTime, u32)> = None;
        let mut sent: Vec<WallTime> = Vec::new();
        for (wait, step) in script {
            now = now.after(wait);
            match step {
                Step::Ask(random) => {
                    match issue(&book, &limits(), &seal(), SIGN_IN, &lin(), now, random) {
                        Ok((after, code)) => {
                            if let Some(last) = sent.last() {
                                prop_assert!(now.since(*last) >= RESEND_MS);
                            }
                            sent.push(now);
                            live = Some((code.as_str().to_owned(), now, 0));
                            book = after;
                        }
                        Err(problem) => {
                            let wait = problem.retry_after_ms.unwrap();
                            prop_assert!(wait > 0);
                            prop_assert!(matches!(problem.code, ProblemCode::SmsTooSoon | ProblemCode::SmsLimit));
                        }
                    }
                }
                Step::Type(_) | Step::TypeTheRightOne => {
                    let right = live.as_ref().map(|(code, ..)| code.clone());
                    let typed = match step {
                        Step::Type(number) => format!("{number:06}"),
                        Step::Ask(_) | Step::TypeTheRightOne => right.clone().unwrap_or_else(|| "000000".into()),
                    };
                    let (state, result) = verify(&book.state, &seal(), SIGN_IN, &lin(), now, &typed);
                    book.state = state;
                    let should = live.as_ref().is_some_and(|(code, issued, wrong)| {
                        *code == typed && now.since(*issued) < LIFE_MS && *wrong < u32::from(TRIES)
                    });
                    prop_assert_eq!(result.is_ok(), should);
                    if should {
                        live = None;
                    } else if let Some((_, _, wrong)) = &mut live {
                        *wrong += 1;
                    }
                }
            }
            let within = |ms: u64| sent.iter().filter(|at| now.since(**at) < ms).count();
            prop_assert!(within(3_600_000) <= 5);
            prop_assert!(within(86_400_000) <= 10);
        }
    }

    #[test]
    fn every_code_has_six_digits(random in any::<[u8; 8]>()) {
        let code = Code::from_random(random);
        prop_assert!(code.as_str().len() == 6 && code.as_str().bytes().all(|b| b.is_ascii_digit()));
    }
}
