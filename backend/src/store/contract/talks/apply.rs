//! Applications (F4).

use super::*;

const CODER: u8 = 60;
const TESTER: u8 = 61;
const CLOSED: u8 = 62;

fn edit(title: &str, open: bool) -> PositionEdit {
    PositionEdit {
        title: title.into(),
        salary: Salary { from: 7_500, to: 8_499 },
        city: "青禾市".into(),
        openings: 1,
        description: String::new(),
        requirements: String::new(),
        open,
    }
}

/// The first employer's stand with three positions; the other employer, not let in, with one.
async fn fair(stores: &Stores, starts: WallTime) {
    let fair = FairId(n(FAIR));
    let about = FairEdit {
        title: "春季".into(),
        kind: "网络招聘会".into(),
        starts,
        ends: starts.after(600 * MINUTE),
        city: "青禾市".into(),
        district: String::new(),
        venue: String::new(),
        introduction: String::new(),
    };
    stores.fairs.put_fair(fair, about).await.unwrap();
    for employer in [EMPLOYER, OTHER_EMPLOYER] {
        assert_eq!(stores.fairs.add_exhibitor(fair, EmployerId(n(employer))).await, Ok(true));
    }
    for (employer, id, title, open) in [
        (EMPLOYER, CODER, "前端开发", true),
        (EMPLOYER, TESTER, "测试工程师", true),
        (EMPLOYER, CLOSED, "运维", false),
        (OTHER_EMPLOYER, 63, "秘书", true),
    ] {
        let position = PositionId(n(id));
        let put = stores.fairs.put_position(fair, EmployerId(n(employer)), position, edit(title, open), NOW);
        assert_eq!(put.await, Ok(true));
    }
}

fn application(by: Talker, number: u8, position: u8) -> TalkChange {
    let wish = TalkWish::Apply {
        application: ApplicationId(n(number)),
        position: PositionId(n(position)),
        resume: ResumeChoice::Online,
        fresh: ConversationId(n(number)),
    };
    change(by, u128::from(number), wish)
}

pub async fn an_application_opens_the_conversation_or_adds_to_it(harness: impl Harness) {
    let stores = filled(&harness).await;
    let heard = Arc::new(Heard::default());
    stores.talks.listen(heard.clone());
    fair(&stores, NOW).await;
    assert_eq!(settle(&stores, application(lin(), 100, CODER)).await, Ok(1));
    let told = heard.take();
    let [TalkNews::Head { head: first, .. }, TalkNews::Head { .. }, TalkNews::Entry { pos, entry, .. }] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert!(first.pos < *pos, "heard of before what is in it");
    let position = "前端开发".to_owned();
    assert_eq!(entry.body, EntryBody::Applied { application: ApplicationId(n(100)), position });
    assert_eq!(settle(&stores, application(lin(), 101, TESTER)).await, Ok(2));
    assert_eq!(settle(&stores, application(chen(), 102, CODER)).await, Ok(1));

    let list = stores.talks.list(wang().party, TalkQuery { limit: 9, ..TalkQuery::default() }).await.unwrap();
    assert_eq!(list.items.len(), 2);
    let lins = &list.items[1];
    assert_eq!((lins.id, lins.fair, lins.fair_title.as_str()), (talk(100), Some(FairId(n(FAIR))), "春季"));
    assert_eq!((lins.candidate_name.as_str(), lins.unread), ("林晓青", 2));
    let titles: Vec<&str> = lins.applications.iter().map(|card| card.title.as_str()).collect();
    assert_eq!(titles, ["测试工程师", "前端开发"]);
    assert_eq!(lins.last.as_ref().map(|entry| entry.seq), Some(2));

    let applied = stores
        .talks
        .applied(CandidateId(n(LIN)), [CODER, TESTER, CLOSED].map(|id| PositionId(n(id))).to_vec());
    assert_eq!(applied.await.unwrap(), [CODER, TESTER].map(|id| PositionId(n(id))).into());
    let mine = stores.talks.applications(CandidateId(n(LIN))).await.unwrap();
    let lines: Vec<(&str, bool)> = mine.iter().map(|line| (line.title.as_str(), line.seen)).collect();
    assert_eq!(lines, [("测试工程师", false), ("前端开发", false)]);
    let opened = stores.talks.resume_opened(EmployerId(n(EMPLOYER)), talk(100)).await;
    assert_eq!(opened, Ok(Some(CandidateId(n(LIN)))));
    assert!(stores.talks.applications(CandidateId(n(LIN))).await.unwrap().iter().all(|line| line.seen));
    assert!(!stores.talks.applications(CandidateId(n(CHEN))).await.unwrap()[0].seen);
}

pub async fn of_applications_at_once_one_is_taken(harness: impl Harness) {
    let stores = filled(&harness).await;
    fair(&stores, NOW).await;
    // from two devices, each with ids of its own
    let tries = (100..120).map(|number| {
        let stores = stores.clone();
        tokio::spawn(async move { settle(&stores, application(lin(), number, CODER)).await })
    });
    let mut taken = 0;
    for task in tries.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(_) => taken += 1,
            Err(code) => assert_eq!(code, ProblemCode::AlreadyApplied),
        }
    }
    assert_eq!(taken, 1);
    let list = stores.talks.list(lin().party, TalkQuery { limit: 9, ..TalkQuery::default() }).await.unwrap();
    assert_eq!((list.items.len(), list.counts.all), (1, 1));
    assert_eq!(list.items[0].applications.len(), 1);
}

pub async fn applications_that_cannot_be_are_refused_with_a_reason(harness: impl Harness) {
    let stores = filled(&harness).await;
    fair(&stores, NOW).await;
    for (position, code) in [
        (CLOSED, ProblemCode::PositionClosed),
        (99, ProblemCode::NotFound),
        // of an employer nobody sees
        (63, ProblemCode::NotFound),
    ] {
        assert_eq!(settle(&stores, application(lin(), 100, position)).await, Err(code), "{position}");
    }
    assert_eq!(settle(&stores, application(wang(), 100, CODER)).await, Err(ProblemCode::NotAllowed));
    let file = TalkWish::Apply {
        application: ApplicationId(n(100)),
        position: PositionId(n(CODER)),
        resume: ResumeChoice::Attachment { object: ObjectId(n(90)) },
        fresh: ConversationId(n(100)),
    };
    assert_eq!(settle(&stores, change(lin(), 100, file)).await, Err(ProblemCode::ResumeMissing));
    // after a block
    settle(&stores, application(lin(), 101, CODER)).await.unwrap();
    does(&stores, lin(), 2, 101, TalkCommand::Block { on: true }).await.unwrap();
    let blocked = settle(&stores, application(lin(), 102, TESTER)).await;
    assert_eq!(blocked, Err(ProblemCode::ConversationBlocked));
    // another's application with the same id is no reason to wait for a better day
    let taken = TalkWish::Apply {
        application: ApplicationId(n(101)),
        position: PositionId(n(CODER)),
        resume: ResumeChoice::Online,
        fresh: ConversationId(n(103)),
    };
    assert_eq!(settle(&stores, change(chen(), 103, taken)).await, Err(ProblemCode::Malformed));
    // before and after the fair
    for starts in [NOW.after(MINUTE), NOW.after(-601 * MINUTE)] {
        fair(&stores, starts).await;
        assert_eq!(settle(&stores, application(chen(), 104, CODER)).await, Err(ProblemCode::FairClosed));
    }
    assert!(stores.talks.applications(CandidateId(n(CHEN))).await.unwrap().is_empty());
}
