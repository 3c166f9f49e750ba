//! A device is a file descriptor. The usual soft limit of 1,024 is raised to the hard one; where that is too low
//! the error names both, rather than thousands of sockets failing one by one.

/// Too few file descriptors for so many devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{needed} file descriptors are needed and this process may have {allowed}: raise the hard limit \
     (`ulimit -Hn`, or LimitNOFILE= of the service), or open fewer devices"
)]
pub struct TooFew {
    pub needed: u64,
    pub allowed: u64,
}

/// Makes sure that this process may open so many files.
///
/// # Errors
/// [`TooFew`] when the hard limit is below that.
#[cfg(unix)]
pub fn need(needed: u64) -> Result<(), TooFew> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    let mut allowed = limit.current.unwrap_or(u64::MAX);
    if allowed < needed && allowed < hard {
        // a hard limit of "unlimited" is refused on some systems; what is needed is enough
        let wanted = if hard == u64::MAX { needed } else { hard };
        if setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }).is_ok() {
            allowed = wanted;
        }
    }
    if allowed < needed { Err(TooFew { needed, allowed }) } else { Ok(()) }
}

/// Other systems have no such limit, or not one that can be asked for.
#[cfg(not(unix))]
pub fn need(_needed: u64) -> Result<(), TooFew> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_low_hard_limit_is_named_with_what_is_needed() {
        assert_eq!(need(16), Ok(()));
        let error = need(u64::MAX - 1).expect_err("no system allows that");
        assert_eq!(error.needed, u64::MAX - 1);
        assert!(error.to_string().contains("ulimit -Hn"), "{error}");
    }
}
