//! How much memory a process of this machine has in use.

use anyhow::{Context, bail};

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
