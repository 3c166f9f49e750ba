//! Somebody who writes all the time, as the app's outbox does: so many unanswered at once, in order, and
//! what was not accepted is sent again from the first on.

use crate::serving::Place;
use futures_util::{SinkExt, StreamExt};
use miantan_domain::ids::*;
use miantan_domain::model::{Entry, EntryBody, Presence, Saying};
use miantan_domain::wire::live::*;
use miantan_domain::wire::{Problem, VERSIONS};
use std::collections::HashMap;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use uuid::Uuid;

/// Unanswered messages at once, as the app's outbox has them.
const WINDOW: usize = 32;
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Speaker {
    token: String,
    to: To,
    written: Vec<ChangeId>,
    /// So many from the beginning were accepted, with their numbers.
    accepted: Vec<u64>,
    /// Appended to each text, to fill a disk sooner.
    pub padding: String,
}

/// Where somebody writes.
#[derive(Debug, Clone, Copy)]
enum To {
    Talk(ConversationId),
    /// Notes at one's own ticket.
    Round(RoundId, TicketId),
}

impl To {
    fn says(self, text: String) -> Change {
        match self {
            Self::Talk(conversation) => {
                Change::Talk { conversation, command: TalkCommand::Say { saying: Saying::Text { text } } }
            }
            Self::Round(round, ticket) => Change::Round { round, command: Command::Note { ticket, text } },
        }
    }
}

/// How a while of talking ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// As many were accepted as was wanted.
    Said,
    /// The first that was refused.
    Refused(Problem),
    /// The server is gone.
    Gone,
}

impl Speaker {
    /// In the conversation.
    pub fn at(place: Place) -> Self {
        Self::to(To::Talk(place.talk), place.token)
    }

    /// In the round's room.
    pub fn waiting_in(place: Place) -> Self {
        Self::to(To::Round(place.round, place.ticket), place.token)
    }

    fn to(to: To, token: String) -> Self {
        Self { token, to, written: Vec::new(), accepted: Vec::new(), padding: String::new() }
    }

    pub fn accepted(&self) -> usize {
        self.accepted.len()
    }

    /// Written and not accepted yet.
    pub fn waiting(&self) -> usize {
        self.written.len() - self.accepted.len()
    }

    fn text(&self, k: usize) -> String {
        format!("第{k}条{}", self.padding)
    }

    /// Talks until so many more were accepted, something is refused, or the server is gone.
    pub async fn talks(&mut self, url: &str, more: usize) -> Ended {
        let mut request =
            format!("{}/api/v1/live", url.replacen("http", "ws", 1)).into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.token);
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        let Ok((mut ws, _)) = tokio_tungstenite::connect_async(request).await else { return Ended::Gone };
        let hello =
            ClientFrame::Hello { versions: VERSIONS.to_vec(), presence: Presence::Online, call: None };
        ws.send(Message::text(serde_json::to_string(&hello).unwrap())).await.unwrap();
        let enough = self.accepted.len() + more;
        let mut sent = self.accepted.len();
        loop {
            while sent < self.accepted.len() + WINDOW && sent < enough + WINDOW {
                if sent == self.written.len() {
                    self.written.push(ChangeId(Uuid::now_v7()));
                }
                let frame =
                    ClientFrame::Change { id: self.written[sent], change: self.to.says(self.text(sent)) };
                if ws.feed(Message::text(serde_json::to_string(&frame).unwrap())).await.is_err() {
                    return Ended::Gone;
                }
                sent += 1;
            }
            if ws.flush().await.is_err() {
                return Ended::Gone;
            }
            if self.accepted.len() >= enough {
                return Ended::Said;
            }
            let next = tokio::time::timeout(PATIENCE, ws.next()).await.expect("the server answers");
            match next {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text).unwrap() {
                    ServerFrame::Accepted { id, seq } => {
                        assert_eq!(id, self.written[self.accepted.len()], "answered in order");
                        self.accepted.push(seq);
                    }
                    ServerFrame::Refused { id, problem } => {
                        assert_eq!(id, self.written[self.accepted.len()], "answered in order");
                        return Ended::Refused(problem);
                    }
                    _ => {}
                },
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ended::Gone,
            }
        }
    }

    /// The conversation as the server has it.
    async fn kept(&self, url: &str) -> Vec<Entry> {
        let To::Talk(talk) = self.to else { panic!("no conversation") };
        let client = reqwest::Client::new();
        let (mut all, mut after): (Vec<Entry>, u64) = (Vec::new(), 0);
        loop {
            let path = format!("{url}/api/v1/talks/{talk}/entries?after={after}&limit=200");
            let answer =
                client.get(path).bearer_auth(&self.token).send().await.unwrap().error_for_status().unwrap();
            let page: Vec<Entry> = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            let Some(last) = page.last() else { return all };
            after = last.seq;
            all.extend(page);
        }
    }

    /// Each once, in the order of writing, numbered without a gap; and all that was accepted is there.
    pub async fn finds_everything(&self, url: &str) {
        let kept = self.kept(url).await;
        self.wrote(&kept.iter().map(|entry| (entry.seq, entry.id)).collect::<Vec<_>>());
        for (k, seq) in self.accepted.iter().enumerate() {
            assert_eq!(kept[*seq as usize - 1].body, EntryBody::Text { text: self.text(k) });
        }
        assert!(kept.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "numbered without a gap");
    }

    /// What is kept of this person's, with numbers: each once, in the order of writing; and whatever was
    /// accepted is there under its number.
    pub fn wrote(&self, kept: &[(u64, ChangeId)]) {
        let place: HashMap<ChangeId, usize> = self.written.iter().copied().zip(0..).collect();
        let order: Vec<usize> = kept.iter().map(|(_, id)| place[id]).collect();
        assert!(order.is_sorted_by(|a, b| a < b), "each once, in the order of writing");
        let of: HashMap<ChangeId, u64> = kept.iter().map(|(seq, id)| (*id, *seq)).collect();
        for (k, seq) in self.accepted.iter().enumerate() {
            assert_eq!(of.get(&self.written[k]), Some(seq), "accepted and there");
        }
    }
}
