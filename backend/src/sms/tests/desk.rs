//! Virtual time: hours of retrying take milliseconds.

use super::*;
use crate::sms::desk::{GivenUp, URGENT_LIMIT};
use crate::sms::retry::{Attempts, GiveUp};
use miantan_domain::time::WallTime;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

const NOW: WallTime = WallTime(1_795_500_000_000);

/// Answers in order; the last one again and again. None: never.
struct Script {
    answers: Mutex<VecDeque<Option<Result<(), SmsError>>>>,
    asked: Mutex<Vec<Instant>>,
}

#[async_trait]
impl SmsSender for Script {
    async fn send(&self, message: &SmsMessage) -> Result<Receipt, SmsError> {
        self.asked.lock().unwrap().push(Instant::now());
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0] }
        };
        match answer {
            Some(answer) => answer.map(|()| Receipt { id: None, parts: parts(&message.template.text("")) }),
            None => std::future::pending().await,
        }
    }
}

fn desk(answers: &[Option<Result<(), SmsError>>]) -> (SmsDesk, Arc<Script>, Arc<Metrics>) {
    let script =
        Arc::new(Script { answers: Mutex::new(answers.iter().copied().collect()), asked: Mutex::default() });
    let metrics = Arc::new(Metrics::default());
    let sender: Arc<dyn SmsSender> = Arc::clone(&script) as _;
    (SmsDesk::new(sender, Clock::manual(NOW), Arc::clone(&metrics)), script, metrics)
}

fn counted(metrics: &Metrics, template: &str, result: &str) -> i64 {
    metrics.get("miantan_sms_total", &[("template", template), ("result", result)])
}

#[tokio::test(start_paused = true)]
async fn a_code_gets_a_second_chance() {
    let (desk, script, metrics) = desk(&[Some(Err(SmsError::Down)), Some(Ok(()))]);
    desk.send_now(&code()).await.unwrap();
    assert_eq!(script.asked.lock().unwrap().len(), 2);
    assert_eq!(counted(&metrics, "sign_in_code", "down"), 1);
    assert_eq!(counted(&metrics, "sign_in_code", "sent"), 1);
    assert_eq!(metrics.get("miantan_sms_retries_total", &[("template", "sign_in_code")]), 1);
    assert_eq!(metrics.get("miantan_sms_parts_total", &[("template", "sign_in_code")]), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_code_is_told_in_time() {
    for answers in [
        &[None][..],
        &[Some(Err(SmsError::Down)), None],
        &[Some(Err(SmsError::Down))],
        &[Some(Err(SmsError::Refused))],
        &[Some(Err(SmsError::Slower { retry_after_ms: 60_000 }))],
    ] {
        let (desk, _, metrics) = desk(answers);
        let began = Instant::now();
        assert!(desk.send_now(&code()).await.is_err());
        assert!(began.elapsed() <= URGENT_LIMIT, "{answers:?}");
        assert_eq!(counted(&metrics, "sign_in_code", "given_up"), 1);
    }
    // so many at once that even a place takes too long
    let (desk, _, _) = desk(&[None]);
    let began = Instant::now();
    let all: Vec<_> = (0..300)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move { desk.send_now(&code()).await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap(), Err(SmsError::Unanswered));
    }
    assert!(began.elapsed() <= URGENT_LIMIT + Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn invitations_never_hold_up_a_code() {
    /// Invitations hang, codes go.
    struct Stuck(watch::Sender<usize>);
    #[async_trait]
    impl SmsSender for Stuck {
        async fn send(&self, message: &SmsMessage) -> Result<Receipt, SmsError> {
            if message.template.kind().is_code() {
                return Ok(Receipt { id: None, parts: 1 });
            }
            self.0.send_modify(|count| *count += 1);
            std::future::pending().await
        }
    }
    let (counter, mut under_way) = watch::channel(0);
    let desk = SmsDesk::new(Arc::new(Stuck(counter)), Clock::manual(NOW), Arc::default());
    let bulk: Vec<_> = (0..1_000)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move { desk.attempt(&invitation()).await })
        })
        .collect();
    under_way.wait_for(|count| *count == 8).await.unwrap();
    let began = Instant::now();
    desk.send_now(&code()).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(*under_way.borrow(), 8, "a provider is not flooded");
    bulk.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_outlasts_an_outage_of_hours() {
    let mut answers = vec![Some(Err(SmsError::Down)); 14];
    answers.extend([Some(Err(SmsError::Slower { retry_after_ms: 600_000 })), None, Some(Ok(()))]);
    let (desk, script, metrics) = desk(&answers);
    desk.drive(&invitation(), Attempts::none(NOW)).await.unwrap();
    let asked = script.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 17);
    assert!(asked[16] - asked[0] > Duration::from_hours(2));
    assert!(asked[15] - asked[14] >= Duration::from_mins(10));
    assert_eq!(counted(&metrics, "invitation", "unanswered"), 1);
    assert_eq!(counted(&metrics, "invitation", "sent"), 1);
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_at_last_and_at_once_when_refused() {
    let (desk, _, metrics) = desk(&[Some(Err(SmsError::Down))]);
    let given_up = desk.drive(&invitation(), Attempts::none(NOW)).await.unwrap_err();
    assert_eq!(given_up, GivenUp { why: GiveUp::TooLate, last: SmsError::Down });
    assert_eq!(counted(&metrics, "invitation", "given_up"), 1);
    // what was tried before a restart counts
    let (desk, script, _) = self::desk(&[Some(Err(SmsError::Down))]);
    let before = Attempts { made: 39, since: NOW.after(-1_000) };
    assert_eq!(desk.drive(&invitation(), before).await.unwrap_err().why, GiveUp::TriesUsed);
    assert_eq!(script.asked.lock().unwrap().len(), 1);
    let (desk, script, _) = self::desk(&[Some(Err(SmsError::Refused))]);
    assert_eq!(desk.drive(&invitation(), Attempts::none(NOW)).await.unwrap_err().why, GiveUp::Refused);
    assert_eq!(script.asked.lock().unwrap().len(), 1);
}
