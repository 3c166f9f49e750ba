//! 我的 and 单位 in the gallery: an invented candidate's account, an invented employer's office. Names begin with
//! `mine` and `office`; pages are reached by pressing (`mine+mine-resume+part-basics`).

use crate::fixtures::{MINUTE, WALL, base, bytes, round};
use crate::people::recruiter;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::rest::{Deletion, MemberLine, MyApplication, Policy, RoundSummary};
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;

const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn ready<T>(value: T) -> Loadable<Arc<T>> {
    Loadable::Ready(Arc::new(value))
}

fn application(
    n: u8,
    title: &str,
    employer: &str,
    salary: (u32, u32),
    ago: i64,
    seen: bool,
) -> MyApplication {
    MyApplication {
        id: ApplicationId::from_parts(1, &bytes(n)),
        conversation: ConversationId::from_parts(1, &bytes(n)),
        fair: FairId::from_parts(1, &bytes(1)),
        fair_title: "江南大学 2027 届毕业生秋季网络招聘会".into(),
        employer_name: employer.into(),
        position: PositionId::from_parts(1, &bytes(n)),
        title: title.into(),
        salary: Salary { from: salary.0, to: salary.1 },
        at: WALL.after(-ago),
        seen,
    }
}

fn invitation(n: u8, employer: &str, starts: i64, note: &str, status: InvitationStatus) -> InvitationCard {
    InvitationCard {
        id: InvitationId::from_parts(1, &bytes(n)),
        conversation: ConversationId::from_parts(1, &bytes(n)),
        revision: 1,
        terms: InvitationTerms { starts: WALL.after(starts), minutes: 30, note: note.into(), round: None },
        round: RoundId::from_parts(1, &bytes(n)),
        round_name: "2027 届秋季软件研发岗视频面试".into(),
        employer_name: employer.into(),
        with_password: false,
        status,
        sent: WALL.after(-DAY),
    }
}

fn entry(period: &str, place: &str, what: &str, details: &str) -> ResumeEntry {
    ResumeEntry { period: period.into(), place: place.into(), what: what.into(), details: details.into() }
}

fn doc() -> ResumeDoc {
    ResumeDoc {
        version: 7,
        name: "林晓".into(),
        headline: "江南大学 · 软件工程 · 2027 届".into(),
        resume: Resume {
            city: "无锡".into(),
            birth_year: 2004,
            objective: "前端开发工程师".into(),
            email: String::new(),
            photo: None,
            education: vec![
                entry("2023.09 – 2027.06", "江南大学", "软件工程 · 本科", "绩点 3.8 / 4.0，校级奖学金两次"),
                entry("2020.09 – 2023.06", "无锡市第一中学", "高中", ""),
            ],
            experience: vec![entry(
                "2026.07 – 2026.10",
                "无锡云帆信息技术有限公司",
                "前端开发实习生",
                "负责报名系统的移动端页面，首屏时间从 3.1 秒降到 1.2 秒。",
            )],
            skills: ["TypeScript", "Vue", "无障碍设计", "英语六级", "Figma"].map(str::to_owned).to_vec(),
            about: "喜欢把复杂的流程做得简单。".into(),
        },
    }
}

fn attachment(n: u8, name: &str, size: u64) -> AttachmentResume {
    AttachmentResume {
        object: ObjectId::from_parts(1, &bytes(n)),
        name: name.into(),
        size,
        at: WALL.after(-3 * DAY),
    }
}

fn consent(purpose: Purpose, given: bool) -> Consent {
    Consent { purpose, version: 2, given, at: WALL.after(-20 * DAY) }
}

fn policy() -> Policy {
    Policy {
        version: 2,
        text: "一、我们收集什么\n\n姓名、出生年月、手机号，以及您自己填写的简历。面试时的画面和声音只在通话双方之间传送，不录音、不录像。\n\n二、用来做什么\n\n把您的简历送给您选择投递的用人单位，安排面试，发送与面试有关的短信。\n\n三、保存多久\n\n招聘会结束后 180 天删除投递和洽谈记录；账号注销后 15 个工作日内删除全部个人信息。".into(),
    }
}

fn full() -> MineView {
    MineView {
        applications: Some(ready(vec![
            application(1, "前端开发工程师", "杭州青禾数据科技有限公司", (7500, 8499), 30 * MINUTE, true),
            application(2, "产品助理", "无锡云帆信息技术有限公司", (0, 6000), 26 * HOUR, false),
            application(3, "界面设计师（可转正实习）", "苏州澄湖文化创意有限公司", (0, 0), 9 * DAY, true),
        ])),
        interviews: Some(ready(vec![
            invitation(
                1,
                "杭州青禾数据科技有限公司",
                25 * MINUTE,
                "请提前准备一个自己做过的项目，5 分钟介绍。",
                InvitationStatus::Accepted,
            ),
            invitation(2, "无锡云帆信息技术有限公司", 26 * HOUR, "", InvitationStatus::Sent),
            invitation(
                3,
                "苏州澄湖文化创意有限公司",
                3 * DAY,
                "",
                InvitationStatus::MoveAsked {
                    note: "那天下午有考试，上午都可以。".into(), times: vec![]
                },
            ),
            invitation(
                4,
                "南京栖霞软件园有限公司",
                -2 * DAY,
                "",
                InvitationStatus::Withdrawn { reason: "岗位已招满".into() },
            ),
        ])),
        resume: ResumeEditView { doc: Some(Arc::new(doc())), photo: None, saved: SaveState::Saved },
        attachments: Some(ready(vec![
            attachment(1, "林晓-前端开发-江南大学.pdf", 482_133),
            attachment(2, "作品集 2026（含无障碍改造案例与可用性测试记录）.pdf", 12_582_912),
        ])),
        privacy: Some(ready(PrivacyView {
            policy: policy(),
            consents: vec![
                consent(Purpose::Policy, true),
                consent(Purpose::ResumeToEmployers, true),
                consent(Purpose::SmsNotices, true),
            ],
            deletion: Deletion { asked: None, by: None },
        })),
        ..MineView::default()
    }
}

fn account(mine: MineView) -> AppView {
    AppView {
        who: WhoView::Account(Box::new(AccountView {
            name: "林晓".into(),
            phone: "138****5678".into(),
            mine,
        })),
        ..base()
    }
}

fn offline() -> Problem {
    Problem::from(ProblemCode::Offline)
}

fn with(change: impl FnOnce(&mut MineView)) -> AppView {
    let mut mine = full();
    change(&mut mine);
    account(mine)
}

fn mine(name: &str) -> AppView {
    match name {
        "mine" => account(full()),
        "mine-new" => account(MineView {
            applications: Some(ready(Vec::new())),
            interviews: Some(ready(Vec::new())),
            attachments: Some(ready(Vec::new())),
            resume: ResumeEditView { doc: Some(Arc::default()), ..ResumeEditView::default() },
            ..MineView::default()
        }),
        "mine-loading" => account(MineView { privacy: Some(Loadable::Loading), ..MineView::default() }),
        "mine-offline" => account(MineView {
            applications: Some(Loadable::Failed(offline())),
            interviews: Some(Loadable::Failed(offline())),
            attachments: Some(Loadable::Failed(offline())),
            privacy: Some(Loadable::Failed(offline())),
            resume: ResumeEditView { saved: SaveState::Failed(offline()), ..ResumeEditView::default() },
            ..MineView::default()
        }),
        "mine-device" => with(|mine| mine.resume.saved = SaveState::OnDevice),
        "mine-saving" => with(|mine| mine.resume.saved = SaveState::Saving),
        "mine-failed" => with(|mine| {
            mine.resume.saved = SaveState::Failed(Problem::from(ProblemCode::ResumeTooLong));
            mine.form = OfficeForm::Failed(Problem::from(ProblemCode::FileTypeRefused));
        }),
        "mine-conflict" => with(|mine| {
            let mut theirs = doc();
            theirs.headline = "江南大学 · 软件工程".into();
            theirs.resume.skills.truncate(3);
            theirs.resume.experience.clear();
            theirs.resume.about = "喜欢把复杂的流程做得简单，也愿意把做法讲给别人听。".into();
            mine.resume.saved = SaveState::Conflict { theirs: Box::new(theirs) };
        }),
        "mine-uploading" => with(|mine| mine.uploading = Some(62)),
        "mine-deletion" => with(|mine| {
            if let Some(Loadable::Ready(privacy)) = &mut mine.privacy {
                Arc::make_mut(privacy).deletion =
                    Deletion { asked: Some(WALL), by: Some(WALL.after(21 * DAY)) };
            }
        }),
        // a room by code only, and one that an account is in: press `settings`
        "mine-code-session" | "mine-code-sent" | "mine-room" => room(name),
        other => panic!("there is no screen {other}"),
    }
}

fn room(name: &str) -> AppView {
    let mut view = crate::fixtures::view("room");
    view.policy = Some(Loadable::Ready(Arc::new(policy())));
    if let WhoView::Candidate(candidate) = &mut view.who {
        match name {
            "mine-room" => candidate.mine = Some(Box::new(full())),
            "mine-code-sent" => {
                candidate.code = Some(CodeView {
                    phone: "13800138000".into(),
                    masked: "138****8000".into(),
                    again_at: Timestamp(view.now.0 + 47_000),
                    valid_until: Timestamp(view.now.0 + 300_000),
                });
                candidate.form =
                    FormState::Failed { problem: Problem::from(ProblemCode::SmsCodeWrong), again_at: None };
            }
            _ => {}
        }
    }
    view
}

fn fair(n: u8, title: &str) -> FairCard {
    FairCard {
        id: FairId::from_parts(1, &bytes(n)),
        title: title.into(),
        kind: "网络招聘会".into(),
        starts: WALL.after(-2 * DAY),
        ends: WALL.after(12 * DAY),
        city: "无锡".into(),
        district: "滨湖区".into(),
        employers: 86,
        positions: 412,
    }
}

fn position(n: u8, title: &str, salary: (u32, u32), openings: u32, open: bool) -> PositionCard {
    PositionCard {
        id: PositionId::from_parts(1, &bytes(n)),
        title: title.into(),
        salary: Salary { from: salary.0, to: salary.1 },
        city: "杭州".into(),
        openings,
        open,
        applied: false,
    }
}

fn office_full() -> OfficeView {
    let fair_id = FairId::from_parts(1, &bytes(1));
    let positions = vec![
        position(1, "前端开发工程师", (7500, 8499), 3, true),
        position(2, "数据标注与质量管理专员（驻场）", (0, 6000), 20, true),
        position(3, "产品经理", (0, 0), 1, false),
    ];
    let member = |n: u8, name: &str, role, sessions| MemberLine {
        member: MemberCard { id: MemberId::from_parts(1, &bytes(n)), name: name.into(), role },
        sessions,
    };
    let mut later = round();
    later.id = RoundId::from_parts(1, &bytes(2));
    later.name = "产品与设计岗面试".into();
    later.starts = WALL.after(3 * DAY);
    later.ends = WALL.after(3 * DAY + 2 * HOUR);
    OfficeView {
        fairs: Some(ready(vec![fair(1, "江南大学 2027 届毕业生秋季网络招聘会")])),
        stand: Some((
            fair_id,
            Loadable::Ready(Arc::new(Stand {
                fair: fair_id,
                fair_title: "江南大学 2027 届毕业生秋季网络招聘会".into(),
                employer: EmployerId::from_parts(1, &bytes(1)),
                name: "杭州青禾数据科技有限公司".into(),
                short: "青禾数据".into(),
                introduction: "青禾为农业企业做数据平台，团队 120 人，在杭州和无锡有办公室。".into(),
                positions: positions.clone(),
            })),
        )),
        position: Some(ready(PositionDetails {
            card: positions[0].clone(),
            fair: fair_id,
            fair_title: String::new(),
            fair_open: true,
            employer: EmployerId::from_parts(1, &bytes(1)),
            employer_name: "杭州青禾数据科技有限公司".into(),
            description: "负责农情看板的前端开发，和产品、算法同事一起把模型结果变成农户看得懂的图。".into(),
            requirements: "熟悉 TypeScript 和一种前端框架；有移动端经验优先。".into(),
        })),
        members: Some(ready(vec![
            member(1, "王敏", MemberRole::Owner, 2),
            member(2, "陈立", MemberRole::Recruiter, 1),
            member(3, "周岩", MemberRole::Panellist, 0),
        ])),
        rounds: Some(ready(vec![
            RoundSummary { round: later, stage: Stage::Briefing, waiting: 0, done: 0 },
            RoundSummary { round: round(), stage: Stage::Interview, waiting: 5, done: 5 },
        ])),
        form: OfficeForm::Idle,
    }
}

fn office_as(role: MemberRole, office: OfficeView) -> AppView {
    let mut view = recruiter(None);
    if let WhoView::Recruiter(recruiter) = &mut view.who {
        recruiter.member.role = role;
        recruiter.office = office;
    }
    view
}

fn office(name: &str) -> AppView {
    match name {
        "office" => office_as(MemberRole::Owner, office_full()),
        "office-recruiter" => office_as(MemberRole::Recruiter, office_full()),
        "office-panellist" => office_as(MemberRole::Panellist, office_full()),
        "office-fairs" => office_as(
            MemberRole::Owner,
            OfficeView {
                fairs: Some(ready(vec![
                    fair(1, "江南大学 2027 届毕业生秋季网络招聘会"),
                    fair(2, "滨湖区高校人才专场"),
                ])),
                ..office_full()
            },
        ),
        "office-new" => office_as(
            MemberRole::Owner,
            OfficeView {
                fairs: Some(ready(Vec::new())),
                rounds: Some(ready(Vec::new())),
                ..OfficeView::default()
            },
        ),
        "office-offline" => office_as(
            MemberRole::Owner,
            OfficeView {
                fairs: Some(Loadable::Failed(offline())),
                rounds: Some(Loadable::Failed(offline())),
                members: Some(Loadable::Failed(offline())),
                ..OfficeView::default()
            },
        ),
        "office-sending" => {
            office_as(MemberRole::Owner, OfficeView { form: OfficeForm::Sending, ..office_full() })
        }
        "office-failed" => office_as(
            MemberRole::Owner,
            OfficeView { form: OfficeForm::Failed(Problem::from(ProblemCode::MemberKnown)), ..office_full() },
        ),
        other => panic!("there is no screen {other}"),
    }
}

/// A screen of this part.
pub fn view(name: &str) -> AppView {
    if name.starts_with("office") { office(name) } else { mine(name) }
}
