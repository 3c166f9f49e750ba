//! How much memory a process of this machine has in use.

use anyhow::{Context, bail};
use std::time::{Duration, Instant};

/// A server that has just become ready still reads typefaces, makes hashes and the like for a moment: it has settled when
/// its memory stays as it is for so long, and is taken as it is after [`SETTLE_MOST`].
const SETTLED: Duration = Duration::from_secs(2);
const SETTLE_MOST: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);
/// A smaller change is none, in KiB.
const SAME_KIB: u64 = 64;

/// Resident memory of a process in KiB, as `/proc/PID/status` tells it (`VmRSS`).
///
/// # Errors
/// When there is no such process, or no `/proc`.
pub fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {path}: is the server's process on this machine?"))?;
    read(&text).with_context(|| format!("{path} tells no VmRSS"))
}

/// As [`resident_kib`], once nothing is added or given back any more.
///
/// # Errors
/// As [`resident_kib`].
pub async fn settled_kib(pid: u32) -> anyhow::Result<u64> {
    let began = Instant::now();
    let (mut last, mut since) = (resident_kib(pid)?, began);
    while since.elapsed() < SETTLED && began.elapsed() < SETTLE_MOST {
        tokio::time::sleep(LOOK).await;
        let now = resident_kib(pid)?;
        if now.abs_diff(last) > SAME_KIB {
            (last, since) = (now, Instant::now());
        }
    }
    Ok(last)
}

fn read(status: &str) -> anyhow::Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no such line")?;
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        [number, "kB"] => Ok(number.parse()?),
        _ => bail!("the line reads {line:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found() {
        assert_eq!(read("Name:\tx\nVmHWM:\t 9 kB\nVmRSS:\t   12345 kB\n").expect("there"), 12_345);
        assert!(read("Name:\tx\n").is_err());
        assert!(read("VmRSS:\t12 MB\n").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn our_own_memory_is_more_than_nothing() {
        assert!(resident_kib(std::process::id()).expect("we run") > 100);
        assert!(resident_kib(u32::MAX).is_err());
    }
}
