//! The app dies at a hundred moments of sending: what was on screen exists once, in order.
//!
//! A process cannot kill itself and go on, so a session is dropped instead: its tasks end where they
//! are, nothing is said and nothing more is stored.

use miantan_client::view::*;
use miantan_domain::model::Side;
use miantan_e2e::person::PATIENCE;
use miantan_e2e::{Hall, seen};

/// How often it dies.
const KILLS: usize = 110;

/// The same moments in each run (a linear congruential generator, Numerical Recipes' constants).
struct Moments(u32);

impl Moments {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) % below
    }
}

fn own_words(view: &AppView) -> Vec<(u64, String)> {
    let own = seen::items(view).iter().filter(|item| item.from == Side::Candidate);
    own.filter_map(|item| match &item.body {
        ItemBody::Text(text) => Some((item.seq, text.clone())),
        _ => None,
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_moment_the_app_dies_each_message_exists_once() {
    let hall = Hall::open().await;
    let mut lin = hall.newcomer("13900139006").await;
    let talk = lin.applies_to_the_first_employer(&hall, "林晓青").await;
    let wang = hall.recruiter_at_the_desk().await;
    wang.opens_talk(talk).await;

    let mut moments = Moments(3);
    let mut shown = Vec::new();
    let mut unseen = 0;
    for n in 0..KILLS {
        lin.opens_talk(talk).await;
        let mut view = lin.watches();
        let text = format!("第{n}条");
        lin.says(&text);
        // so many views later, or when there is nothing left to happen
        for _ in 0..moments.next(7) {
            let settled = |v: &AppView| {
                let done = |item: &TalkItem| matches!(item.state, SendState::Delivered | SendState::Read);
                seen::items(v).iter().any(|item| seen::is_text(item, &text) && done(item))
            };
            if settled(&view.borrow_and_update()) {
                break;
            }
            let changed = tokio::time::timeout(PATIENCE, view.changed()).await;
            changed.expect("something happens while a message is under way").expect("the app runs");
        }
        // and a little further into what comes next
        for _ in 0..moments.next(40) {
            tokio::task::yield_now().await;
        }
        if own_words(&lin.view()).iter().any(|(_, said)| *said == text) {
            shown.push(text);
        } else {
            unseen += 1;
        }
        lin.is_killed().await;
        lin.starts().await;
    }
    assert!(shown.len() >= 80, "most of them were on screen before the end: {}", shown.len());

    lin.opens_talk(talk).await;
    lin.says("完");
    wang.hears("完").await;
    lin.sees("nothing on its way", |v| own_words(v).iter().all(|(seq, _)| *seq > 0)).await;
    // the device shows the newest ones first; all of them are asked for
    for phone in [&**lin, &*wang] {
        while seen::conversation(&phone.view()).is_some_and(|c| c.has_older) {
            let first = seen::items(&phone.view()).first().map(|item| item.seq);
            phone.talk(miantan_client::intent::TalkIntent::Older);
            phone.sees("older ones", |v| seen::items(v).first().map(|item| item.seq) != first).await;
        }
    }
    let [mine, hers] = [lin.view(), wang.view()].map(|view| own_words(&view));
    assert_eq!(mine, hers, "the same on both sides, with the same numbers");
    let said: Vec<String> = mine.into_iter().map(|(_, text)| text).collect();
    let mut once = said.clone();
    once.dedup();
    assert_eq!(once, said);
    // those not shown before the end may be there or not; all others are, in their order
    let all: Vec<String> = (0..KILLS).map(|n| format!("第{n}条")).chain(["完".to_owned()]).collect();
    let there: Vec<String> = all.iter().filter(|text| said.contains(text)).cloned().collect();
    assert_eq!(said, there, "in order, each once");
    for text in &shown {
        assert!(said.contains(text), "{text} was on screen and is lost");
    }
    println!("{KILLS} kills, {unseen} before anything was on screen, {} messages", said.len());
}
