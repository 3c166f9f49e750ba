//! One person's device in the chat: says what it is told to say, with so many messages unanswered at most, and hears
//! what the others say.

use super::book::Book;
use crate::device::{Device, Reading, Writing};
use anyhow::{Context, bail};
use miantan_domain::ids::{ChangeId, ConversationId};
use miantan_domain::model::{Saying, Side};
use miantan_domain::wire::live::{Change, ClientFrame, ServerFrame, TalkCommand};
use serde::Deserialize;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};

/// As long as people write to each other.
const TEXT: &str = "好的，周四下午三点我会提前十分钟进入候场区，请问需要带作品集吗？";

/// What a device says.
pub(super) enum Orders {
    Nothing,
    /// Each message when it is due; its time runs from then on.
    Given(mpsc::Receiver<usize>),
    /// One after the other until then.
    Until(Instant),
    /// What was written while it was offline.
    Queued(Range<usize>),
}

/// Follows the conversations and learns what there is: the conversations that changed after `since`, and where all
/// that was told ends.
pub(super) async fn follow(device: &mut Device, since: u64) -> anyhow::Result<(Vec<ConversationId>, u64)> {
    device.writing.say(&ClientFrame::Inbox { since: Some(since) }).await?;
    let mut talks = Vec::new();
    loop {
        match device.reading.hear().await.context("the conversations are not told")? {
            ServerFrame::Head(head) => talks.push(head.id),
            ServerFrame::Inbox { pos } => return Ok((talks, pos)),
            ServerFrame::Problem(problem) => bail!("the server refuses: {}", problem.code.as_str()),
            _ => {}
        }
    }
}

/// A device with conversations.
pub(super) struct Talker {
    pub device: Device,
    pub side: Side,
    /// Where it says something, in turn. Whoever has none says nothing.
    pub talks: Vec<ConversationId>,
    pub window: usize,
}

impl Talker {
    /// Until the socket ends, which is counted.
    pub async fn live(self, mut orders: Orders, book: Arc<Book>) {
        let Self { device, side, talks, window } = self;
        let Device { mut writing, mut reading, heartbeat } = device;
        let free = Semaphore::new(window);
        let say = async {
            let mut said = 0_usize;
            if !talks.is_empty() {
                while let Some(number) = next(&mut writing, heartbeat, &mut orders, &book, &free).await? {
                    let (now, conversation) = (Instant::now(), talks[said % talks.len()]);
                    said += 1;
                    if !matches!(orders, Orders::Given(_)) {
                        book.sent(number, now);
                    }
                    let command = TalkCommand::Say { saying: Saying::Text { text: TEXT.into() } };
                    let change = Change::Talk { conversation, command };
                    writing.say(&ClientFrame::Change { id: book.id(number, now), change }).await?;
                }
            }
            for n in 0.. {
                tokio::time::sleep(heartbeat).await;
                writing.say(&ClientFrame::Ping { n }).await?;
            }
            anyhow::Ok(())
        };
        let hear = hear(&mut reading, side, &book, &free);
        tokio::select! { _ = say => {}, _ = hear => {} }
        book.lost.fetch_add(1, Ordering::Relaxed);
    }
}

/// The next message and a place in the window; none when there is nothing more to say. Pings while it waits.
async fn next(
    writing: &mut Writing,
    heartbeat: Duration,
    orders: &mut Orders,
    book: &Book,
    free: &Semaphore,
) -> anyhow::Result<Option<usize>> {
    let next = async {
        // what is free now may be drawn by nobody else meanwhile; a number that is drawn must be sent
        let number = match orders {
            Orders::Given(given) => given.recv().await,
            Orders::Nothing | Orders::Until(_) | Orders::Queued(_) => None,
        };
        free.acquire().await?.forget();
        anyhow::Ok(match orders {
            Orders::Nothing => None,
            Orders::Given(_) => number,
            Orders::Until(end) => (Instant::now() < *end).then(|| book.draw()).flatten(),
            Orders::Queued(numbers) => numbers.next(),
        })
    };
    tokio::pin!(next);
    for n in 0.. {
        match tokio::time::timeout(heartbeat, &mut next).await {
            Ok(next) => return next,
            Err(_) => writing.say(&ClientFrame::Ping { n }).await?,
        }
    }
    Ok(None)
}

/// What of a frame is looked at here. The rest is skipped: reading it would cost the server's share of the
/// processor.
#[derive(Deserialize)]
struct Heard<'a> {
    kind: &'a str,
    id: Option<ChangeId>,
    conversation: Option<ConversationId>,
    entry: Option<HeardEntry>,
    reason: Option<&'a str>,
}

#[derive(Deserialize)]
struct HeardEntry {
    seq: u64,
    id: ChangeId,
    from: Side,
}

async fn hear(reading: &mut Reading, side: Side, book: &Book, free: &Semaphore) -> anyhow::Result<()> {
    let mut last = HashMap::new();
    loop {
        let text = reading.text().await?;
        let now = Instant::now();
        let frame: Heard<'_> = serde_json::from_str(&text)?;
        match (frame.kind, frame.id, frame.conversation, frame.entry) {
            ("accepted", Some(id), ..) => {
                book.acknowledged(id, now);
                free.add_permits(1);
            }
            ("refused", ..) => {
                book.refused.fetch_add(1, Ordering::Relaxed);
                free.add_permits(1);
            }
            ("entry", _, Some(conversation), Some(entry)) => {
                let before = last.insert(conversation, entry.seq);
                if before.is_some_and(|before| entry.seq != before + 1) {
                    book.wrong.fetch_add(1, Ordering::Relaxed);
                }
                // one's own comes to all of one's devices; it is a delivery to nobody
                if entry.from != side {
                    book.delivered(entry.id, now);
                }
            }
            ("bye", ..) => bail!("the server says goodbye: {}", frame.reason.unwrap_or("without a reason")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::model::{Entry, EntryBody};
    use miantan_domain::time::WallTime;
    use miantan_domain::wire::live::ByeReason;

    #[test]
    fn what_is_looked_at_is_read_as_the_protocol_writes_it() {
        let (id, conversation) = (ChangeId::from_parts(5, &[7; 10]), ConversationId::from_parts(6, &[8; 10]));
        let entry = Entry {
            seq: 9,
            id,
            from: Side::Recruiter,
            by: "\"wang\"".into(),
            at: WallTime(1),
            body: EntryBody::Text { text: "您好\n".into() },
        };
        let text = |frame: ServerFrame| serde_json::to_string(&frame).expect("a frame");
        let entry = text(ServerFrame::Entry { conversation, pos: 3, entry });
        let heard: Heard<'_> = serde_json::from_str(&entry).expect("an entry");
        let of = heard.entry.map(|entry| (entry.seq, entry.id, entry.from));
        assert_eq!(
            (heard.kind, heard.conversation, of),
            ("entry", Some(conversation), Some((9, id, Side::Recruiter)))
        );
        let accepted = text(ServerFrame::Accepted { id, seq: 9 });
        let heard: Heard<'_> = serde_json::from_str(&accepted).expect("an answer");
        assert_eq!((heard.kind, heard.id), ("accepted", Some(id)));
        let bye = text(ServerFrame::Bye { reason: ByeReason::TooSlow, retry_after_ms: 0 });
        let heard: Heard<'_> = serde_json::from_str(&bye).expect("an end");
        assert_eq!((heard.kind, heard.reason), ("bye", Some("too_slow")));
    }
}
