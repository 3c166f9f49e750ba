//! The backend as a process of its own (`src/bin/backend.rs`), so that it can be killed for good:
//! nothing is said, nothing is flushed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running process; dropping it kills it.
#[derive(Debug)]
pub struct Apart {
    process: Child,
    program: &'static str,
    data: PathBuf,
    listen: SocketAddr,
    /// Where its relay listens; none: it has none.
    relay: Option<SocketAddr>,
}

impl Apart {
    /// Starts and waits until it listens. `program`: the path cargo tells of the binary
    /// `miantan-e2e-backend`.
    pub fn starts(program: &'static str, data: &Path, listen: SocketAddr, relay: Option<SocketAddr>) -> Self {
        let mut command = Command::new(program);
        command.arg(data).arg(listen.to_string()).args(relay.map(|relay| relay.to_string()));
        let process = command.stdout(Stdio::piped()).spawn();
        let mut process = process.expect("the backend's process starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("a pipe");
        let said = tokio::task::block_in_place(|| BufReader::new(out).read_line(&mut line));
        assert!(said.is_ok() && line.trim() == "listening", "the backend did not come up: {said:?} {line:?}");
        Self { process, program, data: data.to_owned(), listen, relay }
    }

    /// SIGKILL, and a new process on the same data and the same port.
    pub fn is_killed_and_started(&mut self) {
        self.is_killed();
        self.starts_again();
    }

    /// A new process on the same data and the same ports, after the old one was killed.
    pub fn starts_again(&mut self) {
        *self = Self::starts(self.program, &self.data.clone(), self.listen, self.relay);
    }

    /// SIGKILL.
    pub fn is_killed(&mut self) {
        // Err: it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.is_killed();
    }
}
