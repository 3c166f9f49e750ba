//! Two calls on synthetic devices, joined by a wire: no hardware, real threads, real codecs.

use std::time::Duration;

use super::*;
use crate::audio::level;

/// Only passes when something is broken.
const DEADLINE: Duration = Duration::from_secs(20);

fn start(microphone: &str, speaker: &str) -> (AudioCall, mpsc::Receiver<AudioOut>) {
    let config = AudioConfig { microphone: Some(microphone.to_owned()), speaker: Some(speaker.to_owned()) };
    AudioCall::start(config).unwrap()
}

async fn packet(out: &mut mpsc::Receiver<AudioOut>) -> (u32, Bytes) {
    match tokio::time::timeout(DEADLINE, out.recv()).await.expect("packets come").expect("it goes on") {
        AudioOut::Packet { timestamp, payload } => (timestamp, payload),
        AudioOut::Problem(problem) => panic!("synthetic devices have no problem: {problem}"),
        AudioOut::Recovered => panic!("nothing was lost"),
    }
}

/// Carries packets until the far speaker's level is as wanted.
async fn carry_until(
    out: &mut mpsc::Receiver<AudioOut>,
    far: &AudioCall,
    sequence: &mut u16,
    wanted: impl Fn(f32) -> bool,
) {
    let mut levels = far.levels();
    let reached = levels.wait_for(|levels| wanted(levels.speaker_dbfs));
    let carrying = async {
        loop {
            let (timestamp, payload) = packet(out).await;
            far.receive(RtpAudio { sequence: *sequence, timestamp, payload });
            *sequence = sequence.wrapping_add(1);
        }
    };
    tokio::select! {
        reached = tokio::time::timeout(DEADLINE, reached) => {
            reached.expect("the level is reached").expect("the call goes on");
        }
        () = carrying => {}
    }
}

#[tokio::test]
async fn audio_call_carries_a_tone_at_its_level() {
    let (lin, mut from_lin) = start("synthetic:tone:440:-20", "synthetic:sink");
    let (wang, _from_wang) = start("synthetic:tone:700:-30", "synthetic:sink");
    let mut sequence = 65_500;
    carry_until(&mut from_lin, &wang, &mut sequence, |level| (level + 20.0).abs() < 1.5).await;
    let mut heard = lin.levels();
    let microphone = heard.wait_for(|levels| levels.microphone_dbfs > -80.0).await.unwrap().microphone_dbfs;
    assert!((microphone + 20.0).abs() < 1.0, "the microphone's tone reads {microphone}");
}

#[tokio::test]
async fn audio_call_muted_sends_nothing_and_time_goes_on() {
    let (lin, mut from_lin) = start("synthetic:tone", "synthetic:sink");
    let (first, _) = packet(&mut from_lin).await;
    let (second, _) = packet(&mut from_lin).await;
    assert_eq!(second.wrapping_sub(first), PACKET_SAMPLES as u32);
    lin.set_muted(true);
    // Drain what was under way; then a second of frames passes (the meter counts it) without packets.
    let mut levels = lin.levels();
    for _ in 0..4 {
        levels.changed().await.unwrap();
    }
    while from_lin.try_recv().is_ok() {}
    for _ in 0..40 {
        levels.changed().await.unwrap();
    }
    assert!(from_lin.try_recv().is_err(), "muted");
    assert!(levels.borrow().microphone_dbfs > -30.0, "the microphone still hears");
    lin.set_muted(false);
    let (after, _) = packet(&mut from_lin).await;
    let packets = after.wrapping_sub(second) / PACKET_SAMPLES as u32;
    assert!((30..500).contains(&packets), "{packets} packets of time");
}

#[tokio::test]
async fn audio_call_paused_closes_and_resumes() {
    let (_lin, mut from_lin) = start("synthetic:tone", "synthetic:sink");
    let (wang, _from_wang) = start("synthetic:tone", "synthetic:sink");
    let mut sequence = 0;
    carry_until(&mut from_lin, &wang, &mut sequence, |level| level > -25.0).await;
    wang.set_paused(true);
    carry_until(&mut from_lin, &wang, &mut sequence, |level| level <= level::FLOOR_DBFS).await;
    let mut levels = wang.levels();
    levels.wait_for(|levels| levels.microphone_dbfs <= level::FLOOR_DBFS).await.unwrap();
    wang.set_paused(false);
    carry_until(&mut from_lin, &wang, &mut sequence, |level| level > -25.0).await;
    levels.wait_for(|levels| levels.microphone_dbfs > -25.0).await.unwrap();
}

#[tokio::test]
async fn audio_call_without_its_devices_says_so_and_goes_on() {
    // Ids that name nothing. What the default devices do depends on the machine, so only the first
    // event of each direction is looked at.
    let (call, mut out) = start("synthetic:file:/no/such.wav", "synthetic:sink:/no/such/folder/x.wav");
    let mut problems = Vec::new();
    while problems.len() < 2 {
        match tokio::time::timeout(DEADLINE, out.recv()).await.expect("problems are told").unwrap() {
            AudioOut::Problem(problem) => problems.push(problem),
            AudioOut::Packet { .. } | AudioOut::Recovered => {}
        }
    }
    assert!(problems.contains(&MediaProblem::NoMicrophone), "{problems:?}");
    assert!(problems.contains(&MediaProblem::NoSpeaker), "{problems:?}");
    call.switch_microphone(Some("synthetic:tone".to_owned()));
    let (first, _) = packet_after_recovery(&mut out).await;
    let (second, _) = packet_after_recovery(&mut out).await;
    assert_eq!(second.wrapping_sub(first), PACKET_SAMPLES as u32);
}

async fn packet_after_recovery(out: &mut mpsc::Receiver<AudioOut>) -> (u32, Bytes) {
    loop {
        match tokio::time::timeout(DEADLINE, out.recv()).await.expect("packets come").unwrap() {
            AudioOut::Packet { timestamp, payload } => return (timestamp, payload),
            AudioOut::Problem(_) | AudioOut::Recovered => {}
        }
    }
}

#[tokio::test]
async fn audio_call_ends_when_dropped() {
    let (call, mut out) = start("synthetic:tone", "synthetic:sink");
    packet(&mut out).await;
    drop(call);
    let ended = async { while out.recv().await.is_some() {} };
    tokio::time::timeout(DEADLINE, ended).await.expect("both threads end");
}
