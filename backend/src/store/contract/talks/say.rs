//! Messages, marks, seen-marks: once, in order, told after they are kept, to nobody else.

use super::*;

pub async fn a_change_is_made_once_per_account(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    let tries = (0..20).map(|_| {
        let stores = stores.clone();
        tokio::spawn(async move { says(&stores, lin(), 1, LIN_TALK, "您好").await })
    });
    for task in tries.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), Ok(1));
    }
    assert_eq!(heard.take().len(), 1, "told once");
    // the same id from others is another change
    assert_eq!(says(&stores, wang(), 1, LIN_TALK, "请说").await, Ok(2));
    assert_eq!(says(&stores, chen(), 1, CHEN_TALK, "在吗").await, Ok(1));
    drop(stores);
    let harness = harness.restarted();
    let stores = harness.stores();
    assert_eq!(says(&stores, lin(), 1, LIN_TALK, "您好").await, Ok(1));
    assert_eq!(texts(&stores, lin().party, LIN_TALK).await, ["您好", "请说"]);
    assert_eq!(says(&stores, lin(), 2, LIN_TALK, "好的").await, Ok(3));
}

/// Many devices at once: numbers without a gap, each device's order kept, told in the order of `pos`.
pub async fn of_many_speakers_each_keeps_their_order(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    let devices = (0..8_u128).map(|device| {
        let stores = stores.clone();
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for k in 0..50_u128 {
                let by = if device % 2 == 0 { lin() } else { wang() };
                let wish = wish(LIN_TALK, text(&format!("{device} {k}")));
                answers.push(stores.talks.change(change(by, device * 1_000 + k, wish)).await.unwrap());
            }
            let mut seqs = Vec::new();
            for answer in answers {
                seqs.push(answer.await.unwrap().unwrap().unwrap());
            }
            assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
        })
    });
    for task in devices.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let kept = texts(&stores, lin().party, LIN_TALK).await;
    assert_eq!(kept.len(), 400);
    for device in 0..8 {
        let own: Vec<&String> = kept.iter().filter(|text| text.starts_with(&format!("{device} "))).collect();
        let expected: Vec<String> = (0..50).map(|k| format!("{device} {k}")).collect();
        assert_eq!(own, expected.iter().collect::<Vec<_>>());
    }
    let told: Vec<(u64, u64)> = heard
        .take()
        .into_iter()
        .map(|news| match news {
            TalkNews::Entry { pos, entry, .. } => (pos, entry.seq),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(told.is_sorted_by(|a, b| a.0 < b.0), "in the order of pos");
    assert!(told.iter().zip(1..).all(|((_, seq), n)| *seq == n), "in the order of seq");
}

pub async fn a_refused_change_leaves_nothing(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    assert_eq!(says(&stores, lin(), 1, LIN_TALK, " \n").await, Err(ProblemCode::TextEmpty));
    let long = "长".repeat(TEXT_MAX_CHARS + 1);
    assert_eq!(says(&stores, lin(), 1, LIN_TALK, &long).await, Err(ProblemCode::TextTooLong));
    let mark = |mark| TalkCommand::Mark { mark };
    assert_eq!(does(&stores, lin(), 1, LIN_TALK, mark(Mark::Qualified)).await, Err(ProblemCode::NotAllowed));
    let panellist = member_of(EMPLOYER, RECRUITER, "何明", MemberRole::Panellist);
    let marked = does(&stores, panellist.clone(), 1, LIN_TALK, mark(Mark::Qualified)).await;
    assert_eq!(marked, Err(ProblemCode::NotAllowed));
    let file = Saying::File { object: ObjectId(n(90)), name: "a.pdf".into(), size: 1 };
    let said = does(&stores, lin(), 1, LIN_TALK, TalkCommand::Say { saying: file }).await;
    assert_eq!(said, Err(ProblemCode::FileUnknown), "a file nobody uploaded");
    assert!(heard.take().is_empty());
    assert!(texts(&stores, lin().party, LIN_TALK).await.is_empty());
    // the same id may be sent again with something better
    assert_eq!(says(&stores, lin(), 1, LIN_TALK, "您好").await, Ok(1));
    assert_eq!(says(&stores, panellist, 2, LIN_TALK, "我旁听").await, Ok(2));
    // what is not text stays what it is
    let markup = "<script>alert('x')</script> & \u{202e}\0 %s ' OR 1=1 --";
    assert_eq!(says(&stores, lin(), 3, LIN_TALK, markup).await, Ok(3));
    assert_eq!(texts(&stores, wang().party, LIN_TALK).await[2], markup);
}

/// What follows a change the store could not make must not slip past it.
pub async fn a_failed_change_holds_its_lane(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    let guard = Guard::default();
    let terms = InvitationTerms { starts: NOW.after(MINUTE), minutes: 30, note: String::new(), round: None };
    let invite = TalkCommand::Invite { invitation: InvitationId(n(80)), terms };
    let wish_of = |plan| TalkWish::Command { conversation: talk(LIN_TALK), command: invite.clone(), plan };
    // without a plan no store can do it
    let broken = TalkChange { guard: guard.clone(), ..change(wang(), 1, wish_of(None)) };
    let behind =
        |number| TalkChange { guard: guard.clone(), ..change(wang(), number, wish(LIN_TALK, text("后"))) };
    let elsewhere = TalkChange { guard: guard.clone(), ..change(wang(), 4, wish(CHEN_TALK, text("别处"))) };
    let failed = stores.talks.change(broken).await.unwrap();
    let two = stores.talks.change(behind(2)).await.unwrap();
    let other = stores.talks.change(elsewhere).await.unwrap();
    assert!(failed.await.unwrap().is_err());
    assert_eq!(two.await.unwrap().unwrap().unwrap_err().code, ProblemCode::SlowDown);
    assert_eq!(other.await.unwrap().unwrap(), Ok(1));
    assert_eq!(settle(&stores, behind(3)).await, Err(ProblemCode::SlowDown));
    let mended = TalkChange { guard: guard.clone(), ..change(wang(), 1, wish_of(Some(plan(1)))) };
    assert_eq!(settle(&stores, mended).await, Ok(1));
    assert_eq!(settle(&stores, behind(2)).await, Ok(2));
    assert_eq!(settle(&stores, behind(3)).await, Ok(3));
}

pub async fn seen_only_grows_and_unread_is_counted(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    for k in 1..=5 {
        says(&stores, lin(), k, LIN_TALK, "您好").await.unwrap();
    }
    says(&stores, wang(), 6, LIN_TALK, "您好").await.unwrap();
    let (own, other) = (wang().party, lin().party);
    assert_eq!(head(&stores, own, LIN_TALK).await.unread, 5);
    assert_eq!(head(&stores, other, LIN_TALK).await.unread, 1);
    heard.take();
    let see = async |by: Talker, delivered, read| {
        let answer = stores.talks.see(by, talk(LIN_TALK), Seen { delivered, read }).await.unwrap();
        answer.await.unwrap().unwrap().unwrap()
    };
    let first = see(wang(), 4, 2).await;
    assert_eq!((first.seen, first.news), (Seen { delivered: 4, read: 2 }, true));
    assert_eq!(head(&stores, own, LIN_TALK).await.unread, 3);
    assert_eq!(heard.take().len(), 1);
    let back = see(wang(), 1, 1).await;
    assert_eq!((back.seen, back.news, back.pos), (first.seen, false, first.pos));
    assert!(heard.take().is_empty());
    // nothing is further than the last entry
    assert_eq!(see(wang(), u64::MAX, u64::MAX).await.seen, Seen { delivered: 6, read: 6 });
    assert_eq!(head(&stores, own, LIN_TALK).await.unread, 0);
    see(lin(), 0, 6).await;
    let both = head(&stores, other, LIN_TALK).await;
    assert_eq!((both.unread, both.recruiter_seen.read, both.candidate_seen.read), (0, 6, 6));
    says(&stores, wang(), 7, LIN_TALK, "还在吗").await.unwrap();
    assert_eq!(head(&stores, other, LIN_TALK).await.unread, 1);
}

pub async fn marks_have_a_history_and_are_the_employers_own(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    let candidates_pos = stores.talks.pos(lin().party).await.unwrap();
    let mark = |mark| TalkCommand::Mark { mark };
    let ho = member_of(EMPLOYER, RECRUITER, "何明", MemberRole::Recruiter);
    does(&stores, wang(), 1, LIN_TALK, mark(Mark::Shortlisted)).await.unwrap();
    does(&stores, ho, 2, LIN_TALK, mark(Mark::Qualified)).await.unwrap();
    // so already, and made already
    does(&stores, wang(), 3, LIN_TALK, mark(Mark::Qualified)).await.unwrap();
    does(&stores, wang(), 1, LIN_TALK, mark(Mark::Shortlisted)).await.unwrap();
    let marks = stores.talks.marks(EmployerId(n(EMPLOYER)), talk(LIN_TALK)).await.unwrap().unwrap();
    let names: Vec<(Mark, &str)> = marks.iter().map(|m| (m.mark, m.name.as_str())).collect();
    assert_eq!(names, [(Mark::Shortlisted, "王敏"), (Mark::Qualified, "何明")]);
    let told = heard.take();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|news| matches!(news, TalkNews::Head { side: Side::Recruiter, .. })));
    // a candidate notices nothing: no mark, no newer position
    assert_eq!(head(&stores, lin().party, LIN_TALK).await.mark, Mark::Unmarked);
    assert_eq!(stores.talks.pos(lin().party).await.unwrap(), candidates_pos);
    assert_eq!(head(&stores, wang().party, LIN_TALK).await.mark, Mark::Qualified);
}

pub async fn a_blocked_employer_says_nothing_more(harness: impl Harness) {
    let (stores, _) = talks(&harness).await;
    does(&stores, lin(), 1, LIN_TALK, TalkCommand::Block { on: true }).await.unwrap();
    assert_eq!(says(&stores, wang(), 2, LIN_TALK, "在吗").await, Err(ProblemCode::ConversationBlocked));
    assert!(head(&stores, wang().party, LIN_TALK).await.blocked);
    assert_eq!(stores.talks.parties(wang().party, talk(LIN_TALK)).await.unwrap().map(|p| p.1), Some(true));
    does(&stores, lin(), 3, LIN_TALK, TalkCommand::Block { on: false }).await.unwrap();
    assert_eq!(says(&stores, wang(), 2, LIN_TALK, "在吗").await, Ok(1));
}

/// Of others' conversations there is nothing, whatever one asks.
pub async fn others_conversations_do_not_exist(harness: impl Harness) {
    let (stores, heard) = talks(&harness).await;
    says(&stores, lin(), 1, LIN_TALK, "您好").await.unwrap();
    heard.take();
    let talks = &stores.talks;
    for stranger in [sun(), chen()] {
        assert_eq!(says(&stores, stranger.clone(), 2, LIN_TALK, "我是谁").await, Err(ProblemCode::NotFound));
        assert_eq!(says(&stores, stranger.clone(), 2, 99, "我是谁").await, Err(ProblemCode::NotFound));
        let party = stranger.party;
        let seen = talks.see(stranger.clone(), talk(LIN_TALK), Seen::default()).await.unwrap();
        assert_eq!(seen.await.unwrap().unwrap().unwrap_err().code, ProblemCode::NotFound);
        assert_eq!(talks.parties(party, talk(LIN_TALK)).await, Ok(None));
        assert_eq!(talks.head(party, talk(LIN_TALK)).await, Ok(None));
        assert_eq!(talks.entries(party, talk(LIN_TALK), Stretch::After(0), 9).await, Ok(None));
        let report = NewReport {
            id: id(3),
            person: stranger.person,
            party,
            conversation: talk(LIN_TALK),
            reason: "x".into(),
            at: NOW,
        };
        assert_eq!(talks.report(report).await, Ok(false));
        assert!(talks.heads_since(party, 0, 99).await.unwrap().iter().all(|head| head.id != talk(LIN_TALK)));
    }
    let other = EmployerId(n(OTHER_EMPLOYER));
    assert_eq!(talks.marks(other, talk(LIN_TALK)).await, Ok(None));
    assert_eq!(talks.busy(other, talk(LIN_TALK), NOW, NOW.after(MINUTE)).await, Ok(None));
    assert_eq!(talks.resume_opened(other, talk(LIN_TALK)).await, Ok(None));
    assert!(talks.reports(9).await.unwrap().is_empty());
    assert!(heard.take().is_empty());
}
