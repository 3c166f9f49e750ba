//! A child process together with everything it starts, as one thing that can be killed and never outlives us.
//! It never waits for a graceful end: an app that is killed at any moment is part of what is tested.
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};

/// A process group of its own. Dropping it kills the whole group; so does the end of our own process, however it
/// comes (a watcher holds the other end of a pipe).
#[derive(Debug)]
pub struct Group {
    child: Child,
    watcher: Option<(Child, ChildStdin)>,
}

impl Group {
    /// Starts `command` as the leader of a new process group.
    ///
    /// # Errors
    /// When the program or `sh` cannot be started.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let mut group = Self { child, watcher: None };
        let mut watcher = Command::new("sh")
            .args(["-c", &format!("read _; kill -KILL -- -{} 2>/dev/null", group.id())])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start sh, which ends the app when the tests die")?;
        let Some(pipe) = watcher.stdin.take() else { bail!("sh was started without a pipe") };
        group.watcher = Some((watcher, pipe));
        Ok(group)
    }

    /// The process id of the leader, which is also the group's id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the leader ended, or `None` while it runs.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(match (status.code(), status.signal()) {
            (Some(code), _) => format!("ended with code {code}"),
            (None, Some(signal)) => format!("was killed by signal {signal}"),
            (None, None) => "ended".to_owned(),
        })
    }

    /// Memory of all processes of the group in KiB: proportional share (PSS) where the kernel tells it.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let Ok(entries) = std::fs::read_dir("/proc") else { return 0 };
        entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| group_of(path) == Some(self.id()))
            .map(|path| {
                kib(&path.join("smaps_rollup"), "Pss:").or_else(|| kib(&path.join("status"), "VmRSS:"))
            })
            .map(Option::unwrap_or_default)
            .sum()
    }

    /// SIGKILL for the whole group, then waits until the leader is gone. Calling it twice does nothing more.
    pub fn kill(&mut self) {
        // The watcher goes first: once the group is gone its number may be given to someone else.
        if let Some((mut watcher, pipe)) = self.watcher.take() {
            let _ = watcher.kill();
            let _ = watcher.wait();
            drop(pipe);
            // An app that ended by itself may have left helpers behind, so the group is killed in any case.
            let group = format!("-{}", self.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process group of `/proc/PID`: the third field after the name, which may hold spaces itself.
fn group_of(process: &Path) -> Option<u32> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

fn kib(file: &Path, key: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alive(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    #[test]
    fn dropping_a_group_kills_what_it_started() {
        let file = std::env::temp_dir().join(format!("miantan-ui-group-{}", std::process::id()));
        let script = format!("sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display());
        let group = Group::spawn(Command::new("sh").args(["-c", &script])).expect("sh starts");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !file.exists() {
            assert!(std::time::Instant::now() < deadline, "the script never told its child's id");
            std::thread::yield_now();
        }
        let grandchild = std::fs::read_to_string(&file).expect("written").trim().to_owned();
        let _ = std::fs::remove_file(&file);
        assert!(alive(&grandchild));
        assert!(group.memory() > 100, "two processes use some memory");
        drop(group);
        while alive(&grandchild) {
            assert!(std::time::Instant::now() < deadline, "the grandchild outlived its group");
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_end_of_a_process_is_told_in_words() {
        let mut group = Group::spawn(Command::new("sh").args(["-c", "exit 7"])).expect("sh starts");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        let told = loop {
            if let Some(told) = group.ended() {
                break told;
            }
            assert!(std::time::Instant::now() < deadline, "sh never ended");
        };
        assert_eq!(told, "ended with code 7");
    }
}
