//! Where a line may end: between Chinese characters, but no closing mark begins a line and no opening mark ends
//! one (GB/T 15834-2011, 5.1.10; W3C clreq 3.1.3); Latin words stay whole. Knows widths, no fonts.

use std::ops::Range;

/// A user-perceived character: its place in the text and its width in any one unit.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    pub range: Range<usize>,
    pub width: f32,
}

/// May not begin a line.
const NOT_FIRST: &str = "。，、．：；！？）〕］｝》〉」』】〗”’％‰℃·…—～〜ー々.,:;!?)]}%»›/°";
/// May not end a line.
const NOT_LAST: &str = "（〔［｛《〈「『【〖“‘([{¥￥$£€#«‹№";
/// Full-width marks whose right half is blank: that half may stand beyond the edge.
const HALF_BLANK: &str = "。，、．：；！？）〕］｝》〉」』】〗";

/// The ranges of `text` that become lines of at most `room` (in the unit of the widths). A word longer than a line
/// is cut where it must be. Blanks at a line's end belong to no line. An empty text is one empty line.
pub(super) fn lines(text: &str, clusters: &[Cluster], room: f32) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < clusters.len() {
        let end = line_end(text, &clusters[start..], room) + start;
        let from = clusters[start].range.start;
        let to = clusters[end - 1].range.end;
        lines.push(from..from + text[from..to].trim_end().len());
        start = end;
        while clusters.get(start).is_some_and(|cluster| is_blank(&text[cluster.range.clone()])) {
            start += 1;
        }
    }
    if lines.is_empty() {
        lines.push(0..0);
    }
    lines
}

/// How many clusters make the first line; at least one.
fn line_end(text: &str, clusters: &[Cluster], room: f32) -> usize {
    let at = |n: usize| &text[clusters[n].range.clone()];
    let mut width = 0.0;
    let mut good = 0;
    for n in 0..clusters.len() {
        // Rounding of sums must not push a line over that was measured to fit.
        const SLACK: f32 = 0.001;
        let overhang = if HALF_BLANK.contains(at(n)) { clusters[n].width / 2.0 } else { 0.0 };
        width += clusters[n].width;
        if width - overhang > room + SLACK && !is_blank(at(n)) && n > 0 {
            return if good > 0 { good } else { n };
        }
        if n + 1 < clusters.len() && may_break(n.checked_sub(1).map(at), at(n), at(n + 1)) {
            good = n + 1;
        }
    }
    clusters.len()
}

/// Whether a line may end between `left` and `right`; `before` stands before `left`.
fn may_break(before: Option<&str>, left: &str, right: &str) -> bool {
    if is_blank(right) {
        return false;
    }
    if NOT_FIRST.contains(right) || NOT_LAST.contains(left) {
        return false;
    }
    if is_blank(left) {
        // `( word`: what holds over the blank.
        return before.is_none_or(|before| !NOT_LAST.contains(before));
    }
    let (l, r) = (first(left), first(right));
    if is_wide(l) || is_wide(r) {
        return true;
    }
    // Compound words and paths: after the mark, between letters.
    matches!(l, '-' | '\u{2010}' | '–' | '/')
        && r.is_alphabetic()
        && before.is_some_and(|before| first(before).is_alphabetic())
}

fn is_blank(cluster: &str) -> bool {
    // No-break spaces are not blanks here.
    matches!(cluster, " " | "\u{3000}" | "\u{2002}" | "\u{2003}" | "\u{2009}")
}

fn first(cluster: &str) -> char {
    cluster.chars().next().unwrap_or(' ')
}

/// Characters that lines may break around: Han, kana, hangul, their marks, emoji.
pub(super) const fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}' | '\u{2600}'..='\u{27BF}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}'
        | '\u{1F000}'..='\u{1FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use unicode_segmentation::UnicodeSegmentation as _;

    use super::*;

    /// Breaks with wide characters 2 wide and others 1.
    fn broken(text: &str, room: f32) -> Vec<&str> {
        let clusters: Vec<Cluster> = text
            .grapheme_indices(true)
            .map(|(at, cluster)| Cluster {
                range: at..at + cluster.len(),
                width: if is_wide(first(cluster)) { 2.0 } else { 1.0 },
            })
            .collect();
        lines(text, &clusters, room).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn chinese_breaks_anywhere_but_before_closing_marks() {
        assert_eq!(broken("一二三四五六", 6.0), ["一二三", "四五六"]);
        // The full stop fits with its blank half beyond the edge.
        assert_eq!(broken("一二三。四五", 7.0), ["一二三。", "四五"]);
        // Not even half of it fits: the character before comes along.
        assert_eq!(broken("一二三。四五", 6.0), ["一二", "三。四", "五"]);
        assert_eq!(broken("一二（三四）", 6.0), ["一二", "（三", "四）"]);
        assert_eq!(broken("一二三……四", 6.0), ["一二", "三……四"]);
    }

    #[test]
    fn latin_words_stay_whole_unless_longer_than_a_line() {
        assert_eq!(broken("I wrote a compiler in Rust", 10.0), ["I wrote a", "compiler", "in Rust"]);
        assert_eq!(broken("用Rust写编译器", 6.0), ["用Rust", "写编译", "器"]);
        assert_eq!(broken("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
        assert_eq!(broken("state-of-the-art", 9.0), ["state-of-", "the-art"]);
        assert_eq!(broken("增长 35.5%，其中", 8.0), ["增长", "35.5%，", "其中"]);
        assert_eq!(broken("a  b", 1.0), ["a", "b"]);
        assert_eq!(broken("", 10.0), [""]);
    }

    #[test]
    fn an_emoji_family_is_one_character() {
        assert_eq!(broken("家👨‍👩‍👧‍👦家", 2.0), ["家", "👨‍👩‍👧‍👦", "家"]);
    }

    #[test]
    fn every_line_obeys_whatever_the_text() {
        let text = "熟悉“分布式系统”（Raft、Paxos），主导过《招聘大厅》的设计：支持 10,000 人同时在线！其中——排队、叫号、视频面试——均为独立完成；响应时间降低了 35.5%，详见 https://example.com/a/b?c=d 。";
        for room in 8_u8..80 {
            let lines = broken(text, f32::from(room));
            let joined: String = lines.concat();
            assert_eq!(joined.replace(' ', ""), text.replace(' ', ""), "nothing is lost at {room}");
            for line in &lines[1..] {
                let first = line.graphemes(true).next().unwrap();
                // Emergency cuts inside a word too long for the line are allowed to.
                assert!(!"。，、：；！？）》”".contains(first), "{room}: {line:?}");
            }
            for line in &lines[..lines.len() - 1] {
                assert!(!line.ends_with(['（', '《', '“']), "{room}: {line:?}");
            }
        }
    }
}
