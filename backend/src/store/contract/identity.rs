//! Photos, face attempts, and what codes are for.

use super::*;

const YEAR: i64 = 365 * 24 * 60 * MINUTE;

fn photo(who: u8, bytes: u8, most: u64) -> NewPhoto {
    NewPhoto { candidate: CandidateId(n(who)), bytes: n(bytes), size: 40_000, at: NOW, most }
}

fn nonce(number: u8) -> Nonce {
    Nonce::new([number; 32])
}

fn ask(number: u8, ticket: u8, on: u8, now: WallTime) -> AttemptAsk {
    AttemptAsk {
        nonce: nonce(number),
        ticket: TicketId(n(ticket)),
        candidate: CandidateId(n(LIN)),
        device: device(on),
        device_key: [on; 32],
        models: [("detector".to_owned(), "ab".repeat(32))].into(),
        wanted: true,
        now,
        most: 3,
    }
}

fn ended(passed: Option<Assurance>, liveness: f32, at: WallTime) -> AttemptEnd {
    let doubt = liveness < 0.2;
    let reasons = if doubt { vec![FaceReason::NotLive, FaceReason::LivenessDoubt] } else { Vec::new() };
    AttemptEnd {
        passed,
        scores: FaceScores { frames: 9, cosine: 0.7, liveness, same_person: 0.8 },
        reasons,
        doubt,
        at,
    }
}

pub async fn a_session_keeps_its_devices_key(harness: impl Harness) {
    let stores = filled(&harness).await;
    let bind = Bind { invitation: InvitationId(n(LIN_INVITED)), session: session(1, 21), takeover: true };
    let Ok(Bound::Yes { session: id, .. }) = stores.accounts.bind(bind.clone()).await else { panic!() };
    let seen = stores.accounts.session(id, NOW).await.unwrap().unwrap();
    assert_eq!((seen.device_key, seen.number_proved), (Some([1; 32]), false));
    stores.identity.number_proved(id, NOW).await.unwrap();
    let without = NewSession { device_key: None, ..session(2, 21) };
    let Ok(Bound::Yes { session: other, .. }) = stores.accounts.bind(Bind { session: without, ..bind }).await
    else {
        panic!()
    };
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    let seen = stores.accounts.session(id, NOW).await.unwrap().unwrap();
    assert_eq!((seen.device_key, seen.number_proved), (Some([1; 32]), true));
    let seen = stores.accounts.session(other, NOW).await.unwrap().unwrap();
    assert_eq!((seen.device_key, seen.number_proved), (None, false));
}

pub async fn photos_are_counted_and_go_with_their_person(harness: impl Harness) {
    let stores = filled(&harness).await;
    let identity = &stores.identity;
    assert_eq!(identity.put_photo(photo(LIN, 60, 1)).await, Ok(PhotoKept::Yes { before: None }));
    assert_eq!(identity.put_photo(photo(CHEN, 61, 1)).await, Ok(PhotoKept::Full));
    assert_eq!(identity.put_photo(photo(99, 62, 9)).await, Ok(PhotoKept::Unknown));
    // another one of the same person takes no further place
    identity.photo_unusable(n(60)).await.unwrap();
    assert!(identity.photo(CandidateId(n(LIN))).await.unwrap().unwrap().unusable);
    let again = identity.put_photo(photo(LIN, 63, 1)).await;
    assert_eq!(again, Ok(PhotoKept::Yes { before: Some(n(60)) }));
    let row = identity.photo(CandidateId(n(LIN))).await.unwrap().unwrap();
    assert_eq!((row.bytes, row.size, row.unusable, row.rank), (n(63), 40_000, false, 1));
    assert_eq!(identity.put_photo(photo(CHEN, 61, 2)).await, Ok(PhotoKept::Yes { before: None }));
    assert_eq!(identity.photo(CandidateId(n(CHEN))).await.unwrap().unwrap().rank, 2);
    assert_eq!(identity.photos().await, Ok(2));
    // bytes that a photo refers to are not swept
    assert_eq!(stores.files.unknown_bytes(vec![n(61), n(63), n(70)]).await, Ok(vec![n(70)]));
    assert_eq!(identity.remove_photo(CandidateId(n(CHEN))).await, Ok(Some(n(61))));
    assert_eq!(identity.remove_photo(CandidateId(n(CHEN))).await, Ok(None));
    // whoever is erased leaves neither photo nor attempts
    identity.begin_attempt(ask(1, LIN_TICKET, 21, NOW)).await.unwrap();
    let found = FaceScores { frames: 5, cosine: 0.7, liveness: 0.9, same_person: 0.8 };
    identity.put_frames(nonce(1), FramesKept { bytes: n(64), found, at: NOW }).await.unwrap();
    let export = stores.candidates.export(CandidateId(n(LIN))).await.unwrap().unwrap();
    assert_eq!((&export["id_photo"]["size"], &export["id_photo"]["at"]), (&40_000.into(), &NOW.0.into()));
    assert_eq!(export["face_checks"][0]["state"], "open");
    let left = stores.candidates.erase(CandidateId(n(LIN)), NOW).await.unwrap();
    assert!(left.bytes.contains(&n(63)) && left.bytes.contains(&n(64)), "{:?}", left.bytes);
    assert_eq!(identity.photo(CandidateId(n(LIN))).await, Ok(None));
    assert_eq!(identity.attempts(TicketId(n(LIN_TICKET))).await, Ok(Attempts::default()));
    assert_eq!(identity.attempt(nonce(1)).await, Ok(None));
}

pub async fn of_attempts_at_once_three_are_begun(harness: impl Harness) {
    let stores = filled(&harness).await;
    let tasks: Vec<_> = (0..16_u8)
        .map(|k| {
            let identity = stores.identity.clone();
            tokio::spawn(async move { identity.begin_attempt(ask(k, LIN_TICKET, 21 + k % 2, NOW)).await })
        })
        .collect();
    let mut left = Vec::new();
    for task in tasks {
        match task.await.unwrap().unwrap() {
            AttemptBegun::Yes { left: n } => left.push(n),
            AttemptBegun::Used => {}
        }
    }
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2], "three, and each knows how many are left");
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    let again = stores.identity.begin_attempt(ask(99, LIN_TICKET, 30, NOW)).await;
    assert_eq!(again, Ok(AttemptBegun::Used), "after a restart too");
    let other = stores.identity.begin_attempt(ask(98, CHEN_TICKET, 30, NOW)).await;
    assert_eq!(other, Ok(AttemptBegun::Yes { left: 2 }), "each ticket has its own");
}

pub async fn an_attempt_is_answered_once(harness: impl Harness) {
    let stores = filled(&harness).await;
    let identity = stores.identity.clone();
    let ticket = TicketId(n(LIN_TICKET));
    identity.begin_attempt(ask(1, LIN_TICKET, 21, NOW)).await.unwrap();
    assert_eq!(identity.end_attempt(nonce(1), ended(None, 0.1, NOW.after(9))).await, Ok(true));
    let all = identity.attempts(ticket).await.unwrap();
    assert_eq!(all, Attempts { used: 1, doubt: true, passed: None });
    identity.begin_attempt(ask(2, LIN_TICKET, 21, NOW)).await.unwrap();
    // the same report by many: one counts
    let pass = ended(Some(Assurance::Device), 0.9, NOW.after(9));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (identity, pass) = (identity.clone(), pass.clone());
            tokio::spawn(async move { identity.end_attempt(nonce(2), pass).await.unwrap() })
        })
        .collect();
    let mut counted = 0;
    for task in tasks {
        counted += u32::from(task.await.unwrap());
    }
    assert_eq!(counted, 1);
    let all = identity.attempts(ticket).await.unwrap();
    assert_eq!(all, Attempts { used: 2, doubt: true, passed: Some(Assurance::Device) });
    let row = identity.attempt(nonce(2)).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.scores, row.assurance),
        (AttemptState::Passed, Some(pass.scores), pass.passed)
    );
    assert_eq!(identity.attempt(nonce(1)).await.unwrap().unwrap().reasons, ended(None, 0.1, NOW).reasons);
    assert_eq!(identity.end_attempt(nonce(9), ended(None, 0.9, NOW)).await, Ok(false));
    assert_eq!(identity.attempt(nonce(9)).await, Ok(None));
}

pub async fn attempts_nobody_answered_are_written_down(harness: impl Harness) {
    let stores = filled(&harness).await;
    let identity = &stores.identity;
    let state =
        async |number| identity.attempt(nonce(number)).await.unwrap().map(|row| (row.state, row.reasons));
    let unanswered = Some((AttemptState::Unanswered, vec![FaceReason::Unanswered]));
    identity.begin_attempt(ask(1, LIN_TICKET, 21, NOW)).await.unwrap();
    identity.begin_attempt(ask(2, LIN_TICKET, 22, NOW.after(5))).await.unwrap();
    assert_eq!(state(1).await, unanswered, "another one was begun");
    assert_eq!(state(2).await, Some((AttemptState::Open, Vec::new())));
    assert_eq!(identity.end_attempt(nonce(1), ended(None, 0.9, NOW)).await, Ok(false));
    identity.tidy_identity(NOW.after(5), WallTime(0), WallTime(0)).await.unwrap();
    assert_eq!(state(2).await.unwrap().0, AttemptState::Open);
    identity.tidy_identity(NOW.after(6), WallTime(0), WallTime(0)).await.unwrap();
    assert_eq!(state(2).await, unanswered, "its time is over");
    identity.tidy_identity(NOW, NOW.after(YEAR), WallTime(0)).await.unwrap();
    assert_eq!(state(1).await, None);
}

pub async fn frames_are_kept_for_their_time(harness: impl Harness) {
    let stores = filled(&harness).await;
    let identity = &stores.identity;
    let found = FaceScores { frames: 5, cosine: 0.7, liveness: 0.9, same_person: 0.8 };
    let kept = |bytes: u8| FramesKept { bytes: n(bytes), found, at: NOW };
    assert_eq!(identity.put_frames(nonce(1), kept(70)).await, Ok(FramesPut::Over), "no attempt");
    identity.begin_attempt(ask(1, LIN_TICKET, 21, NOW)).await.unwrap();
    assert_eq!(identity.put_frames(nonce(1), kept(70)).await, Ok(FramesPut::Yes { before: None }));
    assert_eq!(identity.put_frames(nonce(1), kept(71)).await, Ok(FramesPut::Yes { before: Some(n(70)) }));
    let row = identity.attempt(nonce(1)).await.unwrap().unwrap();
    assert_eq!((row.frames, row.found), (Some(n(71)), Some(found)));
    assert_eq!(stores.files.unknown_bytes(vec![n(70), n(71)]).await, Ok(vec![n(70)]));
    identity.end_attempt(nonce(1), ended(Some(Assurance::Verified), 0.9, NOW)).await.unwrap();
    assert_eq!(identity.put_frames(nonce(1), kept(72)).await, Ok(FramesPut::Over), "answered");
    identity.begin_attempt(AttemptAsk { wanted: false, ..ask(2, LIN_TICKET, 21, NOW) }).await.unwrap();
    assert_eq!(identity.put_frames(nonce(2), kept(73)).await, Ok(FramesPut::Over), "not wanted");
    assert_eq!(identity.forget_frames(NOW).await, Ok(Vec::new()));
    assert_eq!(identity.forget_frames(NOW.after(1)).await, Ok(vec![n(71)]));
    assert_eq!(identity.forget_frames(NOW.after(1)).await, Ok(Vec::new()), "once");
    let row = identity.attempt(nonce(1)).await.unwrap().unwrap();
    assert_eq!((row.frames, row.found), (None, Some(found)), "what was found stays");
}

pub async fn a_code_is_for_the_interview_it_was_sent_for(harness: impl Harness) {
    let stores = filled(&harness).await;
    let identity = &stores.identity;
    let (lin, chen) = (TicketId(n(LIN_TICKET)), TicketId(n(CHEN_TICKET)));
    assert_eq!(identity.code_was_for(mac(1), lin).await, Ok(false));
    identity.code_sent_for(mac(1), lin, NOW).await.unwrap();
    assert_eq!(identity.code_was_for(mac(1), lin).await, Ok(true));
    assert_eq!(identity.code_was_for(mac(1), chen).await, Ok(false));
    assert_eq!(identity.code_was_for(mac(2), lin).await, Ok(false));
    // the next one takes its place
    identity.code_sent_for(mac(1), chen, NOW.after(1)).await.unwrap();
    assert_eq!(identity.code_was_for(mac(1), lin).await, Ok(false));
    identity.tidy_identity(WallTime(0), WallTime(0), NOW.after(2)).await.unwrap();
    assert_eq!(identity.code_was_for(mac(1), chen).await, Ok(false));
}
