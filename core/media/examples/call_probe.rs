//! Measures on loopback how long after the answer the first picture is decoded:
//! `cargo run -p miantan-media --features synthetic --example call_probe [RUNS]`.

use std::net::{IpAddr, Ipv4Addr};

use miantan_media::camera::CameraChoice;
use miantan_media::{CallConfig, CallMedia, MediaEvent};
use tokio::sync::mpsc;

fn side(offers: bool) -> CallConfig {
    CallConfig {
        offers,
        camera: Some(CameraChoice::Synthetic),
        microphone: Some("synthetic:tone".to_owned()),
        speaker: Some("synthetic:sink".to_owned()),
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        ..CallConfig::default()
    }
}

/// Passes signals on; gives the first picture's delay and, if a second passes, the figures.
async fn pass(mut from: mpsc::Receiver<MediaEvent>, to: CallMedia, first: mpsc::Sender<u64>) {
    while let Some(event) = from.recv().await {
        match event {
            MediaEvent::Signal(signal) => {
                let _ = to.signal(signal).await;
            }
            MediaEvent::FirstVideo { after_ms } => {
                let _ = first.send(after_ms).await;
            }
            _ => {}
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let runs: usize = std::env::args().nth(1).map_or(Ok(5), |runs| runs.parse())?;
    let mut all = Vec::new();
    for run in 1..=runs {
        let (recruiter, recruiter_out) = CallMedia::start(side(true)).await?;
        let (candidate, candidate_out) = CallMedia::start(side(false)).await?;
        let (recruiter_first, mut at_recruiter) = mpsc::channel(1);
        let (candidate_first, mut at_candidate) = mpsc::channel(1);
        tokio::spawn(pass(recruiter_out, candidate.clone(), recruiter_first));
        tokio::spawn(pass(candidate_out, recruiter.clone(), candidate_first));
        let pair = (at_recruiter.recv().await, at_candidate.recv().await);
        if let (Some(recruiter), Some(candidate)) = pair {
            println!(
                "run {run}: first picture after {recruiter} ms at the recruiter, {candidate} ms at the candidate"
            );
            all.extend([recruiter, candidate]);
        }
        recruiter.close().await;
        candidate.close().await;
    }
    all.sort_unstable();
    if let (Some(least), Some(most)) = (all.first(), all.last()) {
        println!("answer to first decoded picture: median {} ms, {least} to {most} ms", all[all.len() / 2]);
    }
    Ok(())
}
