//! Conversations, applications and invitations on the wire.

use super::{text, u};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::*;
use proptest::prelude::*;

const CONVERSATION: u128 = 30;

fn conversation() -> ConversationId {
    ConversationId(u(CONVERSATION))
}

fn invitation() -> InvitationId {
    InvitationId(u(31))
}

pub fn attachment() -> AttachmentResume {
    AttachmentResume {
        object: ObjectId(u(21)), name: "林晓-简历.pdf".into(), size: 81_920, at: WallTime(7)
    }
}

fn terms() -> InvitationTerms {
    InvitationTerms {
        starts: WallTime(1_795_510_000_000),
        minutes: 30,
        note: "请带作品".into(),
        round: Some(RoundId(u(1))),
    }
}

fn sayings() -> Vec<Saying> {
    vec![
        Saying::Text { text: "您好，请问还招人吗？\u{1F642}".into() },
        Saying::Image { object: ObjectId(u(22)), width: 1_280, height: 960 },
        Saying::File { object: ObjectId(u(23)), name: "作品.pdf".into(), size: 1_024 },
    ]
}

pub fn talk_commands() -> Vec<TalkCommand> {
    let invitation = invitation();
    let mut all: Vec<TalkCommand> = sayings().into_iter().map(|saying| TalkCommand::Say { saying }).collect();
    all.extend([
        TalkCommand::Mark { mark: Mark::Shortlisted },
        TalkCommand::Invite { invitation, terms: terms() },
        TalkCommand::Amend {
            invitation,
            revision: 1,
            terms: InvitationTerms { round: None, note: String::new(), ..terms() },
        },
        TalkCommand::Withdraw { invitation, reason: "名额已满".into() },
        TalkCommand::Accept { invitation, revision: 2 },
        TalkCommand::Decline { invitation, revision: 2, reason: String::new() },
        TalkCommand::AskToMove {
            invitation,
            revision: 2,
            note: "上午有课".into(),
            times: vec![WallTime(1_795_520_000_000)],
        },
        TalkCommand::Block { on: true },
    ]);
    all
}

pub fn changes() -> Vec<Change> {
    let apply =
        |resume| Change::Apply { application: ApplicationId(u(32)), position: PositionId(u(33)), resume };
    let mut all: Vec<Change> = talk_commands()
        .into_iter()
        .map(|command| Change::Talk { conversation: conversation(), command })
        .collect();
    all.extend([
        apply(ResumeChoice::Online),
        apply(ResumeChoice::Attachment { object: ObjectId(u(21)) }),
        Change::Follow { fair: FairId(u(34)), on: true },
    ]);
    all
}

pub fn client_frames() -> Vec<ClientFrame> {
    vec![
        ClientFrame::Inbox { since: None },
        ClientFrame::Inbox { since: Some(41) },
        ClientFrame::Seen { conversation: conversation(), seen: Seen { delivered: 9, read: 7 } },
        ClientFrame::Typing { conversation: conversation() },
    ]
}

fn entry(seq: u64, from: Side, body: EntryBody) -> Entry {
    let by = match from {
        Side::Candidate => String::new(),
        Side::Recruiter => "王敏".into(),
    };
    Entry { seq, id: ChangeId(u(40 + u128::from(seq))), from, by, at: WallTime(10), body }
}

pub fn entries() -> Vec<Entry> {
    let moved = |to| EntryBody::InvitationMoved { invitation: invitation(), to };
    let mut bodies =
        vec![EntryBody::Applied { application: ApplicationId(u(32)), position: "前端开发".into() }];
    bodies.extend(sayings().into_iter().map(EntryBody::from));
    bodies.extend([
        EntryBody::Invited { invitation: invitation() },
        moved(InvitationStatus::Sent),
        moved(InvitationStatus::Accepted),
        moved(InvitationStatus::Declined { reason: "时间冲突".into() }),
        moved(InvitationStatus::MoveAsked { note: "上午有课".into(), times: vec![WallTime(11)] }),
        moved(InvitationStatus::Withdrawn { reason: String::new() }),
        moved(InvitationStatus::Expired),
    ]);
    let sides = [Side::Candidate, Side::Recruiter];
    bodies
        .into_iter()
        .zip(1..)
        .zip(sides.iter().cycle())
        .map(|((body, seq), from)| entry(seq, *from, body))
        .collect()
}

pub fn head() -> TalkHead {
    TalkHead {
        id: conversation(),
        pos: 42,
        side: Side::Recruiter,
        fair: Some(FairId(u(34))),
        fair_title: "2026届毕业生网络招聘会".into(),
        employer: EmployerId(u(8)),
        employer_name: "青禾科技有限公司".into(),
        candidate: CandidateId(u(2)),
        candidate_name: "林晓".into(),
        candidate_line: "东湖大学 · 软件工程".into(),
        last_seq: 4,
        last: entries().into_iter().next(),
        candidate_seen: Seen { delivered: 4, read: 3 },
        recruiter_seen: Seen { delivered: 4, read: 1 },
        unread: 3,
        mark: Mark::Qualified,
        applications: vec![ApplicationCard {
            id: ApplicationId(u(32)),
            position: PositionId(u(33)),
            title: "前端开发".into(),
            at: WallTime(9),
            attachment: Some(attachment()),
        }],
        invitations: vec![InvitationCard {
            id: invitation(),
            conversation: conversation(),
            revision: 2,
            terms: terms(),
            round: RoundId(u(1)),
            round_name: "软件类岗位面谈".into(),
            employer_name: "青禾科技有限公司".into(),
            with_password: false,
            status: InvitationStatus::Declined { reason: "时间冲突".into() },
            sent: WallTime(9),
        }],
        blocked: false,
    }
}

pub fn server_frames() -> Vec<ServerFrame> {
    let mut frames: Vec<ServerFrame> = entries()
        .into_iter()
        .map(|entry| ServerFrame::Entry { conversation: conversation(), pos: 40 + entry.seq, entry })
        .collect();
    frames.extend([
        ServerFrame::Head(Box::new(head())),
        ServerFrame::Seen {
            conversation: conversation(),
            pos: 50,
            side: Side::Candidate,
            seen: Seen { delivered: 9, read: 9 },
        },
        ServerFrame::Typing { conversation: conversation(), side: Side::Recruiter },
        ServerFrame::Inbox { pos: 50 },
    ]);
    frames
}

pub fn any_change() -> impl Strategy<Value = ClientFrame> {
    let say = (super::id(), super::id(), text()).prop_map(|(a, b, text)| ClientFrame::Change {
        id: ChangeId(a),
        change: Change::Talk {
            conversation: ConversationId(b),
            command: TalkCommand::Say { saying: Saying::Text { text } },
        },
    });
    let ask = (super::id(), any::<u32>(), text(), prop::collection::vec(super::wall(), 0..4)).prop_map(
        |(a, revision, note, times)| ClientFrame::Change {
            id: ChangeId(a),
            change: Change::Talk {
                conversation: conversation(),
                command: TalkCommand::AskToMove { invitation: invitation(), revision, note, times },
            },
        },
    );
    let sample =
        prop::sample::select(changes()).prop_map(|change| ClientFrame::Change { id: ChangeId(u(3)), change });
    prop_oneof![say, ask, sample]
}
