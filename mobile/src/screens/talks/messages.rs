//! The messages of a conversation and the line to write in (T2). At most sixty stand in the page, and nothing jumps while
//! older ones come in above or new ones below.

use super::item::Item;
use super::lines::{Eye, lines};
use super::{Desk, FILE_MAX_MIB, open_talk, use_desk};
use crate::bridge::{Hall, use_hall};
use crate::i18n::Lang;
use crate::parts::{
    Button, Composer, EmojiPicker, Glyph, Icon, IconButton, Kind, LogPlace, LogSeen, NotPicked, Pick,
    Spinner, badge, insert_into, keep_log, pick_file, slice, use_field_id,
};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::{ConversationView, TalkItem};
use miantan_domain::ids::{ChangeId, ConversationId};
use miantan_domain::model::Side;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::FILE_MAX_BYTES;
use std::sync::Arc;
use std::time::Duration;

/// What is half written is kept on the device when nothing was typed for so long.
const DRAFT_AFTER: Duration = Duration::from_millis(400);

/// What is under the line to write in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tray {
    Closed,
    Emoji,
    Files,
}

fn ids(items: &[TalkItem]) -> Vec<ChangeId> {
    items.iter().map(|item| item.id).collect()
}

/// The first entry not read when the conversation was opened.
fn first_new(open: &ConversationView) -> Option<u64> {
    let head = &open.head;
    (head.unread > 0).then(|| head.seen(head.side).read + 1)
}

#[component]
pub fn MessagesPanel(conversation: ConversationId) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let Some(open) = open_talk(&view).filter(|open| open.head.id == conversation) else { return rsx! {} };
    let new_from = use_hook(|| first_new(open));
    let blocked = open.head.blocked;
    let side = open.head.side;
    rsx! {
        Log {
            items: open.items.clone(),
            side,
            new_from,
            has_older: open.has_older,
            loading_older: open.loading_older,
            typing: open.typing,
            read: open.head.seen(side).read,
        }
        if blocked {
            Blocked { conversation, side }
        } else {
            Writing { conversation, draft: open.draft.to_string() }
        }
        p { class: "unseen", role: "status",
            if open.typing {
                {l.tr("talk-typing")}
            }
        }
    }
}

/// Where this list is, and what was seen in it.
#[derive(Clone, Copy)]
struct Watching {
    place: Signal<LogPlace>,
    /// The end of all is on screen.
    end: Signal<bool>,
    /// The newest entry that was on screen.
    seen: Signal<u64>,
    /// How often the end was asked for.
    to_end: Signal<u32>,
}

impl Watching {
    /// After the script said something.
    fn look(mut self, hall: Hall, told: &LogSeen) {
        let view = hall.peek_view();
        let Some(open) = open_talk(&view) else { return };
        if *self.end.peek() != told.end {
            self.end.set(told.end);
        }
        if told.seen > *self.seen.peek() {
            self.seen.set(told.seen);
            hall.send(Intent::Talk(TalkIntent::Seen { seq: told.seen }));
        }
        let ids = ids(&open.items);
        let place = *self.place.peek();
        if told.top && !told.end {
            match place.up(&ids) {
                Some(up) => self.place.set(up),
                None if open.has_older && !open.loading_older => hall.send(Intent::Talk(TalkIntent::Older)),
                None => {}
            }
        } else if told.top && open.has_older && !open.loading_older && slice(&ids, place).start == 0 {
            // few messages, and all of them on screen
            hall.send(Intent::Talk(TalkIntent::Older));
        } else if told.bottom
            && let Some(down) = place.down(&ids)
        {
            self.place.set(down);
        }
    }
}

#[component]
fn Log(
    items: Arc<Vec<TalkItem>>,
    side: Side,
    new_from: Option<u64>,
    has_older: bool,
    loading_older: bool,
    typing: bool,
    read: u64,
) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let id = use_field_id();
    let mut watching = use_hook(|| {
        let all = ids(&items);
        let at = new_from.and_then(|first| items.iter().position(|item| item.seq >= first));
        let place = match at {
            // what is new begins above what stands in the page at the end
            Some(at) if at < slice(&all, LogPlace::End).start + 10 => LogPlace::around(&all, at),
            Some(_) | None => LogPlace::End,
        };
        Watching {
            place: Signal::new(place),
            end: Signal::new(true),
            seen: Signal::new(read),
            to_end: Signal::new(0),
        }
    });
    let element = id.clone();
    use_future(move || {
        let element = element.clone();
        async move { keep_log(&element, |told| watching.look(hall, &told)).await }
    });
    // A hit that was searched for comes into the page once it is among the messages.
    let mut reached = use_hook(|| CopyValue::new(None));
    let goal = (desk.goal)();
    if let Some((seq, _)) = goal
        && *reached.peek() != goal
        && let Some(at) = items.iter().position(|item| item.seq == seq)
    {
        reached.set(goal);
        watching.place.set(LogPlace::around(&ids(&items), at));
    }
    let all = ids(&items);
    let range = slice(&all, (watching.place)());
    let at_end = range.end == all.len();
    let now = WallTime(hall.wall().0.div_euclid(600_000) * 600_000);
    let eye = Eye { lang: l, mine: side, now, offset: hall.offset(), first_new: new_from };
    let drawn = lines(&items, range.clone(), eye);
    let unseen = items.iter().filter(|item| item.from != side && item.seq > (watching.seen)()).count();
    let to_end = (watching.to_end)();
    let goal = match goal {
        _ if to_end > 0 && reached.peek().is_none() => format!("end:{to_end}"),
        Some((seq, times)) => format!("seq:{seq}:{times}:{to_end}"),
        None => String::new(),
    };
    rsx! {
        div { class: "talk-log-room",
            div {
                id: "{id}",
                class: "talk-log",
                role: "log",
                "aria-live": "polite",
                "aria-relevant": "additions",
                "aria-label": l.tr("notes"),
                tabindex: "0",
                "data-test": "talk-log",
                "data-end": at_end,
                "data-goal": "{goal}",
                if loading_older && range.start == 0 {
                    p { class: "talk-older", role: "status", Spinner {} {l.tr("talk-loading-older")} }
                } else if !has_older && range.start == 0 && !items.is_empty() {
                    p { class: "talk-older", {l.tr("talk-beginning")} }
                }
                if items.is_empty() && !has_older && !loading_older {
                    p { class: "note-empty", {l.tr("talk-empty")} }
                }
                for line in drawn {
                    Item { key: "{line.item.id}", line }
                }
                if typing && at_end {
                    div { class: "note theirs typing", "aria-hidden": "true",
                        div { class: "bubble", span {} span {} span {} }
                    }
                }
            }
            if !(watching.end)() && !items.is_empty() {
                button {
                    r#type: "button",
                    class: "to-end",
                    "data-test": "talk-latest",
                    "aria-label": if unseen > 0 {
                        l.tr_with("talk-latest-new", &[("n", unseen.into())])
                    } else {
                        l.tr("talk-latest")
                    },
                    onclick: move |_| {
                        reached.set(None);
                        let mut goal = desk.goal;
                        goal.set(None);
                        watching.place.set(LogPlace::End);
                        watching.to_end += 1;
                    },
                    Icon { glyph: Glyph::Down }
                    if unseen > 0 {
                        span { class: "figures", {badge(u32::try_from(unseen).unwrap_or(u32::MAX))} }
                    }
                }
            }
        }
    }
}

#[component]
fn Blocked(conversation: ConversationId, side: Side) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    rsx! {
        div { class: "talk-blocked", "data-test": "talk-blocked",
            Icon { glyph: Glyph::Block }
            p { {if side == Side::Candidate { l.tr("blocked-mine") } else { l.tr("blocked-theirs") }} }
            if side == Side::Candidate {
                Button {
                    test: "talk-unblock",
                    label: l.tr("unblock"),
                    kind: Kind::Secondary,
                    small: true,
                    onpress: move |()| hall.send(Intent::Talk(TalkIntent::Block { conversation, on: false })),
                }
            }
        }
    }
}

/// Why a file was not taken; `None`: nothing was chosen.
fn refused(l: Lang, why: NotPicked) -> Option<String> {
    match why {
        NotPicked::Nothing => None,
        NotPicked::TooLarge => Some(l.tr_with("file-too-large", &[("most", FILE_MAX_MIB.into())])),
        NotPicked::Unreadable => Some(l.tr("file-unreadable")),
    }
}

/// Lets the person choose, and hands what was chosen to the session.
fn send_file(hall: Hall, desk: Desk, pick: Pick) {
    let mut problem = desk.problem;
    problem.set(None);
    spawn(async move {
        match pick_file(pick, FILE_MAX_BYTES).await {
            Ok(picked) => {
                let (name, bytes) = (picked.name, Arc::from(picked.bytes));
                hall.send(Intent::Talk(match pick {
                    Pick::Picture | Pick::Camera => TalkIntent::SendImage { name, bytes },
                    Pick::File | Pick::Licence => TalkIntent::SendFile { name, bytes },
                }));
            }
            Err(why) => problem.set(refused(hall.lang(), why)),
        }
    });
}

/// Keeps what is half written: after a pause, at once when it is empty (sent), and when the screen is left.
fn use_draft(conversation: ConversationId) -> Callback<String> {
    let hall = use_hall();
    // Typed and not kept yet.
    let mut open = use_hook(|| CopyValue::new(None::<String>));
    let mut turn = use_hook(|| CopyValue::new(0_u32));
    let mut flush = move || {
        if let Some(text) = open.write().take() {
            hall.send(Intent::Talk(TalkIntent::Draft { conversation, text }));
        }
    };
    use_drop(flush);
    use_callback(move |text: String| {
        let sent = text.is_empty();
        open.set(Some(text));
        *turn.write() += 1;
        let mine = *turn.peek();
        if sent {
            return flush();
        }
        spawn(async move {
            tokio::time::sleep(DRAFT_AFTER).await;
            if *turn.peek() == mine {
                flush();
            }
        });
    })
}

#[component]
fn Writing(conversation: ConversationId, draft: String) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let field = use_field_id();
    let mut tray = use_signal(|| Tray::Closed);
    let keep = use_draft(conversation);
    let draft = use_hook(|| draft.clone());
    let emoji_field = field.clone();
    let mut toggle = move |wanted: Tray| {
        let now = *tray.peek();
        tray.set(if now == wanted { Tray::Closed } else { wanted });
    };
    let problem = (desk.problem)();
    let choices = [
        (Pick::Picture, "talk-album", Glyph::Image, l.tr("talk-album")),
        (Pick::Camera, "talk-camera", Glyph::Camera, l.tr("talk-camera")),
        (Pick::File, "talk-file", Glyph::Document, l.tr("talk-file")),
    ];
    rsx! {
        footer { class: "talk-writing",
            if let Some(problem) = problem {
                div { class: "callout bad", role: "alert", "data-test": "file-problem",
                    Icon { glyph: Glyph::Warning }
                    span { "{problem}" }
                    IconButton {
                        test: "file-problem-close",
                        name: l.tr("close"),
                        glyph: Glyph::Close,
                        class: "quiet",
                        onpress: move |()| {
                            let mut problem = desk.problem;
                            problem.set(None);
                        },
                    }
                }
            }
            Composer {
                test: "talk",
                field,
                placeholder: l.tr("talk-write"),
                draft,
                ontyped: move |text: String| {
                    if !text.trim().is_empty() {
                        hall.send(Intent::Talk(TalkIntent::Typing));
                    }
                    keep.call(text);
                },
                onsend: move |text| hall.send(Intent::Talk(TalkIntent::Say { text })),
                before: rsx! {
                    IconButton {
                        test: "talk-attach",
                        name: l.tr("talk-attach"),
                        glyph: Glyph::Plus,
                        class: "quiet",
                        pressed: tray() == Tray::Files,
                        onpress: move |()| toggle(Tray::Files),
                    }
                },
                inside: rsx! {
                    IconButton {
                        test: "talk-emoji",
                        name: l.tr("emoji"),
                        glyph: Glyph::Smile,
                        class: "quiet",
                        pressed: tray() == Tray::Emoji,
                        onpress: move |()| toggle(Tray::Emoji),
                    }
                },
            }
            match tray() {
                Tray::Closed => rsx! {},
                Tray::Emoji => rsx! {
                    EmojiPicker { onpick: move |character: String| insert_into(&emoji_field, &character) }
                },
                Tray::Files => rsx! {
                    div { class: "talk-tray", role: "group", "aria-label": l.tr("talk-attach"),
                        for (pick , test , glyph , label) in choices {
                            IconButton {
                                key: "{test}",
                                test,
                                name: label.clone(),
                                glyph,
                                class: "tray-button",
                                caption: label,
                                onpress: move |()| {
                                    send_file(hall, desk, pick);
                                    tray.set(Tray::Closed);
                                },
                            }
                        }
                    }
                },
            }
        }
    }
}
