//! Conversations over REST: what each side may read, and that of others there is nothing.

use super::*;
use crate::store::{Guard, OpenTalk, Parties, TalkChange, TalkWish, Talker, Who};
use crate::talk;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::live::TalkCommand;
use miantan_domain::wire::rest::*;

/// Somebody signed in, with the device they sit at.
struct Person<'a> {
    device: Device<'a>,
    token: String,
    me: Me,
    talker: Talker,
}

impl<'a> Person<'a> {
    async fn new(organiser: &'a Organiser, device: Device<'a>, signed_in: SignedIn) -> Self {
        let mac = organiser.state.secrets.token(&signed_in.token);
        let session = organiser.state.stores.accounts.session_by_token(&mac, organiser.clock.wall()).await;
        let who: Who = session.unwrap().unwrap().who;
        let talker = talk::talker(&who).unwrap();
        Self { device, token: signed_in.token, me: signed_in.me, talker }
    }

    async fn get(&self, path: &str) -> Answer {
        self.device.get(&format!("/api/v1{path}"), Some(&self.token)).await
    }

    async fn does(&self, conversation: ConversationId, command: TalkCommand) -> u64 {
        let state = &self.device.organiser.state;
        let plan = talk::plan(state, &command);
        let change = TalkChange {
            by: self.talker.clone(),
            id: talk::fresh_change(state),
            at: state.clock.wall(),
            wish: TalkWish::Command { conversation, command, plan },
            guard: Guard::default(),
        };
        state.stores.talks.change(change).await.unwrap().await.unwrap().unwrap().unwrap()
    }

    async fn says(&self, conversation: ConversationId, text: &str) -> u64 {
        self.does(conversation, TalkCommand::Say { saying: Saying::Text { text: text.into() } }).await
    }
}

async fn candidate(organiser: &Organiser, nth: usize) -> Person<'_> {
    let device = organiser.device();
    let signed_in = device.join(&organiser.seeded.candidates[nth]).await;
    Person::new(organiser, device, signed_in).await
}

async fn member(organiser: &Organiser, nth: usize) -> Person<'_> {
    let device = organiser.device();
    let signed_in = device.sign_in(&organiser.seeded.employers[nth]).await;
    Person::new(organiser, device, signed_in).await
}

async fn conversation(member: &Person<'_>, candidate: &Person<'_>) -> ConversationId {
    let state = &member.device.organiser.state;
    let (Me::Member { employer, .. }, Me::Candidate { candidate, .. }) = (&member.me, &candidate.me) else {
        panic!("one of each")
    };
    let parties = Parties { employer: *employer, candidate: *candidate };
    let fresh = talk::fresh_conversation(state);
    state.stores.talks.open(OpenTalk { fresh, parties, fair: None, at: NOW }).await.unwrap().unwrap()
}

#[tokio::test]
async fn both_sides_read_their_conversation() {
    let organiser = Organiser::open().await;
    let (wang, lin) = (member(&organiser, 0).await, candidate(&organiser, 0).await);
    let talk = conversation(&wang, &lin).await;
    for k in 1..=5 {
        lin.says(talk, &format!("{k}")).await;
    }
    wang.does(talk, TalkCommand::Mark { mark: Mark::Shortlisted }).await;

    let page: TalkPage = wang.get("/talks?mark=shortlisted&unread=true&q=").await.json();
    assert_eq!((page.items.len(), page.counts.all, page.counts.shortlisted), (1, 1, 1));
    assert_eq!(page.items[0].unread, 5);
    let name = page.items[0].candidate_name.clone();
    let found: TalkPage = wang.get(&format!("/talks?q={}", url(&name))).await.json();
    assert_eq!(found.items.len(), 1);
    let none: TalkPage = wang.get("/talks?mark=eliminated").await.json();
    assert_eq!((none.items.len(), none.counts.all), (0, 1));

    let head: TalkHead = lin.get(&format!("/talks/{talk}")).await.json();
    assert_eq!((head.side, head.mark, head.last_seq), (Side::Candidate, Mark::Unmarked, 5));
    let seqs = async |query: &str| {
        let entries: Vec<Entry> = lin.get(&format!("/talks/{talk}/entries{query}")).await.json();
        entries.into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs("").await, [1, 2, 3, 4, 5]);
    assert_eq!(seqs("?after=3").await, [4, 5]);
    assert_eq!(seqs("?before=4&limit=2").await, [2, 3]);
    let marks: Vec<MarkChange> = wang.get(&format!("/talks/{talk}/marks")).await.json();
    assert_eq!(marks.len(), 1);
    assert_eq!(lin.get(&format!("/talks/{talk}/marks")).await.code(), ProblemCode::NotAllowed);
    let mine: Vec<MyApplication> = lin.get("/me/applications").await.json();
    assert!(mine.is_empty());
    assert_eq!(wang.get("/me/applications").await.code(), ProblemCode::NotAllowed);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let organiser = Organiser::open().await;
    let wang = member(&organiser, 0).await;
    for nth in 0..5 {
        let other = candidate(&organiser, nth).await;
        let talk = conversation(&wang, &other).await;
        other.says(talk, "您好").await;
    }
    let (mut found, mut path): (Vec<u64>, String) = (Vec::new(), "/talks?limit=2".into());
    loop {
        let page: TalkPage = wang.get(&path).await.json();
        assert_eq!(page.counts.all, 5);
        found.extend(page.items.iter().map(|head| head.pos));
        let Some(next) = page.next else { break };
        path = format!("/talks?limit=2&cursor={next}");
    }
    assert_eq!(found.len(), 5);
    assert!(found.is_sorted_by(|a, b| a > b));
}

#[tokio::test]
async fn an_invitation_is_a_calendar_file_with_the_code_for_the_candidate_only() {
    let organiser = Organiser::open().await;
    let (wang, lin) = (member(&organiser, 0).await, candidate(&organiser, 0).await);
    let talk = conversation(&wang, &lin).await;
    let invitation = InvitationId::from_parts(1, &secrets::random());
    let starts = NOW.after(26 * 3_600_000);
    let terms =
        InvitationTerms { starts, minutes: 45, note: "带作品; 第一行\n第二行".into(), round: None };
    wang.does(talk, TalkCommand::Invite { invitation, terms }).await;
    let path = format!("/talks/{talk}/invitations/{invitation}.ics");
    let (his, hers) = (lin.get(&path).await, wang.get(&path).await);
    let text = |answer: &Answer| String::from_utf8(answer.body.clone()).unwrap().replace("\r\n ", "");
    let code = organiser.state.secrets.invitation_code(invitation, 0);
    assert_eq!(his.kind, crate::calendar::CONTENT_TYPE);
    assert!(text(&his).contains(code.as_str()) && !text(&hers).contains(code.as_str()));
    assert!(text(&his).contains("DTSTART:") && text(&his).contains("STATUS:CONFIRMED"));
    let read: icalendar::Calendar = text(&his).parse().unwrap();
    assert_eq!(read.components.len(), 1);

    let decline = TalkCommand::Decline { invitation, revision: 1, reason: String::new() };
    lin.does(talk, decline).await;
    assert!(text(&lin.get(&path).await).contains("STATUS:CANCELLED"));
    let mine: Vec<InvitationCard> = lin.get("/me/interviews").await.json();
    assert_eq!(mine.iter().map(|card| card.id).collect::<Vec<_>>(), [invitation]);
    let chen = candidate(&organiser, 1).await;
    assert_eq!(chen.get(&path).await.code(), ProblemCode::NotFound);
}

#[tokio::test]
async fn of_others_there_is_nothing_and_it_is_written_down() {
    let organiser = Organiser::open().await;
    let (wang, lin) = (member(&organiser, 0).await, candidate(&organiser, 0).await);
    let talk = conversation(&wang, &lin).await;
    let chen = candidate(&organiser, 1).await;
    let other =
        organiser.seeded.employers.iter().position(|line| line.uscc != organiser.seeded.employers[0].uscc);
    let sun = member(&organiser, other.unwrap()).await;
    let nobodys = talk::fresh_conversation(&organiser.state);
    for stranger in [&chen, &sun] {
        for conversation in [talk, nobodys] {
            for part in ["", "/entries", "/invitations/x.ics"] {
                let answer = stranger.get(&format!("/talks/{conversation}{part}")).await;
                assert_eq!(answer.code(), ProblemCode::NotFound, "{part}");
            }
            let body = json!({ "id": ChangeId(nobodys.0), "conversation": conversation, "reason": "x" });
            let report =
                stranger.device.send("POST", "/api/v1/reports", Some(&stranger.token), body.to_string());
            assert_eq!(report.await.code(), ProblemCode::NotFound);
        }
    }
    for part in ["/marks", "/busy?from=1&to=2"] {
        assert_eq!(sun.get(&format!("/talks/{talk}{part}")).await.code(), ProblemCode::NotFound);
    }
    let rows = organiser.state.stores.accounts.refusals(WallTime(0), 99).await.unwrap();
    let sums: u64 = rows.iter().filter(|row| row.action.starts_with("talks/")).map(|row| row.count).sum();
    assert_eq!(sums, 14);
}

#[tokio::test]
async fn what_cannot_be_asked_is_malformed() {
    let organiser = Organiser::open().await;
    let (wang, lin) = (member(&organiser, 0).await, candidate(&organiser, 0).await);
    let talk = conversation(&wang, &lin).await;
    for path in [
        "/talks?mark=great".to_owned(),
        "/talks?unread=1".into(),
        "/talks?limit=x".into(),
        "/talks?cursor=x".into(),
        "/talks?position=x".into(),
        format!("/talks?q={}", "x".repeat(500)),
        format!("/talks/{talk}/entries?after=1&before=2"),
        format!("/talks/{talk}/entries?after=-1"),
        format!("/talks/{talk}/busy"),
        format!("/talks/{talk}/busy?from=2&to=1"),
        format!("/talks/{talk}/busy?from=0&to=99999999999999"),
    ] {
        assert_eq!(wang.get(&path).await.code(), ProblemCode::Malformed, "{path}");
    }
    for path in ["/talks", "/me/interviews", "/talks/x"] {
        let answer = wang.device.get(&format!("/api/v1{path}"), None).await;
        assert_eq!(answer.code(), ProblemCode::NotSignedIn);
    }
    let busy: Vec<Busy> = wang.get(&format!("/talks/{talk}/busy?from=1&to=2")).await.json();
    assert!(busy.is_empty());
}

#[tokio::test]
async fn a_report_reaches_the_organiser() {
    let organiser = Organiser::open().await;
    let (wang, lin) = (member(&organiser, 0).await, candidate(&organiser, 0).await);
    let talk = conversation(&wang, &lin).await;
    let report = async |reason: &str| {
        let body = json!({ "id": ChangeId(talk.0), "conversation": talk, "reason": reason });
        lin.device.send("POST", "/api/v1/reports", Some(&lin.token), body.to_string()).await
    };
    assert_eq!(report(" ").await.code(), ProblemCode::TextEmpty);
    assert_eq!(report(&"x".repeat(2_001)).await.code(), ProblemCode::TextTooLong);
    for _ in 0..2 {
        assert_eq!(report("索要押金").await.status, StatusCode::NO_CONTENT);
    }
    let lines = organiser.state.stores.talks.reports(9).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].by, lines[0].reason.as_str()), (Side::Candidate, "索要押金"));
}

/// Percent-encodes a search text.
fn url(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
