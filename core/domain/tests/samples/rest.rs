//! One of each REST body of fairs, conversations, accounts and employers.

use super::talk::{attachment, entries, head};
use super::{KEY, PASSWORD, TOKEN, round_info, u};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Fairs {
    pub list: Page<FairCard>,
    pub page: FairPage,
    pub stands: Page<StandCard>,
    pub stand: Stand,
    pub position: PositionDetails,
    pub builds: Vec<Build>,
    pub policy: Policy,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Talks {
    pub list: TalkPage,
    pub entries: Vec<Entry>,
    pub marks: Vec<MarkChange>,
    pub resume: ResumeView,
    pub busy: Vec<Busy>,
    pub new_object: NewObject,
    pub uploads: Vec<Upload>,
    pub report: Report,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidates {
    pub code: CodeRequest,
    pub sent: CodeSent,
    pub sign_in: CandidateSignIn,
    pub link: CandidateLink,
    pub profile: Profile,
    pub resume: ResumeDoc,
    pub attachment: AttachmentAdd,
    pub applications: Vec<MyApplication>,
    pub consents: Vec<Consent>,
    pub consent: ConsentChange,
    pub deletions: Vec<Deletion>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Employers {
    pub registration: NewRegistration,
    pub registered: Vec<Registered>,
    pub reset: ResetRequest,
    pub confirm: ResetConfirm,
    pub stand: StandEdit,
    pub position: PositionEdit,
    pub members: Vec<MemberLine>,
    pub member: NewMemberRequest,
    pub password: PasswordChange,
    pub round: RoundEdit,
    pub decisions: Vec<Decide>,
    pub fair: FairEdit,
    pub reports: Vec<ReportLine>,
}

fn fair_card() -> FairCard {
    FairCard {
        id: FairId(u(34)),
        title: "2026届毕业生网络招聘会".into(),
        kind: "网络招聘会".into(),
        starts: WallTime(1_795_400_000_000),
        ends: WallTime(1_796_000_000_000),
        city: "上海市".into(),
        district: "嘉定区".into(),
        employers: 12,
        positions: 269,
    }
}

fn position_card() -> PositionCard {
    PositionCard {
        id: PositionId(u(33)),
        title: "前端开发".into(),
        salary: Salary { from: 7_500, to: 8_499 },
        city: "上海".into(),
        openings: 3,
        open: true,
        applied: false,
    }
}

fn stand() -> Stand {
    Stand {
        fair: FairId(u(34)),
        fair_title: fair_card().title,
        employer: EmployerId(u(8)),
        name: "青禾科技有限公司".into(),
        short: "青禾".into(),
        introduction: "成立于 2012 年。".into(),
        positions: vec![position_card()],
    }
}

pub fn fairs() -> Fairs {
    let stand_card = StandCard {
        employer: EmployerId(u(8)),
        name: "青禾科技有限公司".into(),
        short: "青禾".into(),
        positions: vec![position_card()],
        position_count: 23,
    };
    Fairs {
        list: Page { items: vec![fair_card()], next: Some("YWJj".into()) },
        page: FairPage {
            card: fair_card(),
            venue: "线上互联网招聘大厅".into(),
            introduction: "尊敬的用人单位：\n\n诚邀参加。".into(),
            views: 397,
            followers: 120,
            followed: true,
            link: "https://hall.example.edu.cn/fairs/1".into(),
        },
        stands: Page { items: vec![stand_card], next: None },
        stand: stand(),
        position: PositionDetails {
            card: position_card(),
            fair: FairId(u(34)),
            fair_title: fair_card().title,
            fair_open: true,
            employer: EmployerId(u(8)),
            employer_name: "青禾科技有限公司".into(),
            description: "写网页".into(),
            requirements: "会写网页".into(),
        },
        builds: System::ALL
            .into_iter()
            .map(|system| Build {
                system,
                version: "0.1.0".into(),
                size: 7,
                sha256: "00".repeat(32),
                file: format!("miantan-{}", system.as_str()),
                at: WallTime(9),
            })
            .collect(),
        policy: Policy { version: 3, text: "条款".into() },
    }
}

pub fn talks() -> Talks {
    let info = ObjectInfo {
        id: ObjectId(u(22)),
        name: "照片.jpg".into(),
        media_type: "image/jpeg".into(),
        size: 1_024,
        width: 640,
        height: 480,
    };
    let upload = Upload { id: ObjectId(u(22)), offset: 512, done: None };
    Talks {
        list: TalkPage {
            items: vec![head()],
            next: None,
            counts: TalkCounts {
                all: 4,
                unread: 1,
                unmarked: 1,
                shortlisted: 1,
                qualified: 1,
                eliminated: 1,
            },
        },
        entries: entries(),
        marks: Mark::ALL
            .into_iter()
            .map(|mark| MarkChange { mark, by: MemberId(u(6)), name: "王敏".into(), at: WallTime(9) })
            .collect(),
        resume: ResumeView {
            name: "林晓".into(),
            headline: "东湖大学".into(),
            resume: Some(Resume::default()),
            attachments: vec![attachment()],
            phone: Some("19900000001".into()),
        },
        busy: vec![Busy { from: WallTime(1), to: WallTime(2), candidate: true }],
        new_object: NewObject {
            id: ObjectId(u(22)),
            file_use: FileUse::ChatImage,
            name: "照片.jpg".into(),
            size: 1_024,
            sha256: "00".repeat(32),
            conversation: Some(ConversationId(u(30))),
        },
        uploads: vec![upload.clone(), Upload { offset: 1_024, done: Some(info), ..upload }],
        report: Report { id: ChangeId(u(3)), conversation: ConversationId(u(30)), reason: "收费".into() },
    }
}

pub fn candidates() -> Candidates {
    let phone = || "19900000001".to_owned();
    let device = DeviceId(u(7));
    Candidates {
        code: CodeRequest { phone: phone(), device },
        sent: CodeSent { masked: "199****0001".into(), again_after_ms: 60_000, valid_ms: 300_000 },
        sign_in: CandidateSignIn {
            phone: phone(),
            code: "123456".into(),
            device,
            policy: 3,
            device_key: Some(KEY.into()),
        },
        link: CandidateLink { phone: phone(), code: "123456".into(), policy: 3 },
        profile: Profile { name: "林晓".into(), birth_year: 2004, birth_month: 5 },
        resume: ResumeDoc {
            version: 2,
            name: "林晓".into(),
            headline: "东湖大学".into(),
            resume: Resume::default(),
        },
        attachment: AttachmentAdd { object: ObjectId(u(21)) },
        applications: vec![MyApplication {
            id: ApplicationId(u(32)),
            conversation: ConversationId(u(30)),
            fair: FairId(u(34)),
            fair_title: fair_card().title,
            employer_name: "青禾科技有限公司".into(),
            position: PositionId(u(33)),
            title: "前端开发".into(),
            salary: Salary { from: 0, to: 1_500 },
            at: WallTime(9),
            seen: true,
        }],
        consents: [Purpose::Policy, Purpose::ResumeToEmployers, Purpose::SmsNotices, Purpose::FaceCheck]
            .into_iter()
            .map(|purpose| Consent { purpose, version: 3, given: true, at: WallTime(9) })
            .collect(),
        consent: ConsentChange { purpose: Purpose::SmsNotices, version: 3, given: false },
        deletions: vec![
            Deletion { asked: None, by: None },
            Deletion { asked: Some(WallTime(1)), by: Some(WallTime(2)) },
        ],
    }
}

pub fn employers() -> Employers {
    let account = || "914403001922038216".to_owned();
    let registration = |state| Registration {
        id: RegistrationId(u(35)),
        fair: FairId(u(34)),
        fair_title: fair_card().title,
        name: "青禾科技有限公司".into(),
        uscc: account(),
        contact: "王敏".into(),
        at: WallTime(9),
        state,
    };
    let states = [
        RegistrationState::LicenceMissing,
        RegistrationState::Waiting,
        RegistrationState::Approved,
        RegistrationState::Rejected { reason: "看不清执照".into() },
    ];
    let member = MemberCard { id: MemberId(u(6)), name: "王敏".into(), role: MemberRole::Panellist };
    Employers {
        registration: NewRegistration {
            id: RegistrationId(u(35)),
            fair: FairId(u(34)),
            name: "青禾科技有限公司".into(),
            uscc: account(),
            contact: "王敏".into(),
            phone: "19900000002".into(),
            password: PASSWORD.into(),
        },
        registered: states
            .into_iter()
            .map(|state| Registered { registration: registration(state), token: TOKEN.into() })
            .collect(),
        reset: ResetRequest { account: account(), member: None, device: DeviceId(u(7)) },
        confirm: ResetConfirm {
            account: account(),
            member: Some("王敏".into()),
            code: "123456".into(),
            password: PASSWORD.into(),
            device: DeviceId(u(7)),
        },
        stand: StandEdit { short: "青禾".into(), introduction: "成立于 2012 年。".into() },
        position: PositionEdit {
            title: "前端开发".into(),
            salary: Salary { from: 0, to: 0 },
            city: "上海".into(),
            openings: 1,
            description: String::new(),
            requirements: String::new(),
            open: false,
        },
        members: vec![MemberLine { member, sessions: 2 }],
        member: NewMemberRequest {
            id: MemberId(u(6)),
            name: "王敏".into(),
            role: MemberRole::Recruiter,
            password: PASSWORD.into(),
        },
        password: PasswordChange { old: PASSWORD.into(), new: "correct horse 2".into() },
        round: RoundEdit {
            name: round_info().name,
            stages: vec![Stage::Interview],
            starts: WallTime(1),
            ends: WallTime(2),
            identity: IdentityRule::NotRequired,
            ring_ms: 45_000,
            grace_ms: 600_000,
        },
        decisions: vec![Decide::Approve, Decide::Reject { reason: "看不清执照".into() }],
        fair: FairEdit {
            title: fair_card().title,
            kind: fair_card().kind,
            starts: fair_card().starts,
            ends: fair_card().ends,
            city: "上海市".into(),
            district: "嘉定区".into(),
            venue: "线上".into(),
            introduction: "诚邀参加。".into(),
        },
        reports: vec![ReportLine {
            at: WallTime(9),
            by: Side::Candidate,
            employer_name: "青禾科技有限公司".into(),
            candidate_name: "林晓".into(),
            conversation: ConversationId(u(30)),
            reason: "收费".into(),
        }],
    }
}
