//! The real cpal path, against a sound server that this test starts for itself: PulseAudio with
//! null sinks, reached through ALSA's `pulse` plugin as on any Linux desktop.
//!
//! The environment that ALSA and PulseAudio read must stand before the process begins, so the test
//! starts the daemon and then runs itself again inside it. Where PulseAudio is missing it fails.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod server;
mod stories;
mod tools;

use std::panic::AssertUnwindSafe;
use std::process::{Command, ExitCode};

const INSIDE: &str = "MIANTAN_AUDIO_PULSE_INSIDE";

fn main() -> ExitCode {
    let filters: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let stories: Vec<_> = stories::ALL
        .iter()
        .filter(|(name, _)| {
            let name = format!("audio_pulse::{name}");
            filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
        })
        .collect();
    if std::env::args().any(|arg| arg == "--list") {
        for (name, _) in &stories {
            println!("audio_pulse::{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    if stories.is_empty() {
        println!("no story of audio_pulse was asked for");
        return ExitCode::SUCCESS;
    }
    if std::env::var_os(INSIDE).is_some() {
        return tell(&stories);
    }
    let server = server::Server::start();
    let status = Command::new(std::env::current_exe().expect("the path of this test"))
        .args(std::env::args().skip(1))
        .envs(server.environment())
        .env(INSIDE, "1")
        .status()
        .expect("run the stories inside the sound server's environment");
    if status.success() {
        ExitCode::SUCCESS
    } else {
        eprintln!("---- the sound server said:\n{}", server.log());
        ExitCode::FAILURE
    }
}

fn tell(stories: &[&(&str, fn())]) -> ExitCode {
    println!("\nrunning {} stories with a real sound server", stories.len());
    let mut failed = 0;
    for (name, story) in stories {
        // One after the other: they share the server's sinks.
        let result = std::panic::catch_unwind(AssertUnwindSafe(story));
        println!("test audio_pulse::{name} ... {}", if result.is_ok() { "ok" } else { "FAILED" });
        failed += u32::from(result.is_err());
    }
    println!("\n{failed} of {} failed", stories.len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
