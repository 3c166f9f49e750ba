//! Where messages stay that are not really sent: in memory for the developer's page and the tests,
//! and in a file that only the server's user may read. For development: codes stand in it openly.

use super::{Receipt, SmsError, SmsKind, SmsMessage, SmsSender, SmsSetupError, parts};
use crate::clock::Clock;
use async_trait::async_trait;
use miantan_domain::time::WallTime;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Name of the file in the data folder.
pub const OUTBOX_FILE: &str = "sms-outbox.jsonl";

/// One message as it would have gone out. Has no `Debug`: it holds number and code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Counts up from 1, also over restarts.
    pub number: u64,
    pub at: WallTime,
    /// Eleven digits.
    pub to: String,
    pub masked: String,
    pub kind: String,
    /// With the signature.
    pub text: String,
    pub parts: u32,
}

/// The outbox; clones share it.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    kept: Mutex<Kept>,
    keep: usize,
    signature: String,
    clock: Clock,
    /// The last message's number.
    last: watch::Sender<u64>,
}

struct Kept {
    messages: VecDeque<Outgoing>,
    file: File,
}

impl Outbox {
    /// Opens the file in the data folder (made when missing) and keeps its last `keep` messages,
    /// in memory and in the file.
    pub fn open(data: &Path, keep: usize, signature: &str, clock: Clock) -> Result<Self, SmsSetupError> {
        let path = data.join(OUTBOX_FILE);
        let failed = |source| SmsSetupError::Outbox { path: path.clone(), source };
        std::fs::create_dir_all(data).map_err(failed)?;
        let messages = read(&path, keep).map_err(failed)?;
        let file = rewrite(&path, &messages).map_err(failed)?;
        let last = messages.back().map_or(0, |message| message.number);
        Ok(Self(Arc::new(Inner {
            kept: Mutex::new(Kept { messages, file }),
            keep,
            signature: signature.to_owned(),
            clock,
            last: watch::channel(last).0,
        })))
    }

    /// What is kept, oldest first.
    pub fn list(&self) -> Vec<Outgoing> {
        self.lock().messages.iter().cloned().collect()
    }

    /// The newest of one kind to one number.
    pub fn latest(&self, digits: &str, kind: SmsKind) -> Option<Outgoing> {
        let kept = self.lock();
        kept.messages.iter().rev().find(|m| m.to == digits && m.kind == kind.as_str()).cloned()
    }

    /// Changes with every message; its value is the last one's number.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.last.subscribe()
    }

    fn put(&self, message: &SmsMessage) -> io::Result<u32> {
        let text = message.template.text(&self.0.signature);
        let mut kept = self.lock();
        let outgoing = Outgoing {
            number: kept.messages.back().map_or(0, |last| last.number) + 1,
            at: self.0.clock.wall(),
            to: message.to.digits().to_owned(),
            masked: message.to.masked(),
            kind: message.template.kind().as_str().to_owned(),
            parts: parts(&text),
            text,
        };
        kept.file.write_all(line(&outgoing)?.as_bytes())?;
        let (number, parts) = (outgoing.number, outgoing.parts);
        kept.messages.push_back(outgoing);
        while kept.messages.len() > self.0.keep {
            kept.messages.pop_front();
        }
        drop(kept);
        self.0.last.send_replace(number);
        Ok(parts)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SmsSender for Outbox {
    async fn send(&self, message: &SmsMessage) -> Result<Receipt, SmsError> {
        // a line into the page cache: shorter than handing it to another thread
        match self.put(message) {
            Ok(parts) => Ok(Receipt { id: None, parts }),
            Err(error) => {
                tracing::error!(%error, "the SMS outbox cannot be written");
                Err(SmsError::Down)
            }
        }
    }
}

fn line(message: &Outgoing) -> io::Result<String> {
    Ok(serde_json::to_string(message).map_err(io::Error::other)? + "\n")
}

/// The last messages of the file. A line that a killed process left half written is skipped.
fn read(path: &PathBuf, keep: usize) -> io::Result<VecDeque<Outgoing>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(VecDeque::new()),
        Err(e) => return Err(e),
    };
    let mut messages = VecDeque::new();
    for line in BufReader::new(file).split(b'\n') {
        if let Ok(message) = serde_json::from_slice(&line?) {
            if messages.len() == keep {
                messages.pop_front();
            }
            messages.push_back(message);
        }
    }
    Ok(messages)
}

/// Writes what is kept beside the file and puts it in its place, so that neither the file's size nor
/// its rights stay as somebody left them.
fn rewrite(path: &Path, messages: &VecDeque<Outgoing>) -> io::Result<File> {
    let beside = path.with_extension("jsonl.new");
    match std::fs::remove_file(&beside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    let text: String = messages.iter().map(line).collect::<io::Result<_>>()?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::{Phone, SmsTemplate};

    const NOW: WallTime = WallTime(1_795_000_000_000);

    fn message(code: &str) -> SmsMessage {
        SmsMessage {
            to: Phone::parse("13812345678").unwrap(),
            template: SmsTemplate::SignInCode { code: code.into(), minutes: 5 },
        }
    }

    fn open(data: &Path) -> Outbox {
        Outbox::open(data, 3, "青禾市人才中心", Clock::manual(NOW)).unwrap()
    }

    #[tokio::test]
    async fn the_last_messages_stay_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = open(dir.path());
        let mut watch = outbox.watch();
        for code in ["000001", "000002", "000003", "000004"] {
            assert_eq!(outbox.send(&message(code)).await.unwrap().parts, 1);
        }
        assert!(watch.has_changed().unwrap());
        assert_eq!(*watch.borrow_and_update(), 4);
        let listed = outbox.list();
        assert_eq!(listed.iter().map(|m| m.number).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!((listed[2].at, listed[2].masked.as_str()), (NOW, "138****5678"));
        assert!(listed[2].text.contains("000004"));
        assert!(outbox.latest("13812345678", SmsKind::SignInCode).unwrap().text.contains("000004"));
        assert!(outbox.latest("13812345678", SmsKind::YourTurn).is_none());
        // the file has all four until the next start
        let text = std::fs::read_to_string(dir.path().join(OUTBOX_FILE)).unwrap();
        assert_eq!(text.lines().count(), 4);
        let again = open(dir.path());
        assert!(again.list() == listed);
        again.send(&message("000005")).await.unwrap();
        assert_eq!(again.list().last().unwrap().number, 5);
        let text = std::fs::read_to_string(dir.path().join(OUTBOX_FILE)).unwrap();
        assert_eq!(text.lines().count(), 4);
    }

    #[tokio::test]
    async fn a_torn_line_is_skipped() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).send(&message("000001")).await.unwrap();
        let path = dir.path().join(OUTBOX_FILE);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(b"{\"number\":2,\"at\":17\xe9\x9d");
        std::fs::write(&path, bytes).unwrap();
        let outbox = open(dir.path());
        outbox.send(&message("000002")).await.unwrap();
        assert_eq!(open(dir.path()).list().iter().map(|m| m.number).collect::<Vec<_>>(), [1, 2]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(OUTBOX_FILE);
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        open(dir.path()).send(&message("000001")).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
