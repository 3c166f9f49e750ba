//! Every socket is a file descriptor, and the usual soft limit of 1,024 would end a fair's opening minute. The soft
//! limit is raised to the hard one, which is the administrator's word.

/// Below this the log says so at the start: a hall of 5,000 waiting devices would not fit.
pub const ENOUGH: u64 = 8_192;

/// Raises the soft limit of open files as far as this process may, and says how many it may have now; `None` where
/// there is no such limit.
pub fn raise() -> Option<u64> {
    let allowed = allowed();
    if let Some(allowed) = allowed.filter(|allowed| *allowed < ENOUGH) {
        tracing::warn!(
            allowed,
            "few file descriptors: each device takes one; raise the hard limit (`ulimit -Hn`, or LimitNOFILE= of \
             the service)"
        );
    }
    allowed
}

#[cfg(unix)]
fn allowed() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // some systems refuse "unlimited" as a soft limit; then it stays as it is
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum && setrlimit(Resource::Nofile, wanted).is_ok() {
        return limit.maximum;
    }
    limit.current
}

#[cfg(not(unix))]
fn allowed() -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn the_soft_limit_is_the_hard_one_afterwards() {
        let allowed = raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(allowed, limit.current);
        assert!(allowed.is_none() || limit.current == limit.maximum);
    }
}
