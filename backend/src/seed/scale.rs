//! The sample fair at the size of a real one: more employers, positions and invited candidates, with made-up
//! names. For load tests and for looking at long lists; the twelve employers and their rounds stay as they are.

use super::people::{CANDIDATES, Person};

/// How much there is beside the sample fair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scale {
    /// Invited to the main round besides its eight candidates, without passwords and appointments.
    pub candidates: usize,
    /// Employers of the fair all together; the sample's twelve are always there.
    pub employers: usize,
    /// Positions of each employer; 0: the sample's 269 for all twelve, and one for each further employer.
    pub positions: usize,
    /// Conversations without applications, between the main round's candidates and the employers.
    pub conversations: usize,
    /// Said in these conversations, in all.
    pub messages: usize,
}

/// The most employers: their credit codes are numbered with four digits.
pub const EMPLOYERS_MAX: usize = 10_000;

const PLACES: [&str; 10] = ["青禾", "望舒", "南屿", "拾光", "澄江", "北辰", "云汀", "远山", "星野", "晴川"];
const WORDS: [&str; 10] = ["云帆", "灯塔", "青藤", "石榴", "小满", "鹿鸣", "雁字", "竹石", "稻田", "风车"];
const TRADES: [&str; 10] = [
    "软件",
    "互联科技",
    "电子",
    "数字传媒",
    "智能装备",
    "信息服务",
    "网络科技",
    "通信技术",
    "数据",
    "机器人",
];
const SURNAMES: [&str; 20] = [
    "林", "陈", "赵", "周", "吴", "郑", "孙", "马", "高", "罗", "谢", "韩", "唐", "冯", "许", "邓", "曹",
    "彭", "曾", "萧",
];
const GIVEN: [&str; 23] = [
    "晓青", "思远", "雨桐", "子墨", "欣怡", "浩然", "可心", "天宇", "若溪", "一帆", "安然", "书宁", "沐阳",
    "清越", "佳宁", "明哲", "语嫣", "俊杰", "梦琪", "志强", "诗涵", "文博", "静怡",
];

/// Name of the `n`-th further employer; no two are the same, and none is one of the sample's.
pub(super) fn employer_name(n: usize) -> String {
    let (place, word, trade) = (PLACES[n % 10], WORDS[n / 10 % 10], TRADES[n / 100 % 10]);
    // the sample's companies are 有限公司 without 股份
    match n / 1_000 {
        0 => format!("{place}{word}{trade}股份有限公司"),
        more => format!("{place}{word}{trade}股份有限公司第{more}分公司"),
    }
}

/// Name of the `n`-th further candidate. Names repeat, as they do.
pub(super) fn candidate_name(n: usize) -> String {
    format!("{}{}", SURNAMES[n % SURNAMES.len()], GIVEN[n % GIVEN.len()])
}

/// Whose studies and skills the `n`-th further candidate has.
pub(super) fn like(n: usize) -> &'static Person {
    &CANDIDATES[n % CANDIDATES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::people::EMPLOYERS;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_employers_share_a_name() {
        let further = (0..EMPLOYERS_MAX).map(employer_name);
        let names: BTreeSet<String> =
            further.chain(EMPLOYERS.iter().map(|(name, _)| (*name).to_owned())).collect();
        assert_eq!(names.len(), EMPLOYERS_MAX + EMPLOYERS.len());
    }

    #[test]
    fn candidates_names_repeat_late() {
        let names: BTreeSet<String> = (0..460).map(candidate_name).collect();
        assert_eq!(names.len(), 460);
    }
}
