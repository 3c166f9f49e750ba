//! Without a network: what was written exists once, in order, on both sides, whoever is killed.

use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::model::Side;
use miantan_domain::rules::link::LinkView;
use miantan_e2e::{Hall, samples, seen};

/// What of the open conversation lin wrote, as it stands there: words as they are, a picture as its mark.
fn written(view: &AppView) -> Vec<String> {
    let own = seen::items(view).iter().filter(|item| item.from == Side::Candidate);
    own.filter_map(|item| match &item.body {
        ItemBody::Text(text) => Some(text.clone()),
        ItemBody::Image(_) => Some("[photo]".into()),
        _ => None,
    })
    .collect()
}

/// Numbers without a gap or a repetition.
fn is_in_order(view: &AppView) -> bool {
    seen::items(view).windows(2).all(|pair| pair[1].seq == pair[0].seq + 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn lin_writes_in_a_lift_is_killed_and_everything_arrives_once() {
    let mut hall = Hall::open().await;
    let mut lin = hall.newcomer("13900139003").await;
    let talk = lin.applies_to_the_first_employer(&hall, "林晓青").await;
    let wang = hall.recruiter_at_the_desk().await;
    wang.opens_talk(talk).await;
    lin.opens_talk(talk).await;
    lin.sees("live", |v| v.link == LinkView::Live).await;
    hall.moves_apart(env!("CARGO_BIN_EXE_miantan-e2e-backend")).await;
    for phone in [&**lin, &*wang] {
        phone.sees("live with the other process", |v| v.link == LinkView::Live).await;
    }

    lin.wire.cut();
    lin.sees("not live", |v| v.link != LinkView::Live).await;
    let mut expected = Vec::new();
    for n in 1..=30 {
        let text = format!("第{n}条");
        lin.says(&text);
        expected.push(text);
        if n == 15 {
            lin.talk(TalkIntent::SendImage { name: "a.jpg".into(), bytes: samples::photo().into() });
            expected.push("[photo]".into());
        }
    }
    let waits = |item: &TalkItem| item.seq == 0 && item.state == SendState::Waiting;
    let all_wait = |v: &AppView| seen::items(v).iter().filter(|item| waits(item)).count() == 31;
    let ready = |v: &AppView| {
        let thumb = |item: &TalkItem| matches!(&item.body, ItemBody::Image(p) if p.thumb.is_some());
        seen::items(v).iter().any(thumb)
    };
    lin.sees("all wait, the photo is ready", |v| all_wait(v) && ready(v)).await;
    lin.is_killed().await;
    lin.starts().await;
    lin.opens_talk(talk).await;
    lin.sees("all still wait", all_wait).await;
    assert_eq!(written(&lin.view()), expected, "as they were written");

    // the network is back; the backend dies as soon as something has arrived
    lin.wire.mend();
    wang.sees("the first ones", |v| written(v).len() >= 3).await;
    hall.is_killed_and_started();
    wang.sees("all", |v| written(v).len() >= expected.len()).await;
    let arrived = |item: &TalkItem| {
        item.from == Side::Recruiter
            || matches!(item.state, SendState::Sent | SendState::Delivered | SendState::Read)
    };
    lin.sees("all sent", |v| {
        seen::items(v).len() > expected.len()
            && seen::items(v).iter().all(|item| item.seq > 0 && arrived(item))
    })
    .await;
    // an echo that came twice would come before this
    wang.says("都收到了。");
    lin.hears("都收到了。").await;
    wang.sees("nothing on its way", |v| seen::items(v).iter().all(|item| item.seq > 0)).await;
    for view in [lin.view(), wang.view()] {
        assert_eq!(written(&view), expected);
        assert!(is_in_order(&view));
    }
}
