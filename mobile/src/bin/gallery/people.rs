//! A recruiter's side of the gallery: a queue full of invented people, a sheet, two rounds.

use crate::fixtures::{MINUTE, WALL, base, bytes, notes, round, ticket_id};
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::{CallMark, RoundState, Ticket, TicketStatus};
use miantan_domain::wire::live::Announced;
use miantan_domain::wire::rest::{CandidateSheet, RoundSummary};
use std::collections::BTreeMap;
use std::sync::Arc;

const PEOPLE: [(&str, &str, &str, Presence, i64); 6] = [
    ("陈思远", "江南大学 · 计算机科学与技术", "后端开发工程师", Presence::Ready, 41),
    ("林晓", "江南大学 · 软件工程", "前端开发工程师", Presence::Ready, 23),
    ("欧阳明月", "苏州大学 · 信息管理", "产品助理", Presence::OnPhoneCall, 22),
    ("周子墨", "东南大学 · 人工智能", "算法工程师", Presence::Online, 15),
    ("何雨桐", "无锡学院 · 数字媒体", "UI 设计师", Presence::Offline, 12),
    ("Amina Yusuf", "浙江大学 · 数据科学", "数据分析师", Presence::Ready, 4),
];

fn tickets() -> BTreeMap<TicketId, Ticket> {
    let passed = |step| (step, StepOutcome::Passed);
    let mut all = BTreeMap::new();
    for (n, (name, headline, position, _, since)) in PEOPLE.iter().enumerate() {
        let id = ticket_id(n as u8 + 3);
        let checked = match n {
            3 => vec![passed(CheckInStep::Identity)],
            2 => vec![
                passed(CheckInStep::Speaker),
                (CheckInStep::Microphone, StepOutcome::Cannot),
                passed(CheckInStep::Camera),
                (CheckInStep::Network, StepOutcome::Cannot),
            ],
            _ => vec![
                passed(CheckInStep::Identity),
                passed(CheckInStep::Speaker),
                passed(CheckInStep::Microphone),
                passed(CheckInStep::Camera),
                passed(CheckInStep::Network),
            ],
        };
        let status = match n {
            0 => TicketStatus::InCall { call: CallId::from_parts(1, &bytes(9)), stage: CallMark::Connected },
            4 => TicketStatus::Skipped { until: WALL.after(6 * MINUTE) },
            _ => TicketStatus::Waiting,
        };
        let mark = |assurance, doubt| Some(IdentityMark { assurance, doubt, at: WALL.after(-30 * MINUTE) });
        let (identity, network) = match n {
            2 => (None, Some(NetworkVerdict::SoundOnly)),
            3 => (mark(Assurance::Sms, true), None),
            4 => (mark(Assurance::Sms, false), Some(NetworkVerdict::NoUdp)),
            _ => (mark(Assurance::Verified, false), Some(NetworkVerdict::Good)),
        };
        let made = ticket(id, n as u32 + 6, name, headline, position, *since, status, checked, None);
        all.insert(id, Ticket { identity, network, ..made });
    }
    for (n, (name, outcome, told)) in [
        ("赵一帆", Some(Outcome::Suitable), true),
        ("孙佳怡", Some(Outcome::Unsuitable), false),
        ("吴昊", Some(Outcome::Pending), false),
        ("郑心语", None, false),
        ("冯若谷", Some(Outcome::Suitable), false),
    ]
    .into_iter()
    .enumerate()
    {
        let id = ticket_id(n as u8 + 30);
        let mut done = ticket(
            id,
            n as u32 + 1,
            name,
            "南京大学 · 软件工程",
            "后端开发工程师",
            80,
            TicketStatus::Interviewed,
            vec![],
            outcome,
        );
        if told {
            done.announced = Some(Announced { outcome: Outcome::Suitable, at: WALL, confirmation: None });
        }
        all.insert(id, done);
    }
    all
}

#[expect(clippy::too_many_arguments, reason = "a table's row")]
fn ticket(
    id: TicketId,
    number: u32,
    name: &str,
    headline: &str,
    position: &str,
    since: i64,
    status: TicketStatus,
    checked: Vec<(CheckInStep, StepOutcome)>,
    outcome: Option<Outcome>,
) -> Ticket {
    Ticket {
        id,
        card: CandidateCard {
            id: CandidateId::from_parts(1, &bytes(number as u8)),
            name: name.into(),
            headline: headline.into(),
            position: position.into(),
        },
        number,
        appointed: None,
        lap: 0,
        taken: WALL.after(-since * MINUTE),
        checked,
        identity: None,
        network: None,
        status,
        last_call: None,
        talked_ms: 0,
        outcome,
        announced: None,
        notes: if number == 7 { notes() } else { Vec::new() },
    }
}

pub fn queue(stage: Stage) -> QueueView {
    let presence = PEOPLE.iter().enumerate().map(|(n, person)| (ticket_id(n as u8 + 3), person.3)).collect();
    QueueView {
        round: round().id,
        live: true,
        state: Arc::new(RoundState {
            info: RoundInfo { identity: IdentityRule::FaceOrSms, ..round() },
            seq: 40,
            stage,
            tickets: tickets(),
            notices: Vec::new(),
        }),
        presence: Arc::new(presence),
        next: Some(ticket_id(4)),
    }
}

pub fn recruiter(queue: Option<QueueView>) -> AppView {
    let mut other = round();
    other.id = RoundId::from_parts(1, &bytes(2));
    other.name = "产品与设计岗面试".into();
    other.starts = WALL.after(240 * MINUTE);
    other.ends = WALL.after(360 * MINUTE);
    let rounds = vec![
        RoundSummary { round: round(), stage: Stage::Interview, waiting: 5, done: 5 },
        RoundSummary { round: other, stage: Stage::Briefing, waiting: 0, done: 0 },
    ];
    AppView {
        who: WhoView::Recruiter(Box::new(RecruiterView {
            employer_name: "杭州青禾数据科技有限公司".into(),
            member: MemberCard {
                id: MemberId::from_parts(1, &bytes(1)),
                name: "王敏".into(),
                role: MemberRole::Recruiter,
            },
            rounds: Loadable::Ready(Arc::new(rounds)),
            queue,
            office: OfficeView::default(),
            sheet: None,
            pending: Arc::default(),
        })),
        ..base()
    }
}

pub fn with_sheet() -> AppView {
    with_sheet_of(4)
}

/// The sheet of the ticket with this number in its id.
pub fn with_sheet_of(n: u8) -> AppView {
    let mut view = recruiter(Some(queue(Stage::Interview)));
    let entry = |period: &str, place: &str, what: &str, details: &str| ResumeEntry {
        period: period.into(),
        place: place.into(),
        what: what.into(),
        details: details.into(),
    };
    let card = tickets()[&ticket_id(n)].card.clone();
    let resume = Resume {
        city: "无锡".into(),
        birth_year: 2004,
        objective: "前端开发工程师".into(),
        email: String::new(),
        photo: None,
        education: vec![entry("2022.09 – 2026.06", "江南大学", "软件工程 · 本科", "")],
        experience: vec![entry(
            "2025.07 – 2025.10",
            "无锡云帆信息技术有限公司",
            "前端开发实习生",
            "负责报名系统的移动端页面，首屏时间从 3.1 秒降到 1.2 秒。",
        )],
        skills: vec!["TypeScript".into(), "Vue".into(), "无障碍设计".into()],
        about: "喜欢把复杂的流程做得简单。".into(),
    };
    if let WhoView::Recruiter(recruiter) = &mut view.who {
        recruiter.sheet = Some((
            ticket_id(n),
            Loadable::Ready(Arc::new(CandidateSheet {
                card,
                resume,
                attachments: Vec::new(),
                conversation: None,
            })),
        ));
    }
    view
}
