//! Conversations of the gallery: a hall full of invented applicants, one conversation with everything in it.

use crate::fixtures::{MINUTE, WALL, base, bytes, notes_with};
use crate::people::recruiter;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::rest::{Busy, MarkChange, ResumeView, TalkCounts};
use miantan_domain::wire::{Problem, ProblemCode};
use std::path::Path;
use std::sync::Arc;

const DAY: i64 = 24 * 60 * MINUTE;

const APPLICANTS: [(&str, &str, &str, Mark, u32, i64, &str); 11] = [
    (
        "林晓",
        "江南大学 · 软件工程",
        "前端开发工程师",
        Mark::Qualified,
        2,
        4,
        "好的，那我周五上午十点准时参加，谢谢您！",
    ),
    ("陈思远", "江南大学 · 计算机科学与技术", "后端开发工程师", Mark::Unmarked, 1, 26, "I"),
    (
        "欧阳明月",
        "苏州大学 · 信息管理",
        "产品助理",
        Mark::Shortlisted,
        0,
        73,
        "请问实习期间可以住在公司附近吗？",
    ),
    ("周子墨", "东南大学 · 人工智能", "算法工程师", Mark::Unmarked, 0, 140, "A"),
    ("Amina Yusuf", "浙江大学 · 数据科学与大数据技术", "数据分析师", Mark::Shortlisted, 12, 60 * 20, "F"),
    ("何雨桐", "无锡学院 · 数字媒体", "UI 设计师", Mark::Eliminated, 0, 60 * 27, "好的，谢谢您的告知。"),
    ("赵一帆", "南京大学 · 软件工程", "后端开发工程师", Mark::Qualified, 0, 60 * 50, "V"),
    (
        "孙佳怡",
        "河海大学 · 自动化",
        "嵌入式开发工程师",
        Mark::Unmarked,
        0,
        60 * 75,
        "您好，我的毕业设计是基于 RISC-V 的小型操作系统，源码在仓库里。",
    ),
    ("吴昊", "合肥工业大学 · 通信工程", "后端开发工程师", Mark::Unmarked, 0, 60 * 98, "A"),
    ("郑心语", "上海大学 · 工业设计", "UI 设计师", Mark::Shortlisted, 0, 60 * 120, "收到"),
    ("冯若谷", "南京航空航天大学 · 电子信息", "前端开发工程师", Mark::Unmarked, 0, 60 * 24 * 400, "A"),
];

fn conversation(n: u64) -> ConversationId {
    ConversationId::from_parts(n + 1, &[7; 10])
}

fn card(n: u8, status: InvitationStatus, later: i64, note: &str) -> InvitationCard {
    InvitationCard {
        id: InvitationId::from_parts(1, &bytes(n)),
        conversation: conversation(0),
        revision: 1,
        terms: InvitationTerms { starts: WALL.after(later), minutes: 30, note: note.into(), round: None },
        round: RoundId::from_parts(1, &bytes(1)),
        round_name: "2026 届秋季软件研发岗视频面试".into(),
        employer_name: "杭州青禾数据科技有限公司".into(),
        with_password: false,
        status,
        sent: WALL.after(-30 * MINUTE),
    }
}

fn head(n: u64, side: Side) -> TalkHead {
    let (name, line, position, mark, unread, ago, last) =
        APPLICANTS[usize::try_from(n).unwrap_or(0) % APPLICANTS.len()];
    let name = if n < APPLICANTS.len() as u64 { name.to_owned() } else { format!("{name} {n}") };
    let body = match last {
        "I" => EntryBody::Image { object: ObjectId::from_parts(1, &bytes(1)), width: 800, height: 600 },
        "A" => EntryBody::Applied {
            application: ApplicationId::from_parts(1, &bytes(1)),
            position: position.into(),
        },
        "F" => EntryBody::File {
            object: ObjectId::from_parts(1, &bytes(2)),
            name: "作品集-数据可视化.pdf".into(),
            size: 3_400_000,
        },
        "V" => EntryBody::Invited { invitation: InvitationId::from_parts(1, &bytes(1)) },
        text => EntryBody::Text { text: text.into() },
    };
    let from = if last == "V" { Side::Recruiter } else { Side::Candidate };
    let employers = ["杭州青禾数据科技有限公司", "无锡云帆信息技术有限公司", "苏州明澈医疗器械股份有限公司"];
    TalkHead {
        id: conversation(n),
        pos: 1000 - n.min(900),
        side,
        fair: None,
        fair_title: "江南大学 2027 届毕业生秋季网络招聘会".into(),
        employer: EmployerId::from_parts(1, &bytes(1)),
        employer_name: employers[usize::try_from(n).unwrap_or(0) % 3].into(),
        candidate: CandidateId::from_parts(n + 1, &bytes(1)),
        candidate_name: name,
        candidate_line: line.into(),
        last_seq: 10,
        last: Some(Entry {
            seq: 10,
            id: ChangeId::from_parts(1, &bytes(1)),
            from,
            by: String::new(),
            at: WALL.after(-ago * MINUTE),
            body,
        }),
        candidate_seen: Seen { delivered: 8, read: 6 },
        recruiter_seen: Seen { delivered: 8, read: 8 },
        unread,
        mark: if side == Side::Candidate { Mark::Unmarked } else { mark },
        applications: vec![ApplicationCard {
            id: ApplicationId::from_parts(1, &bytes(1)),
            position: PositionId::from_parts(n % 5 + 1, &bytes(1)),
            title: position.into(),
            at: WALL.after(-3 * DAY),
            attachment: None,
        }],
        invitations: vec![card(1, InvitationStatus::Accepted, 3 * DAY, "")],
        blocked: false,
    }
}

fn counts(all: u32) -> TalkCounts {
    TalkCounts {
        all,
        unread: 3,
        unmarked: all.saturating_sub(6),
        shortlisted: 3,
        qualified: 2,
        eliminated: 1,
    }
}

fn account() -> AppView {
    AppView {
        who: WhoView::Account(Box::new(AccountView {
            name: "林晓".into(),
            phone: "138****5678".into(),
            mine: MineView::default(),
        })),
        ..base()
    }
}

fn list(side: Side, count: u64) -> AppView {
    let mut view = if side == Side::Recruiter { recruiter(None) } else { account() };
    let heads = (0..count).map(|n| Arc::new(head(n, side))).collect();
    view.talk.unread = 15;
    view.talk.list = TalkListView {
        heads: Arc::new(heads),
        counts: counts(u32::try_from(count).unwrap_or(0)),
        ..TalkListView::default()
    };
    view
}

/// A picture that is there: one of the project's own.
fn picture(n: u8, width: u32, height: u32, there: bool) -> ItemBody {
    let path: Arc<Path> = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pictures/call.png")).into();
    ItemBody::Image(Picture {
        object: ObjectId::from_parts(1, &bytes(n)),
        width,
        height,
        thumb: there.then(|| path.clone()),
        full: there.then_some(path),
    })
}

struct Items {
    side: Side,
    all: Vec<TalkItem>,
}

impl Items {
    fn add(&mut self, from: Side, ago: i64, body: ItemBody, state: SendState) {
        let seq = self.all.len() as u64 + 1;
        let mine = from == self.side;
        let on_its_way = matches!(
            state,
            SendState::Waiting | SendState::Sending | SendState::Uploading { .. } | SendState::Failed(_)
        );
        self.all.push(TalkItem {
            id: ChangeId::from_parts(seq, &[3; 10]),
            seq: if on_its_way { 0 } else { seq },
            from,
            by: if from == Side::Recruiter { "王敏".into() } else { String::new() },
            at: WALL.after(-ago * MINUTE),
            body,
            state: if mine { state } else { SendState::Received },
        });
    }

    fn text(&mut self, from: Side, ago: i64, text: &str, state: SendState) {
        self.add(from, ago, ItemBody::Text(text.into()), state);
    }
}

fn items(side: Side) -> Vec<TalkItem> {
    let mut items = Items { side, all: Vec::new() };
    let (them, us) = (Side::Candidate, Side::Recruiter);
    items.add(them, 2 * 24 * 60, ItemBody::Applied { position: "前端开发工程师".into() }, SendState::Read);
    items.text(us, 24 * 60, "林同学您好，看了您的简历，想进一步了解一下。", SendState::Read);
    items.text(us, 24 * 60, "您在云帆实习时负责的报名系统，方便介绍一下吗？👀", SendState::Read);
    items.text(
        them,
        24 * 60 - 20,
        "王老师好！主要负责移动端页面的重构，首屏从 3.1 秒降到了 1.2 秒。",
        SendState::Read,
    );
    items.text(
        them,
        24 * 60 - 20,
        "说明文档在这里：https://docs.example.cn/signup/mobile?from=talk 请您过目",
        SendState::Read,
    );
    items.add(them, 70, picture(11, 390, 844, true), SendState::Read);
    items.add(
        them,
        69,
        ItemBody::File {
            object: ObjectId::from_parts(1, &bytes(12)),
            name: "林晓-前端作品集-2026秋.pdf".into(),
            size: 2_611_300,
        },
        SendState::Read,
    );
    items.add(
        us,
        30,
        ItemBody::Invited(Some(card(1, InvitationStatus::Accepted, 3 * DAY, "请准备一段三分钟的作品讲解。"))),
        SendState::Read,
    );
    items.add(them, 12, ItemBody::InvitationMoved(InvitationStatus::Accepted), SendState::Read);
    items.text(them, 4, "好的，那我周五上午十点准时参加，谢谢您！", SendState::Read);
    items.text(us, 3, "周五见 👍", SendState::Read);
    items.all
}

fn open(side: Side, items: Vec<TalkItem>) -> AppView {
    let mut view = list(side, 11);
    let mut head = head(0, side);
    head.unread = 0;
    view.talk.open = Some(Box::new(ConversationView {
        head: Arc::new(head),
        items: Arc::new(items),
        has_older: false,
        loading_older: false,
        typing: false,
        resume: None,
        marks: None,
        busy: Some(Loadable::Ready(Arc::new(busy()))),
        search: None,
        draft: "".into(),
    }));
    view
}

fn with_open(mut view: AppView, change: impl FnOnce(&mut ConversationView)) -> AppView {
    if let Some(open) = &mut view.talk.open {
        change(open);
    }
    view
}

/// Tomorrow from 9:30 to 10:45 the candidate, in the afternoon the own side.
fn busy() -> Vec<Busy> {
    let midnight = WALL.after(-(14 * 60 + 5) * MINUTE + DAY);
    let at = |hour: i64, minute: i64| midnight.after((hour * 60 + minute) * MINUTE);
    vec![
        Busy { from: at(9, 30), to: at(10, 45), candidate: true },
        Busy { from: at(13, 0), to: at(15, 0), candidate: false },
        Busy { from: at(19, 0), to: at(19, 30), candidate: true },
    ]
}

fn beside(mut view: AppView, side: Side) -> AppView {
    let talk = open(side, items(side)).talk;
    let mut head = head(0, side);
    head.unread = 2;
    view.talk.open = talk.open;
    view.talk.beside = Beside::Talk(Arc::new(head));
    view
}

fn states() -> AppView {
    let mut items = Items { side: Side::Recruiter, all: Vec::new() };
    let us = Side::Recruiter;
    items.text(us, 9, "已读的消息", SendState::Read);
    items.text(us, 8, "送达的消息", SendState::Delivered);
    items.text(us, 7, "已发送的消息", SendState::Sent);
    items.text(us, 6, "正在发送的消息", SendState::Sending);
    items.add(us, 5, picture(21, 1600, 900, true), SendState::Uploading { percent: 62 });
    items.add(us, 4, picture(22, 300, 500, false), SendState::Uploading { percent: 8 });
    items.text(us, 3, "没有网络时写的消息，恢复后自动发送", SendState::Waiting);
    items.add(
        us,
        2,
        ItemBody::File {
            object: ObjectId::from_parts(1, &bytes(23)),
            name: "岗位说明.exe.pdf".into(),
            size: 812,
        },
        SendState::Failed(Problem::from(ProblemCode::FileTypeRefused)),
    );
    open(Side::Recruiter, items.all)
}

fn cards(side: Side) -> AppView {
    let mut items = Items { side, all: Vec::new() };
    for (n, status) in [
        InvitationStatus::Declined { reason: "已经和另一家签约了，非常感谢！".into() },
        InvitationStatus::Withdrawn { reason: "岗位已招满".into() },
        InvitationStatus::Expired,
        InvitationStatus::MoveAsked {
            note: "周五上午有课，下午可以吗？".into(),
            times: vec![WALL.after(3 * DAY), WALL.after(4 * DAY + 90 * MINUTE)],
        },
        InvitationStatus::Sent,
    ]
    .into_iter()
    .enumerate()
    {
        let n = u8::try_from(n).unwrap_or(0);
        items.add(
            Side::Recruiter,
            50 - i64::from(n) * 10,
            ItemBody::Invited(Some(card(
                n + 1,
                status,
                3 * DAY,
                if n == 4 { "请准备作品讲解。" } else { "" },
            ))),
            SendState::Read,
        );
    }
    open(side, items.all)
}

fn long(count: u64) -> AppView {
    let mut items = Items { side: Side::Recruiter, all: Vec::new() };
    for n in 0..count {
        let from = if n % 3 == 0 { Side::Recruiter } else { Side::Candidate };
        let ago = i64::try_from((count - n) * 3).unwrap_or(0);
        let text = format!("第 {n} 条消息{}", "，说得长一些".repeat(usize::try_from(n % 7).unwrap_or(0)));
        items.text(from, ago, &text, SendState::Read);
    }
    open(Side::Recruiter, items.all)
}

fn resume(phone: bool) -> Arc<ResumeView> {
    let entry = |period: &str, place: &str, what: &str, details: &str| ResumeEntry {
        period: period.into(),
        place: place.into(),
        what: what.into(),
        details: details.into(),
    };
    Arc::new(ResumeView {
        name: "林晓".into(),
        headline: "江南大学 · 软件工程 · 2027 届".into(),
        resume: Some(Resume {
            city: "无锡".into(),
            birth_year: 2004,
            objective: "前端开发工程师".into(),
            email: "lin.xiao@example.cn".into(),
            photo: None,
            education: vec![entry(
                "2023.09 – 2027.06",
                "江南大学",
                "软件工程 · 本科",
                "专业排名前 5%，两次获得校级奖学金。",
            )],
            experience: vec![
                entry(
                    "2026.07 – 2026.10",
                    "无锡云帆信息技术有限公司",
                    "前端开发实习生",
                    "负责报名系统的移动端页面，首屏时间从 3.1 秒降到 1.2 秒。",
                ),
                entry("2025.03 – 2026.05", "校园开源社", "负责人", "维护校内课表应用，月活 1.2 万人。"),
            ],
            skills: ["TypeScript", "Vue", "无障碍设计", "Rust"].map(String::from).to_vec(),
            about: "喜欢把复杂的流程做得简单。".into(),
        }),
        attachments: vec![AttachmentResume {
            object: ObjectId::from_parts(1, &bytes(31)),
            name: "林晓-简历-中文.pdf".into(),
            size: 482_000,
            at: WALL.after(-3 * DAY),
        }],
        phone: phone.then(|| "13812345678".into()),
    })
}

/// The snapshot of that name; `None`: it is none of these.
pub fn view(name: &str) -> Option<AppView> {
    let problem = |code: ProblemCode| Problem::from(code);
    Some(match name {
        "talks" => list(Side::Recruiter, 11),
        "talks-many" => {
            let mut view = list(Side::Recruiter, 10_000);
            view.talk.list.more = true;
            view
        }
        "talks-candidate" => list(Side::Candidate, 3),
        "talks-empty" => list(Side::Recruiter, 0),
        "talks-empty-candidate" => list(Side::Candidate, 0),
        "talks-loading" => {
            let mut view = list(Side::Recruiter, 0);
            view.talk.list.loading = true;
            view
        }
        "talks-none" => {
            let mut view = list(Side::Recruiter, 0);
            view.talk.list.filter =
                TalkFilter { mark: Some(Mark::Qualified), text: "林".into(), ..TalkFilter::default() };
            view
        }
        "talks-problem" => {
            let mut view = list(Side::Recruiter, 4);
            view.talk.list.problem = Some(problem(ProblemCode::TimedOut));
            view.talk.list.filter.mark = Some(Mark::Shortlisted);
            view
        }
        "talk" => open(Side::Recruiter, items(Side::Recruiter)),
        "talk-candidate" => open(Side::Candidate, items(Side::Candidate)),
        "talk-typing" => with_open(open(Side::Recruiter, items(Side::Recruiter)), |open| open.typing = true),
        "talk-empty" => open(Side::Candidate, Vec::new()),
        "talk-states" => states(),
        "talk-cards" => cards(Side::Recruiter),
        "talk-cards-candidate" => cards(Side::Candidate),
        "talk-long" => with_open(long(3000), |open| open.has_older = true),
        "talk-new" => with_open(long(200), |open| {
            let mut head = (*open.head).clone();
            head.unread = 20;
            head.last_seq = 200;
            head.recruiter_seen = Seen { delivered: 200, read: 170 };
            open.head = Arc::new(head);
        }),
        "talk-blocked" | "talk-blocked-candidate" => {
            let side = if name == "talk-blocked" { Side::Recruiter } else { Side::Candidate };
            with_open(open(side, items(side)), |open| {
                let mut head = (*open.head).clone();
                head.blocked = true;
                open.head = Arc::new(head);
            })
        }
        "talk-resume" => with_open(open(Side::Recruiter, items(Side::Recruiter)), |open| {
            open.resume = Some(Loadable::Ready(resume(true)));
        }),
        "talk-resume-failed" => with_open(open(Side::Recruiter, items(Side::Recruiter)), |open| {
            open.resume = Some(Loadable::Failed(problem(ProblemCode::Offline)));
        }),
        "talk-marks" => with_open(open(Side::Recruiter, items(Side::Recruiter)), |open| {
            let change = |mark, name: &str, ago: i64| MarkChange {
                mark,
                by: MemberId::from_parts(1, &bytes(1)),
                name: name.into(),
                at: WALL.after(-ago * MINUTE),
            };
            open.marks = Some(Loadable::Ready(Arc::new(vec![
                change(Mark::Shortlisted, "李强", 60 * 30),
                change(Mark::Eliminated, "李强", 60 * 26),
                change(Mark::Qualified, "王敏", 14),
            ])));
        }),
        "talk-search" => with_open(open(Side::Recruiter, items(Side::Recruiter)), |open| {
            let hit = |seq, from, ago: i64, text: &str| Hit {
                seq,
                from,
                at: WALL.after(-ago * MINUTE),
                text: text.into(),
            };
            open.search = Some(SearchView {
                query: "报名".into(),
                hits: Arc::new(vec![
                    hit(3, Side::Recruiter, 24 * 60, "您在云帆实习时负责的报名系统，方便介绍一下吗？👀"),
                    hit(
                        4,
                        Side::Candidate,
                        24 * 60 - 20,
                        "王老师好！主要负责报名系统移动端页面的重构，首屏从 3.1 秒降到了 1.2 秒，后来又把同一套组件用到了签到页，整体包体减少了三成。",
                    ),
                ]),
            });
        }),
        // a room, a sheet and a call with a conversation beside them; `+notes-open`, `+notes` opens it
        "talk-room" => beside(crate::fixtures::view("room"), Side::Candidate),
        "talk-room-loading" => {
            let mut view = crate::fixtures::view("room");
            view.talk.beside = Beside::Loading;
            view
        }
        "talk-room-failed" => {
            let mut view = crate::fixtures::view("room");
            view.talk.beside = Beside::Failed(ProblemCode::Offline.into());
            view
        }
        "talk-sheet" => beside(crate::fixtures::view("sheet"), Side::Recruiter),
        "talk-call" => beside(crate::fixtures::view("call-recruiter"), Side::Recruiter),
        "room-notices" => notes_with(&[
            "面试预计推迟 10 分钟，请在候场室稍候。",
            "请准备好身份证件，面试开始时需要出示。",
            "欢迎参加本场面谈。",
        ]),
        _ => return None,
    })
}
