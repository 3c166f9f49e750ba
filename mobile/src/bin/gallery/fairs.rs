//! Fairs, applying, registration and the ways in for the gallery. All people and companies are invented.
//!
//! Whoever is not signed in gets there through a link (`wish`), as with a QR code.

use crate::fixtures::{MINUTE, WALL, base, bytes};
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::rest::Policy;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::sync::Arc;

const DAY: i64 = 24 * 60 * MINUTE;
const NAMES: [(&str, &str); 6] = [
    ("青禾数据", "杭州青禾数据科技有限公司"),
    ("", "黑龙江云杉就业信息服务有限公司"),
    ("萃石", "上海萃石软件有限公司"),
    ("远帆智能", "深圳市远帆智能装备股份有限公司"),
    ("", "南京木铎教育咨询有限公司"),
    ("Larkspur", "Larkspur Analytics (Suzhou) Co., Ltd."),
];
const JOBS: [(&str, u32, u32); 6] = [
    ("PHP 开发工程师", 7500, 8499),
    ("前端开发", 7500, 8499),
    ("电话销售", 0, 1500),
    ("设计工程师", 5500, 6499),
    ("人事行政专员", 2500, 3499),
    ("嵌入式软件工程师（应届，接受转岗）", 0, 0),
];

fn fair() -> FairId {
    FairId::from_parts(1, &bytes(1))
}

fn position_id(n: usize) -> PositionId {
    PositionId::from_parts(2, &bytes(n as u8))
}

fn card(n: u8, title: &str, from: i64, to: i64) -> FairCard {
    FairCard {
        id: FairId::from_parts(1, &bytes(n)),
        title: title.into(),
        kind: "网络招聘会".into(),
        starts: WALL.after(from * DAY),
        ends: WALL.after(to * DAY),
        city: "上海市".into(),
        district: "嘉定区".into(),
        employers: 512,
        positions: 10_240,
    }
}

fn position(n: usize) -> PositionCard {
    let (title, from, to) = JOBS[n % JOBS.len()];
    PositionCard {
        id: position_id(n),
        title: title.into(),
        salary: Salary { from, to },
        city: if n % 3 == 2 { String::new() } else { "上海市".into() },
        openings: n as u32 % 5 + 1,
        open: n != 4,
        applied: false,
    }
}

fn stands(count: usize) -> Vec<StandCard> {
    let stand = |n: usize| {
        let (short, name) = NAMES[n % NAMES.len()];
        StandCard {
            employer: EmployerId::from_parts(3 + n as u64, &bytes(n as u8)),
            name: name.into(),
            short: short.into(),
            positions: (0..[4, 2, 1, 3][n % 4]).map(|at| position(n * 4 + at)).collect(),
            position_count: 20,
        }
    };
    (0..count).map(stand).collect()
}

fn page(card: FairCard) -> FairPage {
    FairPage {
        card,
        venue: "线上互联网招聘大厅".into(),
        introduction: "尊敬的用人单位：\n\n为方便用人单位选拔人才，服务毕业生就业，江南大学定于本月举办2027届毕业生网上招聘会（第1场）。诚邀广大用人单位参加！本次活动实行网上招聘、网上洽谈、视频面试一体化，方便用人单位、毕业生和学校在一个平台上协同。\n\n一、时间\n2026年11月20日 — 12月3日".into(),
        views: 397,
        followers: 1_208,
        followed: false,
        link: "https://hall.example.edu.cn/fairs/0190f7c2-7b1e-7aaa-8000-000000000001".into(),
    }
}

fn screen() -> FairScreen {
    let card = card(1, "2027届毕业生互联网电子行业线上招聘会邀请函", -4, 9);
    FairScreen {
        fair: fair(),
        page: Loadable::Ready(Arc::new(page(card))),
        stale: false,
        search: String::new(),
        stands: Loadable::Ready(Arc::new(stands(500))),
        more: false,
        loading_more: false,
        followed: false,
        stand: None,
        position: None,
    }
}

fn list() -> Loadable<Arc<Vec<FairCard>>> {
    Loadable::Ready(Arc::new(vec![
        card(2, "2027届师范生专场", 3, 5),
        card(1, "2027届毕业生互联网电子行业线上招聘会", -4, 9),
        card(3, "滨湖区春季民营企业线上招聘会", -60, -40),
    ]))
}

fn stand() -> Stand {
    let (short, name) = NAMES[0];
    Stand {
        fair: fair(),
        fair_title: "2027届毕业生互联网电子行业线上招聘会".into(),
        employer: EmployerId::from_parts(3, &bytes(0)),
        name: name.into(),
        short: short.into(),
        introduction: "青禾数据成立于2016年，做城市供水和水务的数据平台，团队120人。\n\n新人有导师，双休。"
            .into(),
        positions: (0..6).map(position).collect(),
    }
}

fn details(n: usize) -> PositionDetails {
    PositionDetails {
        card: position(n),
        fair: fair(),
        fair_title: "2027届毕业生互联网电子行业线上招聘会".into(),
        fair_open: true,
        employer: EmployerId::from_parts(3, &bytes(0)),
        employer_name: NAMES[0].1.into(),
        description: "负责水务平台的后端接口开发和维护。\n参与需求评审，独立完成模块设计。\n\n与前端和数据团队一起，把调度算法做成可用的产品。".into(),
        requirements: "1. 2027届本科及以上，计算机相关专业；\n2. 熟悉 PHP 或 Go，了解 MySQL；\n3. 能写清楚的文档。".into(),
    }
}

fn fairs(open: Option<FairScreen>) -> FairsView {
    FairsView { list: Some(list()), open: open.map(Box::new) }
}

/// Somebody who came by a link.
fn out(open: Option<FairScreen>, wish: LinkWish) -> AppView {
    AppView { fairs: fairs(open), wish: Some(wish), ..base() }
}

fn mine() -> MineView {
    let file = |n: u8, name: &str| AttachmentResume {
        object: ObjectId::from_parts(1, &bytes(n)),
        name: name.into(),
        size: 310_000,
        at: WALL.after(-i64::from(n) * DAY),
    };
    let resume = Resume { about: "三年项目经验".into(), ..Resume::default() };
    let doc = ResumeDoc {
        version: 3, name: "林晓".into(), headline: "江南大学 · 软件工程".into(), resume
    };
    let id = ChangeId::from_parts(1, &bytes(3));
    let closed = Problem::from(ProblemCode::PositionClosed);
    let applied = BTreeMap::from([
        (position_id(0), ApplyState::Applied),
        (position_id(1), ApplyState::Waiting { id }),
        (position_id(3), ApplyState::Failed { id, problem: closed }),
    ]);
    MineView {
        resume: ResumeEditView { doc: Some(Arc::new(doc)), ..ResumeEditView::default() },
        attachments: Some(Loadable::Ready(Arc::new(vec![file(1, "林晓-简历.pdf"), file(2, "作品集.docx")]))),
        applied: Arc::new(applied),
        ..MineView::default()
    }
}

fn account(name: &str, mine: MineView, open: Option<FairScreen>) -> AppView {
    let (name, phone) = (name.to_owned(), "138****5678".to_owned());
    AppView {
        fairs: fairs(open),
        who: WhoView::Account(Box::new(AccountView { name, phone, mine })),
        ..base()
    }
}

fn registration(state: RegistrationState, uploading: Option<u8>) -> AppView {
    let registration = Registration {
        id: RegistrationId::from_parts(1, &bytes(1)),
        fair: fair(),
        fair_title: "2027届毕业生互联网电子行业线上招聘会".into(),
        name: NAMES[0].1.into(),
        uscc: "914403001922038216".into(),
        contact: "王敏".into(),
        at: WALL.after(-40 * MINUTE),
        state,
    };
    let registration = RegistrationView { registration, uploading, checked: WALL };
    AppView { registration: Some(Arc::new(registration)), ..out(Some(screen()), LinkWish::Register(fair())) }
}

fn phone(form: FormState, asked: bool) -> AppView {
    let code = asked.then(|| CodeView {
        phone: "13800138000".into(),
        masked: "138****8000".into(),
        again_at: base().now.after(52_000),
        valid_until: Timestamp(u64::MAX),
    });
    let policy = Policy { version: 1, text: "面谈服务条款和隐私政策\n\n一、我们收集什么\n手机号，用于登录和面试通知。\n姓名和出生年月，用于确认身份和年龄。\n\n二、保存在哪里\n只保存在主办方的服务器上。\n\n三、您的权利\n随时查看、导出、更正和删除。".into() };
    AppView {
        who: WhoView::SignedOut { form, code },
        policy: Some(Loadable::Ready(Arc::new(policy))),
        fairs: fairs(None),
        ..base()
    }
}

/// The snapshot of that name.
pub fn view(name: &str) -> AppView {
    let problem = |code: ProblemCode| Problem::from(code);
    let see = LinkWish::Fair(fair());
    match name {
        "fair-list" => account("林晓", mine(), None),
        "fair-list-out" => out(None, see),
        "fair-list-none" => {
            let none = FairsView { list: Some(Loadable::Ready(Arc::default())), open: None };
            AppView { fairs: none, ..out(None, see) }
        }
        "fair-list-failed" => {
            let failed = Some(Loadable::Failed(problem(ProblemCode::Offline)));
            AppView { fairs: FairsView { list: failed, open: None }, ..out(None, see) }
        }
        "fair" => account("林晓", mine(), Some(screen())),
        "fair-out" => out(Some(screen()), see),
        "fair-few" => {
            let mut screen = screen();
            screen.followed = true;
            screen.search = "前端".into();
            screen.stands = Loadable::Ready(Arc::new(stands(2)));
            if let Loadable::Ready(page) = &mut screen.page {
                Arc::make_mut(page).introduction = "欢迎参加。".into();
            }
            account("林晓", mine(), Some(screen))
        }
        "fair-none-found" => {
            let mut screen = FairScreen { search: "炼丹".into(), ..screen() };
            screen.stands = Loadable::Ready(Arc::default());
            out(Some(screen), see)
        }
        "fair-stale" => out(Some(FairScreen { stale: true, ..screen() }), see),
        "fair-over" => {
            let card = card(1, "滨湖区春季民营企业线上招聘会", -60, -40);
            let page = Loadable::Ready(Arc::new(page(card)));
            out(Some(FairScreen { page, ..screen() }), see)
        }
        "fair-loading" => {
            let (page, stands) = (Loadable::Loading, Loadable::Loading);
            out(Some(FairScreen { page, stands, ..screen() }), see)
        }
        "fair-failed" => {
            let page = Loadable::Failed(problem(ProblemCode::NotFound));
            out(Some(FairScreen { page, ..screen() }), see)
        }
        "fair-stand" => {
            let stand = Some(Loadable::Ready(Arc::new(stand())));
            account("林晓", mine(), Some(FairScreen { stand, ..screen() }))
        }
        "fair-position" | "fair-position-applied" | "fair-position-stopped" => {
            let n = match name {
                "fair-position" => 2,
                "fair-position-applied" => 0,
                _ => 4,
            };
            let position = Some(Loadable::Ready(Arc::new(details(n))));
            account("林晓", mine(), Some(FairScreen { position, ..screen() }))
        }
        "apply-blank" => {
            let doc = Some(Arc::new(ResumeDoc { name: "林晓".into(), ..ResumeDoc::default() }));
            let resume = ResumeEditView { doc, ..ResumeEditView::default() };
            let none = Some(Loadable::Ready(Arc::default()));
            let mine = MineView { resume, attachments: none, uploading: Some(42), ..mine() };
            account("林晓", mine, Some(screen()))
        }
        "fair-register" => out(Some(screen()), LinkWish::Register(fair())),
        "fair-register-failed" => {
            let form = FormState::Failed { problem: problem(ProblemCode::EmployerKnown), again_at: None };
            let who = WhoView::SignedOut { form, code: None };
            AppView { who, ..out(Some(screen()), LinkWish::Register(fair())) }
        }
        "fair-register-uploading" => registration(RegistrationState::LicenceMissing, Some(63)),
        "fair-register-missing" => registration(RegistrationState::LicenceMissing, None),
        "fair-register-waiting" => registration(RegistrationState::Waiting, None),
        "fair-register-approved" => registration(RegistrationState::Approved, None),
        "fair-register-rejected" => {
            let reason = "营业执照照片模糊，看不清信用代码。请重新拍摄后提交。".to_owned();
            registration(RegistrationState::Rejected { reason }, None)
        }
        "way-phone" => phone(FormState::Idle, false),
        "way-phone-sent" => phone(FormState::Idle, true),
        "way-phone-wrong" => {
            phone(FormState::Failed { problem: problem(ProblemCode::SmsCodeWrong), again_at: None }, true)
        }
        "way-profile" => account("", MineView::default(), None),
        "way-registered" => AppView { wish: None, ..registration(RegistrationState::Waiting, None) },
        other => panic!("there is no screen {other}"),
    }
}
