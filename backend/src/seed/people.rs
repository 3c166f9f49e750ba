//! Invented names for the sample fair. Any likeness to a real company or person is chance: the
//! credit codes name a district that does not exist.

use crate::sms::Phone;
use miantan_domain::model::{Resume, ResumeEntry};

pub(super) const ORGANISER: &str = "青禾市毕业生就业服务中心";
/// No such number can be dialled.
pub(super) const HOTLINE: &str = "400-000-0000";
pub(super) const CITY: &str = "青禾市";
pub(super) const DISTRICT: &str = "云汀区";

/// Companies with their owner member. The first two have the rounds.
pub(super) const EMPLOYERS: [(&str, &str); 12] = [
    ("青禾云帆软件有限公司", "王敏"),
    ("望舒灯塔互联科技有限公司", "李慧"),
    ("南屿青藤电子有限公司", "张蕾"),
    ("拾光里数字传媒有限公司", "刘洋"),
    ("澄江石榴智能装备有限公司", "陈静"),
    ("北辰小满信息服务有限公司", "杨帆"),
    ("云汀鹿鸣网络科技有限公司", "赵磊"),
    ("木槿半导体（青禾）有限公司", "黄婷"),
    ("远山雁字通信技术有限公司", "周强"),
    ("星野竹石数据有限公司", "吴丹"),
    ("晴川稻田电子商务有限公司", "徐杰"),
    ("白露风车机器人有限公司", "孙丽"),
];

/// The second member of the second employer.
pub(super) const RECRUITER: &str = "何明";

pub(super) const TITLES: [&str; 32] = [
    "PHP工程师",
    "前端开发",
    "Java开发工程师",
    "电话销售",
    "设计工程师",
    "人事行政专员",
    "嵌入式软件工程师",
    "测试工程师",
    "运维工程师",
    "产品经理助理",
    "UI设计师",
    "硬件工程师",
    "电子工艺工程师",
    "数据分析师",
    "算法工程师",
    "Android开发工程师",
    "iOS开发工程师",
    "新媒体运营",
    "客户成功专员",
    "技术支持工程师",
    "供应链专员",
    "财务会计",
    "法务专员",
    "市场策划",
    "射频工程师",
    "FPGA工程师",
    "结构工程师",
    "质量工程师",
    "项目助理",
    "内容编辑",
    "信息安全工程师",
    "数据库管理员",
];

/// Monthly salaries in yuan, as the fair page groups them. The first reads "1500以下".
pub(super) const SALARIES: [(u32, u32); 9] = [
    (0, 1500),
    (2500, 3499),
    (3500, 4499),
    (4500, 5499),
    (5500, 6499),
    (6500, 7499),
    (7500, 8499),
    (8500, 9999),
    (10_000, 14_999),
];

/// A candidate: name, birth year, school, major, last practice, skills.
pub(super) struct Person {
    pub name: &'static str,
    birth_year: u16,
    school: &'static str,
    major: &'static str,
    practice: &'static str,
    skills: &'static [&'static str],
}

pub(super) const CANDIDATES: [Person; 14] = [
    Person {
        name: "林晓青",
        birth_year: 2004,
        school: "青禾大学",
        major: "软件工程",
        practice: "校园二手书平台后端开发",
        skills: &["Java", "MySQL", "Spring"],
    },
    Person {
        name: "陈思远",
        birth_year: 2003,
        school: "云汀理工大学",
        major: "计算机科学与技术",
        practice: "分布式课程设计：键值存储",
        skills: &["Rust", "Go", "Linux"],
    },
    Person {
        name: "赵雨桐",
        birth_year: 2004,
        school: "青禾大学",
        major: "数字媒体技术",
        practice: "学院官网改版",
        skills: &["TypeScript", "Vue", "Figma"],
    },
    Person {
        name: "周子墨",
        birth_year: 2004,
        school: "南屿学院",
        major: "电子信息工程",
        practice: "智能温室采集节点",
        skills: &["C", "STM32", "FreeRTOS"],
    },
    Person {
        name: "吴欣怡",
        birth_year: 2003,
        school: "云汀理工大学",
        major: "信息管理",
        practice: "社区医院预约数据分析",
        skills: &["Python", "SQL", "Excel"],
    },
    Person {
        name: "郑浩然",
        birth_year: 2004,
        school: "青禾大学",
        major: "网络工程",
        practice: "校园网监控值班",
        skills: &["Linux", "Ansible", "网络排障"],
    },
    Person {
        name: "孙可心",
        birth_year: 2004,
        school: "南屿学院",
        major: "工业设计",
        practice: "助老药盒设计",
        skills: &["Rhino", "Figma", "用户访谈"],
    },
    Person {
        name: "马天宇",
        birth_year: 2003,
        school: "云汀理工大学",
        major: "自动化",
        practice: "机器人竞赛视觉组",
        skills: &["C++", "OpenCV", "Python"],
    },
    Person {
        name: "高若溪",
        birth_year: 2004,
        school: "青禾大学",
        major: "软件工程",
        practice: "图书馆座位预约小程序",
        skills: &["JavaScript", "Node.js"],
    },
    Person {
        name: "罗一帆",
        birth_year: 2004,
        school: "南屿学院",
        major: "通信工程",
        practice: "无线电社信道测量",
        skills: &["MATLAB", "C"],
    },
    Person {
        name: "谢安然",
        birth_year: 2003,
        school: "云汀理工大学",
        major: "人工智能",
        practice: "手语识别毕业设计",
        skills: &["Python", "PyTorch"],
    },
    Person {
        name: "韩书宁",
        birth_year: 2004,
        school: "青禾大学",
        major: "会计学",
        practice: "学生会财务部",
        skills: &["Excel", "财务报表"],
    },
    Person {
        name: "唐沐阳",
        birth_year: 2004,
        school: "南屿学院",
        major: "市场营销",
        practice: "校园市集策划",
        skills: &["文案", "活动策划"],
    },
    Person {
        name: "冯清越",
        birth_year: 2003,
        school: "云汀理工大学",
        major: "信息安全",
        practice: "校内攻防演练蓝队",
        skills: &["网络安全", "Python"],
    },
];

/// An invented number for the `n`-th candidate, of a row nobody has: `1990000xxxx`.
pub(super) fn phone(n: usize) -> Option<Phone> {
    Phone::parse(&format!("199{:08}", n + 1)).ok()
}

impl Person {
    pub fn headline(&self) -> String {
        format!("{} · {}", self.school, self.major)
    }

    /// A résumé of someone who graduates in this year.
    pub fn resume(&self, graduates: i32) -> Resume {
        let (start, last) = (graduates - 4, graduates - 1);
        Resume {
            city: CITY.into(),
            birth_year: self.birth_year,
            objective: String::new(),
            email: String::new(),
            photo: None,
            education: vec![ResumeEntry {
                period: format!("{start}.09 – {graduates}.06"),
                place: self.school.into(),
                what: format!("{} 本科", self.major),
                details: "专业排名前 20%，获校级奖学金".into(),
            }],
            experience: vec![ResumeEntry {
                period: format!("{last}.03 – {last}.08"),
                place: self.school.into(),
                what: self.practice.into(),
                details: "负责方案、实现与答辩，成果在学院展示".into(),
            }],
            skills: self.skills.iter().map(|&s| s.to_owned()).collect(),
            about: "做事踏实，乐于沟通，希望在第一份工作里把基本功练扎实。".into(),
        }
    }
}

/// GB 11714-1997: the check character of an organisation code's eight characters.
pub(super) fn organisation_check(body: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}
