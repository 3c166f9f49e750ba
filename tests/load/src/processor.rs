//! How much processor time a process of this machine has used.

use anyhow::Context;
use std::time::Duration;

/// User and system time of a process since its start, all threads together, as `/proc/PID/stat` tells it: in steps of
/// a hundredth of a second.
///
/// # Errors
/// When there is no such process, or no `/proc`.
pub fn used(pid: u32) -> anyhow::Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {path}: is the server's process on this machine?"))?;
    let ticks = read(&text).with_context(|| format!("{path} tells no times"))?;
    Ok(Duration::from_secs_f64(ticks as f64 / TICKS_PER_S))
}

/// `USER_HZ`, which is 100 for every program on every Linux that we run on.
const TICKS_PER_S: f64 = 100.0;

/// Fields 14 and 15 of proc(5). The second, the program's name, may hold blanks and parentheses: counted from its end.
fn read(stat: &str) -> Option<u64> {
    let after = stat.rsplit_once(')')?.1;
    let mut fields = after.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_times_are_added_whatever_the_program_is_called() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 500 0 0 0 700 34 0 0 20 0 9 0 100 1 2";
        assert_eq!(read(stat), Some(734));
        assert_eq!(read("42 (short) S 1"), None);
        assert_eq!(read(""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn our_own_time_does_not_run_back() {
        let before = used(std::process::id()).expect("we run");
        assert!(used(std::process::id()).expect("we run") >= before);
        assert!(used(u32::MAX).is_err());
    }
}
