//! What stands and positions of the sample fair say of themselves.

/// Short names of the sample's employers, in their order; empty: none.
pub(super) const SHORT: [&str; 12] = [
    "青禾云帆",
    "望舒灯塔",
    "南屿青藤",
    "拾光里",
    "",
    "北辰小满",
    "鹿鸣网络",
    "木槿半导体",
    "",
    "星野竹石",
    "",
    "白露风车",
];

const INTRODUCTIONS: [&str; 4] = [
    "{}成立于2012年，总部位于青禾市云汀区，现有员工四百余人，为中小学校和社区提供信息化产品与服务。\n\n\
     公司实行导师制：每位应届毕业生入职后由一名工程师带教半年，每季度有一次岗位轮换机会。\n\n\
     五险一金、补充医疗、带薪年假、餐补与住宿补贴；每周五下午为技术分享时间。",
    "{}专注互联网产品的研发与运营，团队平均年龄29岁，产品覆盖全省一百二十多所院校。\n\n\
     我们重视把事情讲清楚、把代码写简单，也欢迎提出不同意见的人。\n\n\
     弹性工作时间，双休，实习期满表现优秀者可提前转正。",
    "{}是一家从事电子产品设计与制造的高新技术企业，拥有自己的实验室和两条中试产线。\n\n\
     新员工入职培训四周，包含产线实习与安全教育。\n\n\
     提供员工宿舍与班车，五险一金按实际工资缴纳。",
    "{}服务于本地制造与商贸企业的数字化转型，近三年营业收入年均增长三成。\n\n\
     岗位面向应届毕业生，专业不限的岗位看重学习能力与责任心。\n\n\
     试用期三个月，薪资不打折。",
];

/// The fair's introduction.
pub(super) fn fair_introduction(organiser: &str, graduates: i32) -> String {
    format!(
        "尊敬的用人单位：\n\n\
         为方便用人单位选拔人才，服务毕业生就业，{organiser}举办本次{graduates}届毕业生网上招聘会。本次活动实行网上招聘、\
         网上面谈，用人单位与毕业生全程在线交流。诚邀广大用人单位参加！\n\n\
         一、参会方式\n用人单位点击“单位报名参加”，填写单位信息并上传营业执照，审核通过后即可发布职位；\
         毕业生在面谈 App 中登录后投递简历、在线洽谈并接受面试邀约。\n\n\
         二、面试安排\n用人单位发送面试邀约后，毕业生按约定时间进入候场室完成设备检测，等候用人单位呼叫。\
         面试因来电或网络中断时排队位置保留，可重新接通。\n\n\
         三、注意事项\n请毕业生提前准备安静、光线充足的环境；主办方不向毕业生收取任何费用，\
         如遇收费、扣押证件等情况请在 App 内举报。"
    )
}

/// A stand's introduction; `n`: its place at the fair.
pub(super) fn introduction(n: usize, employer: &str) -> String {
    INTRODUCTIONS[n % INTRODUCTIONS.len()].replace("{}", employer)
}

/// Description and requirements of a position with this title.
pub(super) fn position(title: &str) -> (String, String) {
    let (work, wanted) = kind(title);
    (
        format!(
            "1. {work}\n2. 与同组同事协作，按计划完成任务并做好记录；\n3. 参与评审与总结，持续改进工作方法。"
        ),
        format!("1. 本科及以上学历，应届毕业生；\n2. {wanted}\n3. 沟通清楚，做事踏实，愿意学习新东西。"),
    )
}

fn kind(title: &str) -> (&'static str, &'static str) {
    let has = |words: &[&str]| words.iter().any(|word| title.contains(word));
    if has(&["硬件", "电子", "射频", "FPGA", "嵌入式", "结构", "质量"]) {
        return (
            "参与产品的设计、调试与测试，编写设计文档和测试报告；",
            "电子、通信、自动化、机械等相关专业，能看懂英文数据手册，动手能力强；",
        );
    }
    if has(&["工程师", "开发", "运维", "数据", "算法"]) {
        return (
            "参与系统的设计、编码、测试与上线，为自己写的代码负责；",
            "计算机、软件、信息等相关专业，至少熟悉一门编程语言，了解数据库与网络基础；",
        );
    }
    if has(&["设计", "新媒体", "编辑", "策划"]) {
        return ("负责日常内容与视觉的策划、制作与发布；", "有作品或相关实践，审美好，文字通顺；");
    }
    if has(&["财务", "法务", "人事", "供应链"]) {
        return (
            "处理本岗位的日常事务，整理归档资料，配合内外部检查；",
            "相关专业，细心严谨，熟练使用办公软件；",
        );
    }
    (
        "了解客户需求，提供咨询与服务，跟进问题直到解决；",
        "专业不限，表达清楚，有耐心，有学生工作或实习经历者优先；",
    )
}
