use super::*;
use crate::store::write::Write;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::EndReason;
use miantan_domain::rules::check_in::{Day, Plan, Saved};
use miantan_domain::rules::outbox;
use miantan_domain::rules::round::RoundState;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{Change, Command, Room, RoomPlace};
use miantan_domain::wire::rest::Me;
use std::sync::Arc;
use uuid::Uuid;

const HALL: &str = "https://hall.example.cn";
const OTHER: &str = "https://other.example.cn";

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn round() -> RoundInfo {
    RoundInfo {
        id: RoundId(id(1)),
        name: "青禾科技 面谈".into(),
        employer: "青禾科技".into(),
        stages: vec![Stage::Interview],
        starts: WallTime(1),
        ends: WallTime(2),
        identity: IdentityRule::NotRequired,
        ring_ms: 30_000,
        grace_ms: 600_000,
    }
}

fn lin() -> Me {
    Me::Candidate {
        candidate: CandidateId(id(2)),
        name: "林".into(),
        round: round(),
        ticket: TicketId(id(3)),
        with_password: true,
        account: false,
    }
}

fn room(seq: u64) -> Arc<Room> {
    Arc::new(Room {
        round: round(),
        seq,
        stage: Stage::Interview,
        ticket: TicketId(id(3)),
        number: 4,
        place: RoomPlace::Waiting { ahead: 2 },
        since: WallTime(5),
        checked: Vec::new(),
        identity: None,
        wait: None,
        notes: Vec::new(),
        notices: Vec::new(),
        announced: None,
    })
}

fn saved() -> Saved {
    Saved {
        plan: Plan { with_password: true, identity: IdentityRule::NotRequired },
        assurance: None,
        day: Day(20_000),
        outcomes: vec![(CheckInStep::Code, StepOutcome::Passed), (CheckInStep::Speaker, StepOutcome::Cannot)],
    }
}

fn note(n: u128) -> outbox::Stored {
    outbox::Stored {
        id: ChangeId(id(n)),
        order: n as u64,
        change: Change::Round {
            round: RoundId(id(1)),
            command: Command::Note { ticket: TicketId(id(3)), text: "你好".into() },
        },
        waits: false,
        failed: None,
    }
}

fn server(address: &str, device: u128) -> Write {
    Write::Server {
        address: address.into(),
        organiser: "就业中心".into(),
        hotline: "400-000".into(),
        device: DeviceId(id(device)),
    }
}

fn waiting_lin() -> Vec<Write> {
    let hall = || HALL.to_owned();
    let account = || "ticket 3".to_owned();
    vec![
        server(HALL, 9),
        Write::UseServer(Some(hall())),
        Write::SignedIn { server: hall(), me: Box::new(lin()) },
        Write::CheckIn { server: hall(), ticket: TicketId(id(3)), saved: saved() },
        Write::Room { server: hall(), room: room(7) },
        Write::Outbox { server: hall(), account: account(), entry: note(11) },
        Write::Outbox { server: hall(), account: account(), entry: note(12) },
    ]
}

#[tokio::test]
async fn an_app_killed_while_waiting_finds_everything_again() {
    let folder = tempfile::tempdir().unwrap();
    {
        let (store, health) = Store::open(folder.path());
        assert_eq!(health, Health::Good);
        store.write(waiting_lin()).await.unwrap();
        // dropped without a word: nothing is flushed or closed by hand
    }
    let (store, health) = Store::open(folder.path());
    assert_eq!(health, Health::Good);
    let start = store.start().await.unwrap();
    assert_eq!(start.server.as_deref(), Some(HALL));
    assert_eq!(start.servers.len(), 1);
    let kept = store.server(HALL).await.unwrap();
    assert_eq!(kept.me, Some(lin()));
    assert_eq!(kept.device, Some(DeviceId(id(9))));
    assert_eq!(kept.check_ins, vec![(TicketId(id(3)), saved())]);
    assert_eq!(kept.rooms, vec![(*room(7)).clone()]);
    assert_eq!(kept.outbox.len(), 2);
}

#[tokio::test]
async fn a_batch_is_stored_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path());
    let mut writes = waiting_lin();
    // a server that was never remembered: refused by the foreign key
    writes.push(Write::SignedIn { server: OTHER.into(), me: Box::new(lin()) });
    assert!(store.write(writes).await.is_err());
    assert_eq!(store.start().await.unwrap(), Start::default());
    assert_eq!(store.server(HALL).await.unwrap(), ServerData::default());
}

#[tokio::test]
async fn servers_are_kept_apart_and_keep_their_device_ids() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path());
    store.write(waiting_lin()).await.unwrap();
    store.write(vec![server(OTHER, 10), server(HALL, 11)]).await.unwrap();
    let other = store.server(OTHER).await.unwrap();
    assert_eq!((other.device, other.me, other.outbox.len()), (Some(DeviceId(id(10))), None, 0));
    // the first device id stays, and the newest server is first
    assert_eq!(store.server(HALL).await.unwrap().device, Some(DeviceId(id(9))));
    assert_eq!(store.start().await.unwrap().servers[0].address, HALL);
}

#[tokio::test]
async fn a_lost_session_keeps_the_check_in_and_signing_out_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path());
    store.write(waiting_lin()).await.unwrap();
    store.write(vec![Write::SessionOver { server: HALL.into() }]).await.unwrap();
    let kept = store.server(HALL).await.unwrap();
    assert_eq!(kept.me, None);
    assert_eq!((kept.check_ins.len(), kept.rooms.len(), kept.outbox.len()), (1, 1, 2));
    let ticket = Some(TicketId(id(3)));
    let erase = Write::Erase { server: HALL.into(), account: "ticket 3".into(), ticket };
    store.write(vec![erase]).await.unwrap();
    let kept = store.server(HALL).await.unwrap();
    assert_eq!((kept.check_ins.len(), kept.rooms.len(), kept.outbox.len()), (0, 0, 0));
}

#[tokio::test]
async fn the_call_log_keeps_the_first_end_it_heard_of() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path());
    let call = CallId(id(20));
    let end =
        |reason, at| Write::CallEnded { server: HALL.into(), call, at: WallTime(at), reason, talked_ms: 7 };
    store
        .write(vec![
            server(HALL, 9),
            Write::CallBegan {
                server: HALL.into(),
                account: "ticket 3".into(),
                call,
                ticket: TicketId(id(3)),
                peer: "青禾科技".into(),
                at: WallTime(100),
            },
        ])
        .await
        .unwrap();
    assert_eq!(store.calls(HALL).await.unwrap()[0].ended, None);
    store.write(vec![end(EndReason::Completed, 200), end(EndReason::Lost, 300)]).await.unwrap();
    let calls = store.calls(HALL).await.unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].ended, Some((EndReason::Completed, WallTime(200))));
    assert_eq!((calls[0].with.as_str(), calls[0].talked_ms), ("青禾科技", 7));
}

#[tokio::test]
async fn rubbish_is_moved_aside_and_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    std::fs::write(&path, vec![0x5a; 8_192]).unwrap();
    let (store, health) = Store::open(folder.path());
    let Health::Replaced { aside } = health else { panic!("{health:?}") };
    assert_eq!(std::fs::read(aside).unwrap(), vec![0x5a; 8_192], "nothing is deleted");
    store.write(waiting_lin()).await.unwrap();
    drop(store);
    let (_, health) = Store::open(folder.path());
    assert_eq!(health, Health::Good);
}

#[tokio::test]
async fn a_damaged_page_is_noticed_and_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    {
        let (store, _) = Store::open(folder.path());
        store.write(waiting_lin()).await.unwrap();
    }
    // everything into the one file, then the middle of it is overwritten
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    let mut bytes = std::fs::read(&path).unwrap();
    let len = bytes.len();
    bytes[4_096..len / 2].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let (store, health) = Store::open(folder.path());
    assert!(matches!(health, Health::Replaced { .. }), "{health:?}");
    assert_eq!(store.start().await.unwrap(), Start::default());
}

#[tokio::test]
async fn one_unreadable_row_does_not_cost_the_others() {
    let folder = tempfile::tempdir().unwrap();
    {
        let (store, _) = Store::open(folder.path());
        store.write(waiting_lin()).await.unwrap();
    }
    let connection = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    connection.execute("UPDATE room SET room = '{'", []).unwrap();
    drop(connection);
    let (store, _) = Store::open(folder.path());
    let kept = store.server(HALL).await.unwrap();
    assert_eq!((kept.rooms.len(), kept.check_ins.len()), (0, 1));
    assert_eq!(kept.me, Some(lin()));
}

/// So many more pages fit on the disk.
async fn room_for(store: &Store, pages: i64) {
    let set = store.run(move |connection| {
        let count: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        connection.pragma_update(None, "max_page_count", count + pages)?;
        Ok(())
    });
    set.await.unwrap();
}

/// What belongs together and does not fit: a small change before the large one, and one after it.
fn too_much() -> Vec<Write> {
    let mut state = RoundState::new(round());
    state.info.name = "长".repeat(200_000);
    vec![
        Write::Room { server: HALL.into(), room: room(8) },
        Write::OutboxGone { server: HALL.into(), account: "ticket 3".into(), id: ChangeId(id(11)) },
        Write::Round { server: HALL.into(), account: "member 1".into(), state: Arc::new(state) },
        Write::Outbox { server: HALL.into(), account: "ticket 3".into(), entry: note(13) },
    ]
}

/// Room and outbox as they are stored.
async fn kept(store: &Store) -> (u64, Vec<ChangeId>) {
    let kept = store.server(HALL).await.unwrap();
    assert_eq!(kept.me, Some(lin()));
    (kept.rooms[0].seq, kept.outbox.iter().map(|(_, entry)| entry.id).collect())
}

#[tokio::test]
async fn on_a_full_disk_a_batch_leaves_nothing_and_fits_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path());
    store.write(waiting_lin()).await.unwrap();
    let before = (7, vec![ChangeId(id(11)), ChangeId(id(12))]);
    for pages in [0, 1, 5, 40] {
        room_for(&store, pages).await;
        let refused = store.write(too_much()).await;
        assert!(matches!(refused, Err(StoreError::Sqlite(_))), "{pages} more pages: {refused:?}");
        assert_eq!(kept(&store).await, before, "{pages} more pages");
    }
    // killed while it is full
    drop(store);
    let (store, health) = Store::open(folder.path());
    assert_eq!(health, Health::Good);
    assert_eq!(kept(&store).await, before);
    store.write(too_much()).await.unwrap();
    assert_eq!(kept(&store).await, (8, vec![ChangeId(id(12)), ChangeId(id(13))]));
    let sound: String =
        store.run(|db| Ok(db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)).await.unwrap();
    assert_eq!(sound, "ok");
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_read_and_written_again_when_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path());
    store.write(waiting_lin()).await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = store.write(vec![Write::Room { server: HALL.into(), room: room(8) }]).await;
    assert!(matches!(held, Err(StoreError::Sqlite(_))), "{held:?}");
    assert_eq!(kept(&store).await.0, 7, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    store.write(vec![Write::Room { server: HALL.into(), room: room(8) }]).await.unwrap();
    assert_eq!(kept(&store).await.0, 8);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_leaves_a_store_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    // the file's place is taken by a folder: no right can help, also as root
    std::fs::create_dir(folder.path().join(FILE)).unwrap();
    let (store, health) = Store::open(folder.path());
    assert_eq!(health, Health::Memory);
    store.write(waiting_lin()).await.unwrap();
    assert_eq!(store.server(HALL).await.unwrap().me, Some(lin()));
}

#[tokio::test]
async fn a_newer_apps_data_is_put_aside_untouched() {
    let folder = tempfile::tempdir().unwrap();
    {
        let (store, _) = Store::open(folder.path());
        store.write(waiting_lin()).await.unwrap();
        store.run(|db| Ok(db.pragma_update(None, "user_version", 1_000)?)).await.unwrap();
    }
    let (_, health) = Store::open(folder.path());
    let Health::Replaced { aside } = health else { panic!("{health:?}") };
    let connection = rusqlite::Connection::open(aside).unwrap();
    let sessions: i64 = connection.query_row("SELECT COUNT(*) FROM session", [], |r| r.get(0)).unwrap();
    assert_eq!(sessions, 1);
}

#[tokio::test]
async fn a_readiness_pass_is_kept_for_its_person_and_goes_with_the_sign_out() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(folder.path());
    let pass = |day| ReadinessPass {
        day,
        steps: vec![(CheckInStep::Speaker, StepOutcome::Passed)],
        network: Some(NetworkVerdict::Good),
        devices: "ab".into(),
        at: WallTime(7),
    };
    let known = |address: &str| Write::Server {
        address: address.into(),
        organiser: "青禾".into(),
        hotline: String::new(),
        device: DeviceId(id(9)),
    };
    let keep = |server: &str, day| Write::Readiness {
        server: server.into(),
        candidate: CandidateId(id(2)),
        pass: Box::new(pass(day)),
    };
    store.write(vec![known(HALL), known(OTHER), keep(HALL, 1), keep(HALL, 2), keep(OTHER, 3)]).await.unwrap();
    let kept = store.server(HALL).await.unwrap().readiness;
    assert_eq!(kept, vec![(CandidateId(id(2)), pass(2))], "the newest");
    let out = Write::Erase { server: HALL.into(), account: "ticket 3".into(), ticket: None };
    store.write(vec![out]).await.unwrap();
    assert!(store.server(HALL).await.unwrap().readiness.is_empty());
    assert_eq!(store.server(OTHER).await.unwrap().readiness.len(), 1, "another organiser's stays");
}
