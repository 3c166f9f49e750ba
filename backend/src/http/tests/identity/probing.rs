//! The network check.

use super::*;
use miantan_domain::wire::rest::{PROBE_MAX_BYTES, ProbeRelay, ProbeTaken};

#[tokio::test]
async fn bytes_go_down_and_up() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.candidates[0]).await;
    for bytes in [0, 1, 65_536, 200_000] {
        let answer = lin.get(&format!("/probe/down?bytes={bytes}")).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, bytes));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        let up = lin.device.send("POST", "/api/v1/probe/up", Some(&lin.token), vec![7; bytes]).await;
        assert_eq!(up.json::<ProbeTaken>().bytes, bytes as u64);
    }
    // larger than any other request, and no larger than said
    let most = PROBE_MAX_BYTES as usize;
    let up = lin.device.send("POST", "/api/v1/probe/up", Some(&lin.token), vec![7; most]).await;
    assert_eq!(up.json::<ProbeTaken>().bytes, most as u64);
    let up = lin.device.send("POST", "/api/v1/probe/up", Some(&lin.token), vec![7; most + 1]).await;
    assert_eq!(up.code(), ProblemCode::TooLarge);
    for bad in ["", "?bytes=", "?bytes=-1", "?bytes=x", "?bytes=4194305", "?bytes=99999999999999999999"] {
        assert_eq!(lin.get(&format!("/probe/down{bad}")).await.code(), ProblemCode::Malformed, "{bad}");
    }
    for path in ["/api/v1/probe/down?bytes=1", "/api/v1/probe/relay"] {
        assert_eq!(organiser.device().get(path, None).await.code(), ProblemCode::NotSignedIn);
    }
}

#[tokio::test]
async fn one_session_measures_only_so_much() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.candidates[0]).await;
    let chen = organiser.joined(&organiser.seeded.candidates[2]).await;
    let mut slowed = None;
    for _ in 0..45 {
        let answer = lin.get("/probe/down?bytes=10").await;
        if answer.status != StatusCode::OK {
            slowed = Some(answer.problem());
            break;
        }
    }
    let slowed = slowed.expect("so many and no more");
    assert_eq!(slowed.code, ProblemCode::SlowDown);
    assert!(slowed.retry_after_ms.is_some());
    assert_eq!(chen.get("/probe/down?bytes=10").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_relays_credentials_are_the_devices_own() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.candidates[0]).await;
    let none: ProbeRelay = lin.get("/probe/relay").await.json();
    assert!(none.servers.is_empty(), "this server has no relay");
}
