//! What a person does with a microphone and a speaker, told with real devices.

use std::f32::consts::TAU;
use std::time::Duration;

use miantan_media::MediaProblem;
use miantan_media::audio::playback::{Flow, FrameSource, Playback};
use miantan_media::audio::{
    AudioCall, AudioConfig, AudioOut, DeviceEvent, Frame, MicPhase, MicrophoneCheck, Ringer, RtpAudio,
    SpeakerCheck, level, microphones, speakers,
};
use tokio::sync::mpsc;

use crate::server::{
    HEADSET, HEADSET_HEARD, ROOM, ROOM_HEARD, SPEAKERS, SPEAKERS_HEARD, USB, USB_HEARD, USB_SERVER,
};
use crate::tools::{
    DEADLINE, Played, Plugged, Witness, loudness, pactl, run, steady, strength, strongest, until,
};

pub const ALL: &[(&str, fn())] = &[
    ("devices_are_listed_by_name", devices_are_listed_by_name),
    ("silence_reads_silence", silence_reads_silence),
    ("a_known_tone_reads_its_dbfs", a_known_tone_reads_its_dbfs),
    ("our_speaker_plays_at_the_level_it_was_given", our_speaker_plays_at_the_level_it_was_given),
    ("a_recording_is_heard_back", a_recording_is_heard_back),
    ("the_check_music_is_heard_and_switches", the_check_music_is_heard_and_switches),
    ("the_ring_rings_until_dropped", the_ring_rings_until_dropped),
    ("a_voice_goes_through_a_call", a_voice_goes_through_a_call),
    ("an_unplugged_headset_falls_back", an_unplugged_headset_falls_back),
    ("a_server_that_moves_us_is_followed", a_server_that_moves_us_is_followed),
    ("everything_unplugged_and_plugged_in_again", everything_unplugged_and_plugged_in_again),
];

/// As the interfaces take it: `None` would be the default.
#[allow(clippy::unnecessary_wraps)]
fn id(id: &str) -> Option<String> {
    Some(id.to_owned())
}

fn devices_are_listed_by_name() {
    let default = |list: &[miantan_media::audio::Device]| list[0].is_default && list[0].name == "Default";
    let (inputs, outputs) = (microphones(), speakers());
    assert!(default(&inputs) && default(&outputs), "{inputs:?} {outputs:?}");
    assert!(inputs.iter().any(|d| d.id == ROOM_HEARD && d.name == "Heard in the room"), "{inputs:?}");
    assert!(outputs.iter().any(|d| d.id == SPEAKERS && d.name == "The speakers"), "{outputs:?}");
    for noise in ["null", "lavrate", "upmix", "jack"] {
        let listed = |d: &miantan_media::audio::Device| d.id == format!("alsa:{noise}");
        assert!(!inputs.iter().any(listed) && !outputs.iter().any(listed), "{noise}");
    }
}

fn silence_reads_silence() {
    run(async {
        let check = MicrophoneCheck::start(id(ROOM_HEARD)).unwrap();
        let mut state = check.state();
        check.record();
        // Recorded time proves that these are the device's own samples.
        let heard = until(&mut state, "a second of silence", |s| s.recorded_ms >= 1_000).await;
        assert!((heard.level_dbfs - level::FLOOR_DBFS).abs() < f32::EPSILON, "{heard:?}");
        assert!(heard.peak == 0.0 && heard.problem.is_none(), "{heard:?}");
    });
}

fn a_known_tone_reads_its_dbfs() {
    run(async {
        let check = MicrophoneCheck::start(id(ROOM_HEARD)).unwrap();
        let mut state = check.state();
        for (hertz, dbfs) in [(1_000.0, -20.0f32), (440.0, -6.0), (3_000.0, -45.0)] {
            let tone = Played::tone("room", hertz, dbfs);
            until(&mut state, "the tone begins", |s| (s.level_dbfs - dbfs).abs() < 3.0).await;
            let read = steady(&mut state, 15, |s| s.level_dbfs).await;
            assert!((read - dbfs).abs() < 1.0, "{hertz} Hz at {dbfs} dBFS reads {read}");
            drop(tone);
            until(&mut state, "the tone ends", |s| s.level_dbfs < -80.0).await;
        }
    });
}

/// A tone for our own speaker path.
struct Tone {
    n: u64,
    hertz: f32,
    amplitude: f32,
}

impl FrameSource for Tone {
    fn fill(&mut self, frame: &mut Frame, _latency_ms: u32) -> Flow {
        for sample in frame.iter_mut() {
            // Exact for the first minutes: the period of 1 kHz divides the rate.
            *sample = self.amplitude * (TAU * self.hertz * (self.n % 48_000) as f32 / 48_000.0).sin();
            self.n += 1;
        }
        Flow::More
    }

    fn event(&mut self, event: DeviceEvent) {
        // What matters is heard; a starved server may drop a stream, which comes back.
        println!("the speaker: {event:?}");
    }
}

fn our_speaker_plays_at_the_level_it_was_given() {
    run(async {
        let check = MicrophoneCheck::start(id(SPEAKERS_HEARD)).unwrap();
        let mut state = check.state();
        let tone = Tone { n: 0, hertz: 1_000.0, amplitude: level::amplitude(-18.0) };
        let playing = Playback::start(id(SPEAKERS), tone).unwrap();
        until(&mut state, "the tone begins", |s| (s.level_dbfs + 18.0).abs() < 3.0).await;
        let read = steady(&mut state, 15, |s| s.level_dbfs).await;
        assert!((read + 18.0).abs() < 1.0, "-18 dBFS reads {read}");
        let sound = Witness::of("speakers").hear(2.0);
        let pure = strength(&sound, 1_000.0);
        assert!((pure + 18.0).abs() < 1.0, "the witness hears {pure} at 1 kHz");
        drop(playing);
        until(&mut state, "silence after it", |s| s.level_dbfs < -80.0).await;
    });
}

fn a_recording_is_heard_back() {
    run(async {
        let check = MicrophoneCheck::start(id(ROOM_HEARD)).unwrap();
        let mut state = check.state();
        assert!(!check.play_back(id(SPEAKERS)).unwrap(), "nothing is recorded yet");
        let tone = Played::tone("room", 700.0, -15.0);
        until(&mut state, "the tone begins", |s| (s.level_dbfs + 15.0).abs() < 1.0).await;
        check.record();
        until(&mut state, "two seconds", |s| s.recorded_ms >= 2_000).await;
        check.stop();
        drop(tone);
        until(&mut state, "the tone ends", |s| s.level_dbfs < -80.0).await;

        let mut witness = Witness::of("speakers");
        witness.wait_for_silence();
        assert!(check.play_back(id(SPEAKERS)).unwrap());
        assert_eq!(state.borrow_and_update().phase, MicPhase::Playing);
        witness.wait_for_sound(-20.0);
        let sound = witness.hear(1.0);
        let (pure, whole) = (strength(&sound, 700.0), loudness(&sound));
        assert!((pure + 15.0).abs() < 1.0, "700 Hz comes back at {pure}");
        assert!((whole + 15.0).abs() < 1.0, "and alone: {whole}");
        let end = until(&mut state, "the end", |s| s.phase == MicPhase::Idle).await;
        assert!(end.recorded_ms >= 2_000, "{end:?}");
        witness.wait_for_silence();

        // A recording ends by itself after five seconds.
        check.record();
        let full = until(&mut state, "a full recording", |s| s.phase == MicPhase::Idle && s.recorded_ms > 0);
        assert_eq!(full.await.recorded_ms, 5_000);
    });
}

fn the_check_music_is_heard_and_switches() {
    run(async {
        let mut in_speakers = Witness::of("speakers");
        let check = SpeakerCheck::start(id(SPEAKERS)).unwrap();
        in_speakers.wait_for_sound(-40.0);
        let sound = in_speakers.hear(8.0);
        let whole = loudness(&sound);
        assert!((-25.0..-17.0).contains(&whole), "the music is at {whole}");
        let (melody, wrong) = (strongest(&sound, 587.33), strongest(&sound, 698.46));
        assert!(melody > wrong + 6.0, "D5 {melody}, F5 (which is not in it) {wrong}");
        let mut state = check.state();
        until(&mut state, "a level to show", |s| s.level_dbfs > -40.0).await;

        let mut in_room = Witness::of("room");
        check.switch(id(ROOM));
        in_room.wait_for_sound(-40.0);
        in_speakers.wait_for_silence();
        drop(check);
        in_room.wait_for_silence();
    });
}

fn the_ring_rings_until_dropped() {
    run(async {
        let mut witness = Witness::of("speakers");
        // The system's default, as for a call.
        pactl(&["set-default-sink", "speakers"]);
        let ring = Ringer::start(None).unwrap();
        witness.wait_for_sound(-30.0);
        // Twice round: it is looped.
        let sound = witness.hear(6.0);
        assert!(strongest(&sound[..144_000], 1_567.98) > -35.0);
        assert!(strongest(&sound[144_000..], 1_567.98) > -35.0);
        drop(ring);
        witness.wait_for_silence();
    });
}

/// Something like speech, which voice processing and DTX let through: a buzz in syllables.
fn speech(t: f64) -> f64 {
    let pitch = 140.0 + 25.0 * (t * 2.3).sin();
    let syllable = (std::f64::consts::PI * 4.0 * t).sin().abs();
    let buzz: f64 =
        (1..12).map(|k| (std::f64::consts::TAU * pitch * f64::from(k) * t).sin() / f64::from(k)).sum();
    0.2 * syllable * buzz
}

/// Carries packets of one call to another as a network would.
async fn carry(from: &mut mpsc::Receiver<AudioOut>, to: &AudioCall, packets: u32, sequence: &mut u16) -> u32 {
    let mut last = 0;
    for _ in 0..packets {
        match tokio::time::timeout(DEADLINE, from.recv()).await.expect("packets come") {
            Some(AudioOut::Packet { timestamp, payload }) => {
                last = timestamp;
                to.receive(RtpAudio { sequence: *sequence, timestamp, payload });
                *sequence = sequence.wrapping_add(1);
            }
            Some(other) => println!("on the way: {other:?}"),
            None => panic!("the call ended"),
        }
    }
    last
}

fn a_voice_goes_through_a_call() {
    run(async {
        let voice = Played::into_sink("room", speech);
        let lin = AudioConfig { microphone: id(ROOM_HEARD), speaker: id("synthetic:sink") };
        let wang = AudioConfig { microphone: id("synthetic:tone"), speaker: id(SPEAKERS) };
        let (lin, mut from_lin) = AudioCall::start(lin).unwrap();
        let (wang, _from_wang) = AudioCall::start(wang).unwrap();
        let mut sequence = 65_530;
        let before = carry(&mut from_lin, &wang, 100, &mut sequence).await;
        let mut levels = wang.levels();
        assert!(lin.levels().borrow().microphone_dbfs > -40.0);
        let mut witness = Witness::of("speakers");
        let (sound, _) = tokio::join!(
            tokio::task::spawn_blocking(move || witness.hear(1.5)),
            carry(&mut from_lin, &wang, 120, &mut sequence)
        );
        let heard = level::dbfs(&sound.unwrap());
        assert!((-45.0..-3.0).contains(&heard), "Wang hears Lin at {heard}");

        lin.set_muted(true);
        // What was on its way arrives, then nothing: the far speaker falls silent.
        let quiet = async {
            until(&mut levels, "silence while muted", |l| l.speaker_dbfs < -70.0).await;
        };
        let arriving = async {
            while let Some(out) = from_lin.recv().await {
                if let AudioOut::Packet { timestamp, payload } = out {
                    wang.receive(RtpAudio { sequence, timestamp, payload });
                    sequence = sequence.wrapping_add(1);
                }
            }
        };
        tokio::select! {
            () = quiet => {}
            () = arriving => panic!("the call ended"),
        }
        lin.set_muted(false);
        let after = carry(&mut from_lin, &wang, 50, &mut sequence).await;
        // 100 + 120 + 50 packets and the mute: time went on.
        assert!(after.wrapping_sub(before) > 170 * 960);
        until(&mut levels, "the voice again", |l| l.speaker_dbfs > -45.0).await;
        drop(voice);
    });
}

/// The next event of a call that is not a packet.
async fn next_event(out: &mut mpsc::Receiver<AudioOut>) -> AudioOut {
    let event = async {
        loop {
            match out.recv().await.expect("the call goes on") {
                AudioOut::Packet { .. } => {}
                event => return event,
            }
        }
    };
    tokio::time::timeout(DEADLINE, event).await.expect("an event")
}

/// A call whose far side speaks a tone, in whatever device it is on.
fn call_with_a_tone(config: AudioConfig) -> (AudioCall, mpsc::Receiver<AudioOut>, FarSide) {
    let (call, out) = AudioCall::start(config).unwrap();
    let (far, sound) = AudioCall::start(AudioConfig {
        microphone: id("synthetic:tone:440:-12"),
        speaker: id("synthetic:sink"),
    })
    .unwrap();
    (call, out, FarSide { _far: far, sound, sequence: 0 })
}

struct FarSide {
    _far: AudioCall,
    sound: mpsc::Receiver<AudioOut>,
    sequence: u16,
}

impl FarSide {
    /// Speaks until the witness hears it.
    async fn speak_until_heard(&mut self, call: &AudioCall, mut witness: Witness) {
        let heard = tokio::task::spawn_blocking(move || witness.wait_for_sound(-20.0));
        let speaking = async {
            loop {
                carry(&mut self.sound, call, 1, &mut self.sequence).await;
            }
        };
        tokio::select! {
            heard = heard => heard.expect("heard"),
            () = speaking => {}
        }
    }
}

fn an_unplugged_headset_falls_back() {
    run(async {
        let usb = std::env::var(USB_SERVER).expect("the second server");
        pactl(&["set-default-sink", "speakers"]);
        pactl(&["set-default-source", "room.monitor"]);
        let voice = Played::into_sink("room", speech);
        let config = AudioConfig { microphone: id(USB_HEARD), speaker: id(USB) };
        let (call, mut out, mut far) = call_with_a_tone(config);
        far.speak_until_heard(&call, Witness::at(&usb, "usb")).await;

        Plugged::found(Some(usb), "usb").unplug();
        let mut events = Vec::new();
        let lost = [MediaProblem::SpeakerLost, MediaProblem::MicrophoneLost].map(AudioOut::Problem);
        let recovered = |events: &[AudioOut]| events.iter().filter(|e| **e == AudioOut::Recovered).count();
        while !lost.iter().all(|lost| events.contains(lost)) || recovered(&events) < 2 {
            events.push(next_event(&mut out).await);
        }

        // Heard on the default speaker, and the default microphone is what is sent.
        far.speak_until_heard(&call, Witness::of("speakers")).await;
        let mut levels = call.levels();
        until(&mut levels, "the room in the microphone", |l| l.microphone_dbfs > -40.0).await;
        drop(voice);
    });
}

fn a_server_that_moves_us_is_followed() {
    run(async {
        pactl(&["set-default-sink", "speakers"]);
        pactl(&["set-default-source", "room.monitor"]);
        let headset = Plugged::sink("headset");
        let config = AudioConfig { microphone: id(HEADSET_HEARD), speaker: id(HEADSET) };
        let (call, out, mut far) = call_with_a_tone(config);
        far.speak_until_heard(&call, Witness::of("headset")).await;
        // PulseAudio moves both streams to its defaults by itself.
        headset.unplug();
        far.speak_until_heard(&call, Witness::of("speakers")).await;
        let voice = Played::into_sink("room", speech);
        let mut levels = call.levels();
        until(&mut levels, "the room in the microphone", |l| l.microphone_dbfs > -40.0).await;
        drop(out);
        drop(voice);
    });
}

fn everything_unplugged_and_plugged_in_again() {
    run(async {
        let check = MicrophoneCheck::start(None).unwrap();
        let speaker = SpeakerCheck::start(None).unwrap();
        let (mut heard, mut played) = (check.state(), speaker.state());
        check.record();
        until(&mut heard, "a working microphone", |s| s.recorded_ms > 100).await;
        until(&mut played, "a working speaker", |s| s.level_dbfs > -40.0).await;
        check.stop();
        Plugged::found(None, "speakers").unplug();
        Plugged::found(None, "room").unplug();
        let lost = Some(MediaProblem::MicrophoneLost);
        until(&mut heard, "the microphone is lost", |s| s.problem == lost).await;
        let lost = Some(MediaProblem::SpeakerLost);
        until(&mut played, "the speaker is lost", |s| s.problem == lost).await;
        // A check that starts now finds nothing, and says so.
        let late = MicrophoneCheck::start(None).unwrap();
        let missing = Some(MediaProblem::NoMicrophone);
        until(&mut late.state(), "there is none", |s| s.problem == missing).await;

        let _speakers = Plugged::sink("speakers");
        let _room = Plugged::sink("room");
        until(&mut heard, "the microphone is back", |s| s.problem.is_none()).await;
        until(&mut played, "the speaker is back", |s| s.problem.is_none()).await;
        let mut witness = Witness::of("speakers");
        witness.wait_for_sound(-40.0);
        tokio::time::timeout(Duration::from_secs(20), late.state().wait_for(|s| s.problem.is_none()))
            .await
            .expect("the late one as well")
            .expect("it goes on");
    });
}
