//! A list of messages that stands at its end and never jumps: a script in the page keeps what is on screen in place
//! while things come above and below, and says what is near; [`slice`] says which messages stand in the page.

use dioxus::prelude::*;
use miantan_domain::ids::ChangeId;
use serde::Deserialize;
use std::ops::Range;

/// Messages in the page at once, and by how many it moves.
const SLICE: usize = 60;
const SHIFT: usize = 20;

/// Which messages stand in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogPlace {
    /// The newest, and whatever comes.
    #[default]
    End,
    /// From this one on.
    From(ChangeId),
}

/// The messages of `ids` that stand in the page.
pub fn slice(ids: &[ChangeId], place: LogPlace) -> Range<usize> {
    let count = ids.len();
    let last = count.saturating_sub(SLICE);
    let from = match place {
        LogPlace::End => last,
        LogPlace::From(id) => ids.iter().position(|other| *other == id).unwrap_or(last),
    };
    from..(from + SLICE).min(count)
}

impl LogPlace {
    /// Begins a little before the message at `at`.
    pub fn around(ids: &[ChangeId], at: usize) -> Self {
        Self::at(ids, at.saturating_sub(SHIFT))
    }

    fn at(ids: &[ChangeId], from: usize) -> Self {
        if from + SLICE >= ids.len() {
            Self::End
        } else {
            ids.get(from).map_or(Self::End, |id| Self::From(*id))
        }
    }

    /// The upper end comes near. `None`: this is the first of all.
    pub fn up(self, ids: &[ChangeId]) -> Option<Self> {
        let from = slice(ids, self).start;
        // never the end again: it would follow what comes
        (from > 0).then(|| Self::From(ids[from.saturating_sub(SHIFT)]))
    }

    /// The lower end comes near. `None`: this is the last of all.
    pub fn down(self, ids: &[ChangeId]) -> Option<Self> {
        let now = slice(ids, self);
        match self {
            Self::End => None,
            Self::From(_) if now.end >= ids.len() => Some(Self::End),
            Self::From(_) => Some(Self::at(ids, now.start + SHIFT)),
        }
    }
}

/// What the script says after each scroll or change.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LogSeen {
    /// The upper or lower end of what stands in the page is near; only the nearer one of both.
    pub top: bool,
    pub bottom: bool,
    /// The end of all is on screen.
    pub end: bool,
    /// The newest numbered message that was really on screen; 0: none.
    pub seen: u64,
}

/// The list's element has `data-end` (its last message is the last of all) and `data-goal` (`seq:N` or `end:N`: where to
/// go once); messages have `data-item` (id) and `data-seq`; the line of what is new has `data-unread`.
const SCRIPT: &str = r#"
const id = await dioxus.recv();
let list = null;
for (let frame = 0; !list && frame < 120; frame += 1) {
    list = document.getElementById(id);
    if (!list) await new Promise(requestAnimationFrame);
}
if (!list) return;
const NEAR = 700;
let pinned = true, anchor = null, offset = 0, told = '', begun = false, reached = '', queued = false;
const items = () => list.querySelectorAll('[data-item]');
const find = (name, value) => list.querySelector('[' + name + '="' + CSS.escape(value) + '"]');
const look = () => {
    const frame = list.getBoundingClientRect();
    const below = list.scrollHeight - list.scrollTop - list.clientHeight;
    const atEnd = list.dataset.end === 'true';
    pinned = atEnd && below < 40;
    anchor = null;
    let seen = 0, first = '';
    const shown = document.visibilityState === 'visible' && frame.height > 0;
    for (const item of items()) {
        if (!first) first = item.dataset.item;
        const box = item.getBoundingClientRect();
        if (box.bottom <= frame.top + 1) continue;
        if (box.top >= frame.bottom) break;
        if (anchor === null) { anchor = item.dataset.item; offset = box.top - frame.top; }
        const whole = box.bottom <= frame.bottom + 12 || box.top <= frame.top;
        if (shown && whole) seen = Math.max(seen, Number(item.dataset.seq) || 0);
    }
    const above = list.scrollTop;
    const news = { top: above < NEAR && above <= below, bottom: below < NEAR && below < above, end: pinned, seen };
    const text = JSON.stringify(news) + first + items().length;
    if (text !== told) { told = text; dioxus.send(news); }
};
const goTo = (element, share) => {
    const frame = list.getBoundingClientRect();
    list.scrollTop += element.getBoundingClientRect().top - frame.top - frame.height * share;
};
const keep = () => {
    if (!begun && items().length) {
        begun = true;
        list.scrollTop = list.scrollHeight;
        const line = list.querySelector('[data-unread]');
        if (line && line.getBoundingClientRect().top < list.getBoundingClientRect().top) goTo(line, 0.06);
        return look();
    }
    const goal = list.dataset.goal || '';
    if (goal && goal !== reached) {
        const [kind, value] = goal.split(':');
        const element = kind === 'seq' ? find('data-seq', value) : null;
        if (kind === 'end' && list.dataset.end === 'true') {
            reached = goal;
            list.scrollTop = list.scrollHeight;
            return look();
        }
        if (element) {
            reached = goal;
            goTo(element, 0.3);
            element.classList.remove('found');
            void element.offsetWidth;
            element.classList.add('found');
            return look();
        }
    }
    if (pinned && list.dataset.end === 'true') {
        list.scrollTop = list.scrollHeight;
    } else if (anchor) {
        const element = find('data-item', anchor);
        if (element) {
            const moved = element.getBoundingClientRect().top - list.getBoundingClientRect().top - offset;
            if (Math.abs(moved) > 0.5) list.scrollTop += moved;
        }
    }
    look();
};
const changes = new MutationObserver(keep);
changes.observe(list, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ['data-goal', 'data-end'] });
const sizes = new ResizeObserver(keep);
sizes.observe(list);
list.addEventListener('scroll', () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; look(); });
}, { passive: true });
const shown = () => look();
document.addEventListener('visibilitychange', shown);
keep();
await dioxus.recv();
changes.disconnect(); sizes.disconnect(); document.removeEventListener('visibilitychange', shown);
"#;

/// Runs the script on the element of that id, and tells what it says. Ends with the component.
pub async fn keep_log(id: &str, mut told: impl FnMut(LogSeen)) {
    /// The script is told to end when the component is gone.
    struct Watch(document::Eval);
    impl Drop for Watch {
        fn drop(&mut self) {
            let _ = self.0.send("end");
        }
    }
    let mut watch = Watch(document::eval(SCRIPT));
    if watch.0.send(id).is_err() {
        return;
    }
    while let Ok(seen) = watch.0.recv::<LogSeen>().await {
        told(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u8) -> Vec<ChangeId> {
        (0..count).map(|n| ChangeId::from_parts(u64::from(n) + 1, &[n; 10])).collect()
    }

    #[test]
    fn few_messages_stand_in_the_page_whole() {
        assert_eq!(slice(&[], LogPlace::End), 0..0);
        let few = ids(12);
        assert_eq!(slice(&few, LogPlace::End), 0..12);
        assert_eq!(LogPlace::End.up(&few), None);
        assert_eq!(LogPlace::End.down(&few), None);
    }

    #[test]
    fn going_up_and_down_reaches_both_ends_and_keeps_few() {
        let all = ids(200);
        let mut place = LogPlace::End;
        let mut seen = slice(&all, place);
        assert_eq!(seen, 140..200);
        while let Some(next) = place.up(&all) {
            let range = slice(&all, next);
            assert!(range.start < seen.start && range.end >= seen.start, "{range:?} after {seen:?}");
            assert!(range.len() <= 80);
            (place, seen) = (next, range);
        }
        assert_eq!(seen.start, 0);
        while let Some(next) = place.down(&all) {
            let range = slice(&all, next);
            assert!(range.end >= seen.end && range.start <= seen.end, "{range:?} after {seen:?}");
            (place, seen) = (next, range);
        }
        assert_eq!((place, seen), (LogPlace::End, 140..200));
    }

    #[test]
    fn what_is_read_stays_while_more_comes() {
        let all = ids(100);
        let place = LogPlace::End.up(&all).expect("there is more above");
        let before = all[slice(&all, place).start];
        let more = ids(150);
        assert_eq!(more[slice(&more, place).start], before);
        // older ones come in front
        let later = &more[30..];
        let place = LogPlace::From(later[5]);
        assert_eq!(slice(later, place).start, 5);
        assert_eq!(slice(&more, place).start, 35);
        // the message is gone (deleted before it was sent): the end
        assert_eq!(slice(&all, LogPlace::From(more[149])), 40..100);
    }

    #[test]
    fn a_hit_is_in_the_page() {
        let all = ids(200);
        for at in [0, 5, 100, 199] {
            assert!(slice(&all, LogPlace::around(&all, at)).contains(&at), "{at}");
        }
    }
}
