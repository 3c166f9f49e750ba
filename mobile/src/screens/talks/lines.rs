//! How the messages of a conversation stand together: days, groups, the line of what is new; links in texts. Pure.

use super::times::{day_label, same_day, same_minute};
use crate::format::hour;
use crate::i18n::Lang;
use miantan_client::view::{ItemBody, TalkItem};
use miantan_domain::model::Side;
use miantan_domain::time::WallTime;
use std::ops::Range;
use time::UtcOffset;

/// One message as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub item: TalkItem,
    pub mine: bool,
    /// Over it: another day begins.
    pub day: Option<String>,
    /// Over it: what is new begins.
    pub news: bool,
    /// The first and the last of a group by one person in one minute.
    pub first: bool,
    pub last: bool,
    pub when: String,
}

/// What a [`Line`] depends on besides the messages.
#[derive(Debug, Clone, Copy)]
pub struct Eye {
    pub lang: Lang,
    pub mine: Side,
    pub now: WallTime,
    pub offset: UtcOffset,
    /// The first message that was not read when the conversation was opened.
    pub first_new: Option<u64>,
}

/// Said by a person; the others are lines of the history.
const fn said(body: &ItemBody) -> bool {
    match body {
        ItemBody::Text(_) | ItemBody::Image(_) | ItemBody::File { .. } | ItemBody::Invited(_) => true,
        ItemBody::Applied { .. } | ItemBody::InvitationMoved(_) | ItemBody::Unknown => false,
    }
}

/// The messages in `range`, drawn.
pub fn lines(items: &[TalkItem], range: Range<usize>, eye: Eye) -> Vec<Line> {
    let news_at = eye
        .first_new
        .and_then(|first| items.iter().position(|item| item.seq >= first && item.from != eye.mine));
    let together = |one: usize, next: usize| {
        let (a, b) = (&items[one], &items[next]);
        a.from == b.from
            && a.by == b.by
            && said(&a.body)
            && said(&b.body)
            && same_minute(a.at, b.at)
            && news_at != Some(next)
    };
    range
        .map(|at| {
            let item = &items[at];
            let new_day = at == 0 || !same_day(items[at - 1].at, item.at, eye.offset);
            Line {
                mine: item.from == eye.mine,
                day: new_day.then(|| day_label(eye.lang, item.at, eye.now, eye.offset)),
                news: news_at == Some(at),
                first: at == 0 || !together(at - 1, at),
                last: at + 1 >= items.len() || !together(at, at + 1),
                when: hour(item.at, eye.offset),
                item: item.clone(),
            }
        })
        .collect()
}

/// A part of a text: as it is, or an address that can be opened after a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Plain(String),
    Link(String),
}

/// Addresses begin with this, or they are text like any other.
const SCHEME: &str = "https://";

/// Splits a text at its `https` addresses. What stands right behind one in a sentence is not part of it.
pub fn parts(text: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut plain = String::new();
    while let Some(at) = rest.find(SCHEME) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let end = from.find(|c: char| !address(c)).unwrap_or(from.len());
        let link = from[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        if link.len() > SCHEME.len() && !before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            if !plain.is_empty() {
                found.push(Part::Plain(std::mem::take(&mut plain)));
            }
            found.push(Part::Link(link.to_owned()));
        } else {
            plain.push_str(&from[..link.len().max(SCHEME.len())]);
        }
        rest = &from[link.len().max(SCHEME.len())..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        found.push(Part::Plain(plain));
    }
    found
}

/// Characters of an address as it is written; anything else (Chinese, quotes, spaces) ends it.
const fn address(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '-' | '.'
                | '_'
                | '~'
                | ':'
                | '/'
                | '?'
                | '#'
                | '['
                | ']'
                | '@'
                | '!'
                | '$'
                | '&'
                | '\''
                | '('
                | ')'
                | '*'
                | '+'
                | ','
                | ';'
                | '='
                | '%'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_client::view::SendState;
    use miantan_domain::ids::ChangeId;
    use time::macros::offset;

    /// 2026-11-24 14:05 in China.
    const NOW: WallTime = WallTime(1_795_500_300_000);

    fn item(seq: u64, from: Side, by: &str, minutes_ago: i64) -> TalkItem {
        TalkItem {
            id: ChangeId::from_parts(seq, &[1; 10]),
            seq,
            from,
            by: by.into(),
            at: NOW.after(-minutes_ago * 60_000),
            body: ItemBody::Text("…".into()),
            state: SendState::Received,
        }
    }

    fn eye(first_new: Option<u64>) -> Eye {
        Eye { lang: Lang::Zh, mine: Side::Candidate, now: NOW, offset: offset!(+8), first_new }
    }

    fn shape(lines: &[Line]) -> Vec<(bool, bool)> {
        lines.iter().map(|line| (line.first, line.last)).collect()
    }

    #[test]
    fn one_persons_messages_of_a_minute_stand_together() {
        let items = [
            item(1, Side::Recruiter, "王敏", 5),
            item(2, Side::Recruiter, "王敏", 5),
            item(3, Side::Recruiter, "李强", 5),
            item(4, Side::Candidate, "", 5),
            item(5, Side::Candidate, "", 4),
        ];
        let all = lines(&items, 0..5, eye(None));
        assert_eq!(shape(&all), [(true, false), (false, true), (true, true), (true, true), (true, true)]);
        assert_eq!(all.iter().map(|line| line.mine).collect::<Vec<_>>(), [false, false, false, true, true]);
        // a part of them is drawn as in the whole
        assert_eq!(lines(&items, 1..3, eye(None)), all[1..3]);
    }

    #[test]
    fn days_and_what_is_new_have_a_line() {
        let items = [
            item(1, Side::Recruiter, "王敏", 3 * 24 * 60),
            item(2, Side::Recruiter, "王敏", 24 * 60),
            item(3, Side::Candidate, "", 2),
            item(4, Side::Recruiter, "王敏", 1),
            item(5, Side::Recruiter, "王敏", 1),
        ];
        let all = lines(&items, 0..5, eye(Some(3)));
        let days: Vec<_> = all.iter().map(|line| line.day.as_deref()).collect();
        assert_eq!(days, [Some("11月21日"), Some("昨天"), Some("今天"), None, None]);
        // one's own message is not new
        assert_eq!(all.iter().position(|line| line.news), Some(3));
        let all = lines(&items, 0..5, eye(Some(5)));
        assert!(all[4].news && all[4].first && all[3].last, "the line parts a group");
        assert!(lines(&items, 0..5, eye(Some(6))).iter().all(|line| !line.news));
    }

    #[test]
    fn only_https_addresses_are_links_and_nothing_is_lost() {
        let link = |text: &str| Part::Link(text.into());
        let plain = |text: &str| Part::Plain(text.into());
        assert_eq!(
            parts("请看https://a.example.cn/x?y=1。谢谢"),
            [plain("请看"), link("https://a.example.cn/x?y=1"), plain("。谢谢")]
        );
        assert_eq!(parts("(https://a.cn/b)."), [plain("("), link("https://a.cn/b"), plain(").")]);
        for text in [
            "http://a.cn",
            "javascript:alert(1)",
            "xhttps://a.cn/",
            "https://",
            "<a href=x>",
            "",
            "file:///etc/passwd",
            "https://https://",
        ] {
            let found = parts(text);
            assert!(
                found.iter().all(|part| matches!(part, Part::Plain(_))) || text == "https://https://",
                "{text}"
            );
        }
        for text in [
            "a https://b.cn c https://d.cn",
            "https://https://x.cn",
            "https://,https://a.cn, b",
            "xhttps://a.cn b",
        ] {
            let joined: String = parts(text)
                .into_iter()
                .map(|part| match part {
                    Part::Plain(text) | Part::Link(text) => text,
                })
                .collect();
            assert_eq!(joined, text);
        }
    }
}
