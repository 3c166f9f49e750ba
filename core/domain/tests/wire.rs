//! The wire, tested three ways: golden files (what an older or newer build will read), round trips
//! of arbitrary values, and corrupt bytes that must never panic.
//!
//! `MIANTAN_GOLDEN=write cargo test -p miantan-domain --test wire` writes the golden files anew:
//! read the difference, every changed line is a change of the protocol.

mod samples;

use miantan_domain::signal::Signal;
use miantan_domain::wire::live::{ClientFrame, ServerFrame};
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode, negotiate};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.json"))
}

/// The value writes exactly the golden text, and the golden text reads back as the value.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str, value: &T) {
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    let path = golden(name);
    if std::env::var_os("MIANTAN_GOLDEN").is_some_and(|v| v == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(text, stored, "{name}: the wire format changed");
    assert_eq!(&serde_json::from_str::<T>(&stored).unwrap(), value, "{name}");
}

#[test]
fn client_frames_are_as_written_down() {
    check("client_frames", &samples::client_frames());
}

#[test]
fn server_frames_are_as_written_down() {
    check("server_frames", &samples::server_frames());
}

#[test]
fn round_events_are_as_written_down() {
    check("round_events", &samples::round_events());
}

#[test]
fn rest_bodies_are_as_written_down() {
    let rest = samples::rest();
    check("rest_server_info", &rest.server);
    check("rest_join", &rest.join);
    check("rest_sign_in", &rest.sign_in);
    check("rest_signed_in", &rest.signed_in);
    check("rest_rounds", &rest.rounds);
    check("rest_sheet", &rest.sheet);
    check("rest_fairs", &samples::rest::fairs());
    check("rest_talks", &samples::rest::talks());
    check("rest_candidates", &samples::rest::candidates());
    check("rest_employers", &samples::rest::employers());
    check("rest_identity", &samples::identity::identity());
}

#[test]
fn problem_codes_are_as_written_down() {
    let table: Vec<(ProblemCode, u16)> = ProblemCode::ALL.iter().map(|c| (*c, c.status())).collect();
    check("problem_codes", &table);
}

#[test]
fn kinds_of_a_newer_server_are_skipped() {
    for text in [r#"{"kind":"fireworks","size":3}"#, r#"{"kind":"unknown"}"#] {
        assert_eq!(serde_json::from_str::<ServerFrame>(text).unwrap(), ServerFrame::Unknown);
    }
    let problem: Problem = serde_json::from_str(r#"{"code":"from_the_future"}"#).unwrap();
    assert_eq!(problem.code, ProblemCode::Unknown);
    assert!(serde_json::from_str::<ClientFrame>(r#"{"kind":"fireworks"}"#).is_err());
}

#[test]
fn fields_of_a_newer_peer_are_skipped() {
    let text = r#"{"kind":"ping","n":4,"colour":"blue"}"#;
    assert_eq!(serde_json::from_str::<ClientFrame>(text).unwrap(), ClientFrame::Ping { n: 4 });
}

#[test]
fn versions_are_negotiated() {
    assert_eq!(negotiate(&[7, 1]), Some(1));
    assert_eq!(negotiate(&[7]), None);
}

#[test]
fn secrets_do_not_show_when_printed() {
    let rest = samples::rest();
    let (candidates, employers) = (samples::rest::candidates(), samples::rest::employers());
    let who = samples::identity::identity();
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {employers:?} {:?} {:?} {:?} {:?}",
        rest.join,
        rest.sign_in,
        rest.signed_in,
        candidates.code,
        candidates.sign_in,
        candidates.link,
        who.attempt,
        who.signed,
        who.frames,
        who.code
    );
    let sealed = samples::identity::SEALED;
    for secret in [samples::CODE, samples::PASSWORD, samples::TOKEN, "123456", "19900000001", sealed] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// Reads bytes as every kind of message there is; reading may fail, never panic.
fn read_all(bytes: &[u8]) {
    let _ = serde_json::from_slice::<ClientFrame>(bytes);
    let _ = serde_json::from_slice::<ServerFrame>(bytes);
    let _ = serde_json::from_slice::<SignedIn>(bytes);
    let _ = serde_json::from_slice::<JoinRequest>(bytes);
    let _ = serde_json::from_slice::<EmployerSignIn>(bytes);
    let _ = serde_json::from_slice::<CandidateSheet>(bytes);
    let _ = serde_json::from_slice::<samples::rest::Fairs>(bytes);
    let _ = serde_json::from_slice::<samples::rest::Talks>(bytes);
    let _ = serde_json::from_slice::<samples::rest::Candidates>(bytes);
    let _ = serde_json::from_slice::<samples::rest::Employers>(bytes);
    let _ = serde_json::from_slice::<samples::identity::Identity>(bytes);
    if let Ok(signal) = serde_json::from_slice::<Signal>(bytes) {
        let _ = signal.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_client_frame_comes_back_the_same(frame in samples::any_client_frame()) {
        let bytes = serde_json::to_vec(&frame).unwrap();
        prop_assert_eq!(serde_json::from_slice::<ClientFrame>(&bytes).unwrap(), frame);
    }

    #[test]
    fn any_server_frame_comes_back_the_same(frame in samples::any_server_frame()) {
        let bytes = serde_json::to_vec(&frame).unwrap();
        prop_assert_eq!(serde_json::from_slice::<ServerFrame>(&bytes).unwrap(), frame);
    }

    #[test]
    fn rubbish_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        read_all(&bytes);
    }

    #[test]
    fn damaged_frames_never_panic(
        which in any::<prop::sample::Index>(),
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut all: Vec<Vec<u8>> = samples::client_frames().iter().map(|f| serde_json::to_vec(f).unwrap()).collect();
        all.extend(samples::server_frames().iter().map(|f| serde_json::to_vec(f).unwrap()));
        let mut bytes = all.swap_remove(which.index(all.len()));
        for (place, value) in places {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        read_all(&bytes);
        read_all(&bytes[..cut.index(bytes.len())]);
    }
}
