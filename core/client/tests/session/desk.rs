//! The hall's conversations: numbers what is said, answers a repeated change as before, tells what
//! was missed. Decides with the same rules as the real backend; keeps everything in memory.

use crate::hall::{NOON, uuid};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::{Author, TalkState, decide};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::{BTreeMap, VecDeque};

/// One conversation.
pub struct Talk {
    state: TalkState,
    pub entries: Vec<Entry>,
    name: String,
    pos: u64,
    pub cards: Vec<InvitationCard>,
}

/// A file that is being uploaded.
pub struct Uploading {
    pub new: NewObject,
    pub bytes: Vec<u8>,
}

/// What happens to the socket at a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accident {
    /// The change never arrives.
    Before,
    /// It is done, and nobody hears of it.
    After,
    /// Only the first frame of the answer arrives.
    Half,
}

pub struct Desk {
    /// Whose device is connected here.
    pub side: Side,
    pub talks: BTreeMap<ConversationId, Talk>,
    pos: u64,
    done: BTreeMap<ChangeId, u64>,
    /// For the changes to come, one each; `None`: all goes well.
    pub accidents: VecDeque<Option<Accident>>,
    /// Refuses everything that is said with this.
    pub refuses: Option<ProblemCode>,
    /// Takes no file, for this reason.
    pub refuses_files: Option<ProblemCode>,
    /// Answers nothing about changes.
    pub silent: bool,
    /// REST about conversations fails as if the network were gone.
    pub unreachable: bool,
    pub uploads: BTreeMap<ObjectId, Uploading>,
    /// Offsets at which parts came, in order.
    pub parts: Vec<(ObjectId, u64)>,
    /// So many parts are taken; those after them find the server gone.
    pub parts_left: Option<usize>,
    /// `GET /talks/…/entries` asked for.
    pub asked: Vec<ConversationId>,
    pub thumbs: usize,
}

pub fn talk_id(n: u128) -> ConversationId {
    ConversationId(uuid(0x7000_0000 + n))
}

impl Desk {
    pub fn of(side: Side) -> Self {
        Self {
            side,
            talks: BTreeMap::new(),
            pos: 0,
            done: BTreeMap::new(),
            accidents: VecDeque::new(),
            refuses: None,
            refuses_files: None,
            silent: false,
            unreachable: false,
            uploads: BTreeMap::new(),
            parts: Vec::new(),
            parts_left: None,
            asked: Vec::new(),
            thumbs: 0,
        }
    }

    fn step(&mut self) -> u64 {
        self.pos += 1;
        self.pos
    }

    /// A conversation with a first entry: a résumé for a position.
    pub fn begin(&mut self, n: u128, name: &str) -> ConversationId {
        let id = talk_id(n);
        let pos = self.step();
        let talk = Talk {
            state: TalkState::default(),
            entries: Vec::new(),
            name: name.into(),
            pos,
            cards: Vec::new(),
        };
        self.talks.insert(id, talk);
        let body = EntryBody::Applied {
            application: ApplicationId(uuid(n)),
            position: "前端开发工程师".into(),
        };
        self.push(id, ChangeId(uuid(0xa000_0000 + n)), Side::Candidate, body);
        id
    }

    fn push(&mut self, id: ConversationId, change: ChangeId, from: Side, body: EntryBody) -> (u64, Entry) {
        let pos = self.step();
        let talk = self.talks.get_mut(&id).expect("the conversation");
        let seq = talk.entries.len() as u64 + 1;
        let by = if from == Side::Recruiter { "王敏".into() } else { String::new() };
        let entry = Entry { seq, id: change, from, by, at: WallTime(NOON + pos as i64), body };
        talk.entries.push(entry.clone());
        talk.state.last_seq = seq;
        talk.pos = pos;
        (pos, entry)
    }

    /// The other side says something. The frame for the device.
    pub fn they_say(&mut self, id: ConversationId, text: &str) -> ServerFrame {
        let change = ChangeId(uuid(0xb000_0000 + u128::from(self.pos)));
        let (pos, entry) = self.push(id, change, self.side.other(), EntryBody::Text { text: text.into() });
        ServerFrame::Entry { conversation: id, pos, entry }
    }

    /// The other side sends a picture that is on the server.
    pub fn they_show(&mut self, id: ConversationId, object: ObjectId) -> ServerFrame {
        let change = ChangeId(uuid(0xb000_0000 + u128::from(self.pos)));
        let body = EntryBody::Image { object, width: 640, height: 480 };
        let (pos, entry) = self.push(id, change, self.side.other(), body);
        ServerFrame::Entry { conversation: id, pos, entry }
    }

    /// The other side's devices have come so far.
    pub fn they_saw(&mut self, id: ConversationId, seen: Seen) -> ServerFrame {
        let side = self.side.other();
        self.see(id, side, seen).expect("something new")
    }

    fn see(&mut self, id: ConversationId, side: Side, seen: Seen) -> Option<ServerFrame> {
        let seen = self.talks.get_mut(&id)?.state.see(side, seen)?;
        let pos = self.step();
        self.talks.get_mut(&id)?.pos = pos;
        Some(ServerFrame::Seen { conversation: id, pos, side, seen })
    }

    /// An invitation of this round, open, for half a day after the hall's noon.
    pub fn invite(&mut self, id: ConversationId, n: u128, status: InvitationStatus) -> InvitationId {
        let invitation = InvitationId(uuid(n));
        let starts = WallTime(NOON + 12 * 3_600_000);
        let card = InvitationCard {
            id: invitation,
            conversation: id,
            revision: 1,
            terms: InvitationTerms { starts, minutes: 30, note: String::new(), round: None },
            round: RoundId(uuid(1)),
            round_name: "青禾云帆 面谈".into(),
            employer_name: "青禾云帆".into(),
            with_password: false,
            status,
            sent: WallTime(NOON),
        };
        let pos = self.step();
        let talk = self.talks.get_mut(&id).expect("the conversation");
        talk.cards.insert(0, card);
        talk.pos = pos;
        invitation
    }

    pub fn head(&self, id: ConversationId) -> TalkHead {
        let talk = &self.talks[&id];
        let state = &talk.state;
        let read = state.seen(self.side).read;
        let unread = talk.entries.iter().filter(|e| e.seq > read && e.from != self.side).count();
        TalkHead {
            id,
            pos: talk.pos,
            side: self.side,
            fair: None,
            fair_title: "春季招聘会".into(),
            employer: EmployerId(uuid(5)),
            employer_name: if self.side == Side::Candidate {
                talk.name.clone()
            } else {
                "青禾云帆".into()
            },
            candidate: CandidateId(uuid(2)),
            candidate_name: if self.side == Side::Recruiter { talk.name.clone() } else { "林晓青".into() },
            candidate_line: "青禾大学".into(),
            last_seq: state.last_seq,
            last: talk.entries.last().cloned(),
            candidate_seen: state.candidate_seen,
            recruiter_seen: state.recruiter_seen,
            unread: unread as u32,
            mark: if self.side == Side::Recruiter { state.mark } else { Mark::Unmarked },
            applications: Vec::new(),
            invitations: talk.cards.clone(),
            blocked: state.blocked,
        }
    }

    /// What a device that was away is told.
    pub fn since(&self, since: Option<u64>) -> Vec<ServerFrame> {
        let mut frames = Vec::new();
        if let Some(since) = since {
            let mut changed: Vec<_> = self.talks.iter().filter(|(_, talk)| talk.pos > since).collect();
            changed.sort_by_key(|(_, talk)| talk.pos);
            frames.extend(changed.into_iter().map(|(id, _)| ServerFrame::Head(Box::new(self.head(*id)))));
        }
        frames.push(ServerFrame::Inbox { pos: self.pos });
        frames
    }

    /// A change, as the real server takes it: once.
    pub fn change(
        &mut self,
        id: ChangeId,
        conversation: ConversationId,
        command: TalkCommand,
    ) -> Vec<ServerFrame> {
        if let Some(seq) = self.done.get(&id) {
            return vec![ServerFrame::Accepted { id, seq: *seq }];
        }
        let refused = |problem: Problem| vec![ServerFrame::Refused { id, problem }];
        if let Some(code) = self.refuses {
            return refused(code.into());
        }
        if !self.talks.contains_key(&conversation) {
            return refused(ProblemCode::NotFound.into());
        }
        let author = match self.side {
            Side::Candidate => Author::Candidate,
            Side::Recruiter => Author::Member(MemberRole::Owner),
        };
        let talk = &self.talks[&conversation];
        let decision = match decide(&talk.state, author, command, WallTime(NOON)) {
            Ok(decision) => decision,
            Err(problem) => return refused(problem),
        };
        let mut frames = Vec::new();
        if let Some(body) = decision.entry.clone() {
            let (pos, entry) = self.push(conversation, id, self.side, body);
            frames.push(ServerFrame::Entry { conversation, pos, entry });
        }
        let pos = self.step();
        let talk = self.talks.get_mut(&conversation).expect("it is there");
        if let Some(mark) = decision.mark {
            talk.state.mark = mark;
            talk.pos = pos;
            frames.push(ServerFrame::Head(Box::new(self.head(conversation))));
        }
        let seq = self.talks[&conversation].entries.len() as u64;
        self.done.insert(id, seq);
        frames.push(ServerFrame::Accepted { id, seq });
        frames
    }

    /// This device has come so far.
    pub fn seen(&mut self, id: ConversationId, seen: Seen) -> Vec<ServerFrame> {
        let side = self.side;
        match self.see(id, side, seen) {
            Some(frame) => vec![frame],
            None => match self.talks.get(&id) {
                Some(talk) => {
                    let (pos, seen) = (talk.pos, talk.state.seen(side));
                    vec![ServerFrame::Seen { conversation: id, pos, side, seen }]
                }
                None => Vec::new(),
            },
        }
    }

    /// Texts of a conversation, in order.
    pub fn texts(&self, id: ConversationId) -> Vec<String> {
        let text = |entry: &Entry| match &entry.body {
            EntryBody::Text { text } => Some(text.clone()),
            _ => None,
        };
        self.talks[&id].entries.iter().filter_map(text).collect()
    }

    pub fn own_seen(&self, id: ConversationId) -> Seen {
        self.talks[&id].state.seen(self.side)
    }

    // ---- REST

    pub fn page(&self, query: &BTreeMap<String, String>) -> TalkPage {
        let limit: usize = query.get("limit").and_then(|n| n.parse().ok()).unwrap_or(50);
        let below: u64 = query.get("cursor").and_then(|n| n.parse().ok()).unwrap_or(u64::MAX);
        let mut ids: Vec<_> = self.talks.iter().map(|(id, talk)| (talk.pos, *id)).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let fits = |head: &TalkHead| {
            let mark = serde_json::to_value(head.mark).unwrap();
            query.get("mark").is_none_or(|wanted| mark == wanted.as_str())
                && query
                    .get("q")
                    .is_none_or(|q| head.candidate_name.contains(q) || head.employer_name.contains(q))
                && (!query.contains_key("unread") || head.unread > 0)
        };
        let mut heads = ids.iter().filter(|(pos, _)| *pos < below).map(|(_, id)| self.head(*id)).filter(fits);
        let items: Vec<_> = heads.by_ref().take(limit).collect();
        let next = heads.next().and(items.last().map(|head| head.pos.to_string()));
        let all = self.talks.len() as u32;
        TalkPage { items, next, counts: TalkCounts { all, ..TalkCounts::default() } }
    }

    pub fn entries(
        &mut self,
        id: ConversationId,
        query: &BTreeMap<String, String>,
    ) -> Result<Vec<Entry>, Problem> {
        self.asked.push(id);
        let talk = self.talks.get(&id).ok_or_else(|| Problem::from(ProblemCode::NotFound))?;
        let number = |name: &str| query.get(name).and_then(|n| n.parse::<u64>().ok());
        let limit = number("limit").unwrap_or(50) as usize;
        let entries: Vec<Entry> = match (number("after"), number("before")) {
            (Some(after), _) => talk.entries.iter().filter(|e| e.seq > after).take(limit).cloned().collect(),
            (None, before) => {
                let before = before.unwrap_or(u64::MAX);
                let below: Vec<_> = talk.entries.iter().filter(|e| e.seq < before).cloned().collect();
                below[below.len().saturating_sub(limit)..].to_vec()
            }
        };
        Ok(entries)
    }

    pub fn begin_upload(&mut self, new: NewObject) -> Result<Upload, Problem> {
        if let Some(code) = self.refuses_files {
            return Err(code.into());
        }
        let id = new.id;
        self.uploads.entry(id).or_insert_with(|| Uploading { new, bytes: Vec::new() });
        self.upload(id)
    }

    pub fn upload(&self, id: ObjectId) -> Result<Upload, Problem> {
        let upload = self.uploads.get(&id).ok_or_else(|| Problem::from(ProblemCode::FileUnknown))?;
        let offset = upload.bytes.len() as u64;
        let done = (offset == upload.new.size).then(|| ObjectInfo {
            id,
            name: upload.new.name.clone(),
            media_type: "image/jpeg".into(),
            size: offset,
            width: 0,
            height: 0,
        });
        Ok(Upload { id, offset, done })
    }

    pub fn part(&mut self, id: ObjectId, offset: u64, part: &[u8]) -> Result<Upload, Problem> {
        if self.parts_left == Some(0) {
            return Err(ProblemCode::Offline.into());
        }
        self.parts_left = self.parts_left.map(|left| left - 1);
        self.parts.push((id, offset));
        let upload = self.uploads.get_mut(&id).ok_or_else(|| Problem::from(ProblemCode::FileUnknown))?;
        if offset != upload.bytes.len() as u64 {
            return Err(ProblemCode::UploadOffset.into());
        }
        upload.bytes.extend_from_slice(part);
        self.upload(id)
    }
}
