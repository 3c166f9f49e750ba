//! The power goes while people talk and a round runs: whatever was acknowledged before is there
//! afterwards, once, in order and whole. A VFS of the test's own (`vfs`) writes down what SQLite does to
//! its files; from that `disk` makes what any moment may leave behind, and the store is opened on it.
//! Killing the process (`faults`) cannot show this: the system still writes what a dead process wrote.

mod disk;
#[expect(unsafe_code, reason = "SQLite's interface for file systems is C")]
mod vfs;

use disk::{Left, Op, WAYS, after_power_cut};
use miantan_backend::store::sqlite::{self, DATABASE_FILE};
use miantan_backend::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::rules::talk::Author;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{NoteView, TalkCommand};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use uuid::Uuid;
use vfs::Watch;

const NOW: WallTime = WallTime(1_795_000_000_000);
/// Candidates who talk, messages of each, and how many of them are unanswered at once.
const SPEAKERS: u128 = 3;
const MESSAGES: usize = 60;
const WINDOW: usize = 4;
const EVENTS: u64 = 40;
/// Moments at which the power goes, besides those around the syncs of the log.
const MOMENTS: usize = 60;

fn n(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Something that was acknowledged when so much had happened on the disk.
#[derive(Debug, Clone)]
struct Promise {
    at: usize,
    what: Promised,
}

#[derive(Debug, Clone)]
enum Promised {
    Said { speaker: u128, id: ChangeId, seq: u64, text: String },
    Event { seq: u64 },
}

fn hall() -> Import {
    let owner = NewMember {
        id: MemberId(n(11)),
        name: "wang".into(),
        role: MemberRole::Owner,
        password_hash: "not a password".into(),
    };
    let info = RoundInfo {
        id: RoundId(n(1)),
        name: "面谈会".into(),
        employer: String::new(),
        stages: vec![Stage::Interview, Stage::Closed],
        starts: NOW,
        ends: NOW.after(3_600_000),
        identity: IdentityRule::NotRequired,
        ring_ms: 45_000,
        grace_ms: 600_000,
    };
    let employer = NewEmployer {
        id: EmployerId(n(1)),
        uscc: "91310000MA1FL0XY1U".into(),
        name: "青禾科技有限公司".into(),
        approved: true,
        members: vec![owner],
    };
    let candidate = |k| NewCandidate {
        id: CandidateId(n(0x100 + k)),
        name: format!("林{k}"),
        headline: String::new(),
        resume: Resume::default(),
        phone: None,
    };
    Import {
        now: NOW,
        employers: vec![employer],
        rounds: vec![NewRound { employer: EmployerId(n(1)), info, stage: None }],
        candidates: (0..SPEAKERS).map(candidate).collect(),
        ..Import::default()
    }
}

const fn talk_of(speaker: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(0x200 + speaker))
}

async fn says_all(stores: Stores, speaker: u128, watch: Watch) -> Vec<Promise> {
    let candidate = CandidateId(n(0x100 + speaker));
    let by = Talker {
        person: Person::Candidate(candidate),
        party: Party::Candidate(candidate),
        author: Author::Candidate,
        name: String::new(),
    };
    let guard = Guard::default();
    let (mut promises, mut waiting) = (Vec::new(), VecDeque::new());
    for k in 0..MESSAGES + WINDOW {
        if k >= WINDOW {
            let (id, text, answer): (_, _, Answer<u64>) = waiting.pop_front().expect("a window of them");
            let seq = answer.await.expect("answered").expect("stored").expect("accepted");
            promises.push(Promise { at: watch.len(), what: Promised::Said { speaker, id, seq, text } });
        }
        if k < MESSAGES {
            let (id, text) = (ChangeId(Uuid::now_v7()), format!("第{k}条，来自{speaker}"));
            let command = TalkCommand::Say { saying: Saying::Text { text: text.clone() } };
            let wish = TalkWish::Command { conversation: talk_of(speaker), command, plan: None };
            let change = TalkChange { by: by.clone(), id, at: NOW, wish, guard: Arc::clone(&guard) };
            waiting.push_back((id, text, stores.talks.change(change).await.expect("handed over")));
        }
    }
    promises
}

/// Four times in its course the log is moved, however fast people talk and however slow the disk is.
async fn runs_a_round(stores: Stores, watch: Watch, moves: Arc<AtomicUsize>) -> Vec<Promise> {
    let mut promises = Vec::new();
    for seq in 1..=EVENTS {
        if seq % (EVENTS / 4) == 0 {
            // the next may have begun before the last commit
            let moved = moves.load(Ordering::SeqCst) + 2;
            let wait = async {
                while moves.load(Ordering::SeqCst) < moved {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::time::timeout(Duration::from_mins(1), wait).await.expect("the log is moved");
        }
        let note =
            NoteView {
                id: ChangeId(n(seq.into())), from: Side::Recruiter, text: "请稍候".into(), at: NOW
            };
        let event = RoundEvent::Noted { ticket: TicketId(n(1)), note };
        let events = vec![Numbered { seq, at: NOW, event }];
        let commit = RoundCommit { round: RoundId(n(1)), events, answer: None, free: Vec::new() };
        stores.rounds.commit(commit).await.expect("stored");
        promises.push(Promise { at: watch.len(), what: Promised::Event { seq } });
    }
    promises
}

/// Moves the log into the database over and over, also to the log's new beginning: what a day brings.
fn checkpoints(path: &Path, over: &AtomicBool, moves: &AtomicUsize) {
    let connection = rusqlite::Connection::open(path).expect("the database is there");
    connection.busy_timeout(Duration::from_secs(10)).expect("set");
    while !over.load(Ordering::SeqCst) {
        for how in ["PASSIVE", "RESTART", "PASSIVE"] {
            let sql = format!("PRAGMA wal_checkpoint({how})");
            connection.query_row(&sql, [], |_| Ok(())).expect("a checkpoint, or busy");
            std::thread::sleep(Duration::from_millis(3));
        }
        moves.fetch_add(1, Ordering::SeqCst);
    }
}

/// What happened on the disk, to which files, what was acknowledged, and from when on all are there.
struct Story {
    ops: Vec<Op>,
    files: Vec<String>,
    promises: Vec<Promise>,
    begun: usize,
}

async fn story() -> Story {
    let dir = tempfile::tempdir().expect("a folder");
    let watch = Watch::on(dir.path());
    let stores = sqlite::open(dir.path()).expect("a new store");
    stores.fairs.import(hall()).await.expect("imported");
    for speaker in 0..SPEAKERS {
        let parties = Parties { employer: EmployerId(n(1)), candidate: CandidateId(n(0x100 + speaker)) };
        let open = OpenTalk { fresh: talk_of(speaker), parties, fair: None, at: NOW };
        assert_eq!(stores.talks.open(open).await, Ok(Some(talk_of(speaker))));
    }
    let begun = watch.len();
    let (over, moves) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (path, told, counted) = (dir.path().join(DATABASE_FILE), Arc::clone(&over), Arc::clone(&moves));
    let checkpoints = std::thread::spawn(move || checkpoints(&path, &told, &counted));
    let mut people: Vec<_> =
        (0..SPEAKERS).map(|speaker| tokio::spawn(says_all(stores.clone(), speaker, watch))).collect();
    people.push(tokio::spawn(runs_a_round(stores.clone(), watch, moves)));
    let mut promises = Vec::new();
    for person in people {
        promises.extend(person.await.expect("nobody panicked"));
    }
    over.store(true, Ordering::SeqCst);
    checkpoints.join().expect("it ended well");
    // as it is with everybody there: closing would tidy up
    let (ops, files) = watch.taken();
    Story { ops, files, promises, begun }
}

impl Story {
    /// Files as the power leaves them when so much had happened.
    fn leaves(&self, moment: usize, left: Left, chance: &mut StdRng) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (file, name) in self.files.iter().enumerate() {
            // what processes share is made anew by the first that comes
            if !name.ends_with("-shm")
                && let Some(bytes) = after_power_cut(&self.ops[..moment], file, left, chance)
            {
                std::fs::write(dir.path().join(name), bytes).expect("written");
            }
        }
        dir
    }

    /// Everything that was promised before the moment is there, and what is there is whole.
    async fn check(&self, moment: usize, dir: &Path, what: &str) {
        let stores = sqlite::open(dir).unwrap_or_else(|e| panic!("{what}: {e}"));
        if moment >= self.begun {
            let mut talks = Vec::new();
            for speaker in 0..SPEAKERS {
                let party = Party::Candidate(CandidateId(n(0x100 + speaker)));
                let entries = stores.talks.entries(party, talk_of(speaker), Stretch::After(0), 1_000).await;
                let entries = entries.expect("readable").unwrap_or_else(|| panic!("{what}: no {speaker}"));
                assert!(entries.iter().zip(1..).all(|(e, seq)| e.seq == seq), "{what}: a gap");
                let ids: BTreeSet<ChangeId> = entries.iter().map(|entry| entry.id).collect();
                assert_eq!(ids.len(), entries.len(), "{what}: said twice");
                talks.push(entries);
            }
            let round = stores.rounds.load(RoundId(n(1))).await.expect("readable");
            let events = round.unwrap_or_else(|| panic!("{what}: no round")).events;
            assert!(events.iter().zip(1..).all(|(e, seq)| e.seq == seq), "{what}: events with a gap");
            for promise in self.promises.iter().filter(|promise| promise.at <= moment) {
                match &promise.what {
                    Promised::Said { speaker, id, seq, text } => {
                        let entry = talks[*speaker as usize].get(*seq as usize - 1);
                        let entry = entry.unwrap_or_else(|| panic!("{what}: lost {promise:?}"));
                        let body = EntryBody::Text { text: text.clone() };
                        assert_eq!((entry.id, &entry.body), (*id, &body), "{what}");
                    }
                    Promised::Event { seq } => {
                        assert!(events.len() as u64 >= *seq, "{what}: lost {promise:?}");
                    }
                }
            }
        }
        drop(stores);
        let connection = rusqlite::Connection::open(dir.join(DATABASE_FILE)).expect("there");
        let word: String =
            connection.query_row("PRAGMA integrity_check", [], |r| r.get(0)).expect("an answer");
        assert_eq!(word, "ok", "{what}");
    }

    /// Right after and right before syncs, and any.
    fn moments(&self, chance: &mut StdRng) -> Vec<usize> {
        let syncs: Vec<usize> =
            (0..self.ops.len()).filter(|at| matches!(self.ops[*at], Op::Sync { .. })).collect();
        let some = syncs.len().div_ceil(MOMENTS).max(1);
        let around = syncs.iter().step_by(some).flat_map(|at| [*at, at + 1]);
        let any = (0..MOMENTS).map(|_| chance.random_range(0..=self.ops.len()));
        around.chain(any).chain([self.ops.len()]).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_acknowledged_survives_the_power_at_any_moment() {
    let seed = std::env::var("POWER_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0x706f_7765);
    println!("POWER_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let story = story().await;
    let checkpointed = |op: &&Op| matches!(op, Op::Sync { file } if story.files[*file] == DATABASE_FILE);
    assert!(story.ops.iter().filter(checkpointed).count() >= 3, "the log was moved while they talked");
    for (k, moment) in story.moments(&mut chance).into_iter().enumerate() {
        let left = WAYS[k % WAYS.len()];
        let dir = story.leaves(moment, left, &mut chance);
        story
            .check(moment, dir.path(), &format!("after {moment} of {}, {left:?} left", story.ops.len()))
            .await;
    }
}

/// The same with a store that does not wait for the disk: the cut must be seen to lose something, or the
/// test above shows nothing.
#[test]
fn a_store_that_does_not_sync_loses_what_it_acknowledged() {
    for (synchronous, kept) in [("FULL", 20), ("OFF", 0)] {
        let dir = tempfile::tempdir().expect("a folder");
        let watch = Watch::on(dir.path());
        let connection = rusqlite::Connection::open(dir.path().join(DATABASE_FILE)).expect("new");
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER NOT NULL PRIMARY KEY) STRICT;
                 PRAGMA wal_checkpoint(TRUNCATE);",
            )
            .expect("a table");
        connection.pragma_update(None, "synchronous", synchronous).expect("set");
        for k in 0..20 {
            connection.execute("INSERT INTO t (n) VALUES (?1)", [k]).expect("acknowledged");
        }
        let (ops, files) = watch.taken();
        let story = Story { ops, files, promises: Vec::new(), begun: 0 };
        let left = story.leaves(story.ops.len(), Left::Nothing, &mut StdRng::seed_from_u64(1));
        let after = rusqlite::Connection::open(left.path().join(DATABASE_FILE)).expect("there");
        let count: u32 = after.query_row("SELECT count(*) FROM t", [], |r| r.get(0)).expect("readable");
        assert_eq!(count, kept, "{synchronous}");
    }
}
