//! The disk is full, or the database fails: the command is refused, nobody is told anything that is
//! not stored, and all goes on when the store works again.

use crate::device::talk;
use crate::world::{Plan, World, new_change};
use async_trait::async_trait;
use miantan_backend::store::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::CallPhase;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What fails at the moment.
#[derive(Default)]
struct Switch {
    writes: AtomicBool,
    all: AtomicBool,
}

impl Switch {
    fn read(&self) -> Stored<()> {
        if self.all.load(Ordering::SeqCst) { Err(StoreError::Failed("on command".into())) } else { Ok(()) }
    }

    fn write(&self) -> Stored<()> {
        self.read()?;
        if self.writes.load(Ordering::SeqCst) {
            Err(StoreError::CannotWrite("on command".into()))
        } else {
            Ok(())
        }
    }
}

/// The real store, that fails on command.
struct Failing {
    real: Arc<dyn Rounds>,
    switch: Arc<Switch>,
}

#[async_trait]
impl Rounds for Failing {
    async fn load(&self, round: RoundId) -> Stored<Option<StoredRound>> {
        self.switch.read()?;
        self.real.load(round).await
    }
    async fn owner(&self, round: RoundId) -> Stored<Option<EmployerId>> {
        self.switch.read()?;
        self.real.owner(round).await
    }
    async fn of_employer(&self, employer: EmployerId, from: WallTime, to: WallTime) -> Stored<Vec<RoundId>> {
        self.switch.read()?;
        self.real.of_employer(employer, from, to).await
    }
    async fn events_since(&self, round: RoundId, since: u64, limit: u32) -> Stored<Vec<Numbered>> {
        self.switch.read()?;
        self.real.events_since(round, since, limit).await
    }
    async fn commit(&self, commit: RoundCommit) -> Stored<()> {
        self.switch.write()?;
        self.real.commit(commit).await
    }
    async fn answer_of(&self, who: Person, change: ChangeId) -> Stored<Option<Result<u64, Problem>>> {
        self.switch.read()?;
        self.real.answer_of(who, change).await
    }
    async fn claim_slots(&self, claim: SlotClaim) -> Stored<Claimed> {
        // slots are taken, the event is not stored: the worst moment
        self.switch.read()?;
        self.real.claim_slots(claim).await
    }
    async fn renew_slots(&self, calls: Vec<CallId>, lease_until: WallTime) -> Stored<()> {
        self.switch.write()?;
        self.real.renew_slots(calls, lease_until).await
    }
    async fn free_slots(&self, calls: Vec<CallId>) -> Stored<()> {
        self.switch.write()?;
        self.real.free_slots(calls).await
    }
    async fn with_slots(&self) -> Stored<Vec<RoundId>> {
        self.switch.read()?;
        self.real.with_slots().await
    }
    async fn free_stale_slots(&self, open: Vec<CallId>) -> Stored<u64> {
        self.switch.write()?;
        self.real.free_stale_slots(open).await
    }
}

async fn world() -> (World, Arc<Switch>) {
    let switch = Arc::new(Switch::default());
    let before = Arc::clone(&switch);
    let stores = Box::new(move |stores: Stores| {
        let rounds = Arc::new(Failing { real: stores.rounds, switch: Arc::clone(&before) });
        Stores { rounds, ..stores }
    });
    (World::planned(Plan { stores: Some(stores), ..Plan::default() }).await, switch)
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_and_told_to_nobody() {
    let (world, switch) = world().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut zhao = world.recruiter("zhao", 1).await;
    let mut lin = world.candidate(1, 1).await;
    for device in [&mut wang, &mut zhao, &mut lin] {
        device.rest().await;
    }
    switch.writes.store(true, Ordering::SeqCst);
    let (id, note) = (new_change(), Command::Note { ticket: lin.ticket(), text: "您好".into() });
    assert_eq!(wang.ask_as(id, note.clone()).await, Err(ProblemCode::ServerStorage));
    // what is kept for later waits for it; what is only worth something now does not
    let later = Command::Note { ticket: lin.ticket(), text: "请进".into() };
    assert_eq!(wang.ask(later).await, Err(ProblemCode::SlowDown));
    assert_eq!(wang.ring(lin.ticket()).await, Err(ProblemCode::ServerStorage));
    for device in [&mut zhao, &mut lin] {
        for frame in device.rest().await {
            assert!(
                !matches!(frame, ServerFrame::Event { .. } | ServerFrame::Call(_)),
                "told without being stored: {frame:?}"
            );
        }
    }

    switch.writes.store(false, Ordering::SeqCst);
    // the slots of the ring that was not stored are free again, and numbers have no gap
    let seq = wang.ask_as(id, note).await.unwrap();
    assert_eq!(zhao.event("note", |e| matches!(e, RoundEvent::Noted { .. })).await, seq);
    let call = zhao.ring(lin.ticket()).await.unwrap();
    assert_eq!(lin.rung().await, call);
    wang.watch(0).await;
    let state = wang.snapshot().await.state;
    assert_eq!(state.seq, seq + 1);
    assert_eq!(state.tickets[&lin.ticket()].notes.len(), 1);
}

#[tokio::test]
async fn a_refused_command_may_be_sent_again_with_its_id() {
    let (world, switch) = world().await;
    let mut wang = world.recruiter("wang", 1).await;
    let lin = world.candidate(1, 1).await;
    let id = new_change();
    let note = Command::Note { ticket: lin.ticket(), text: "您好".into() };
    switch.all.store(true, Ordering::SeqCst);
    assert_eq!(wang.ask_as(id, note.clone()).await, Err(ProblemCode::ServerStorage));
    switch.all.store(false, Ordering::SeqCst);
    let seq = wang.ask_as(id, note.clone()).await.unwrap();
    assert_eq!(wang.ask_as(id, note).await, Ok(seq));
}

#[tokio::test]
async fn presence_and_calls_survive_a_failing_store() {
    let (world, switch) = world().await;
    let mut wang = world.recruiter("wang", 1).await;
    let mut lin = world.candidate(1, 1).await;
    let chen = world.candidate(1, 2).await;
    let call = talk(&mut wang, &mut lin).await;
    switch.all.store(true, Ordering::SeqCst);
    let (id, note) = (new_change(), Command::Note { ticket: lin.ticket(), text: "您好".into() });
    assert_eq!(wang.ask_as(id, note.clone()).await, Err(ProblemCode::ServerStorage));
    // this command reaches the machine, so that it has to be thrown away
    switch.all.store(false, Ordering::SeqCst);
    switch.writes.store(true, Ordering::SeqCst);
    assert_eq!(wang.ask_as(id, note).await, Err(ProblemCode::ServerStorage));
    switch.writes.store(false, Ordering::SeqCst);

    // rebuilt by itself: the call is interrupted until both say that media flows
    for device in [&mut wang, &mut lin] {
        let frame = device.call("taken up", |c| matches!(c.phase, CallPhase::Interrupted { .. })).await;
        device.flows(call, frame.phase.plan().unwrap().epoch).await;
    }
    for device in [&mut wang, &mut lin] {
        device.call("connected", |c| matches!(c.phase, CallPhase::Connected { .. })).await;
    }
    wang.watch(0).await;
    let presence = wang.snapshot().await.presence;
    assert!(presence.contains(&(chen.ticket(), Presence::Ready)), "{presence:?}");
}

#[tokio::test]
async fn who_comes_while_the_store_fails_is_sent_away_and_comes_back() {
    let (world, switch) = world().await;
    let mut lin = world.join(1, 1).await;
    let mut wang = world.recruiter("wang", 1).await;
    // the machine is thrown away, and cannot be rebuilt
    switch.writes.store(true, Ordering::SeqCst);
    let note = Command::Note { ticket: lin.ticket(), text: "您好".into() };
    assert_eq!(wang.ask(note).await, Err(ProblemCode::ServerStorage));
    switch.all.store(true, Ordering::SeqCst);
    lin.open(&world).await.unwrap();
    lin.say(&ClientFrame::Hello { versions: vec![1], presence: Presence::Ready, call: None }).await;
    lin.ends().await;
    let words = lin.last_words();
    let told = |f: &ServerFrame| matches!(f, ServerFrame::Problem(p) if p.code == ProblemCode::ServerStorage);
    assert!(words.iter().any(told), "{words:?}");

    switch.all.store(false, Ordering::SeqCst);
    switch.writes.store(false, Ordering::SeqCst);
    lin.connect(&world).await;
    lin.room("place kept", |r| r.place == RoomPlace::Waiting { ahead: 0 }).await;
    wang.sees(lin.ticket(), Presence::Ready).await;
    wang.ring(lin.ticket()).await.unwrap();
    lin.rung().await;
}
