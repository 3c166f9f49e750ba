//! The state machines, one folder each. All have the same shape: `handle` takes the time and one
//! input, `poll_output` hands out what must happen outside (drain it before the next input),
//! `poll_timeout` says when to call again and why.

pub mod call;
pub mod check_in;
pub mod identity;
pub mod invitation;
pub mod link;
pub mod network;
pub mod outbox;
pub mod readiness;
pub mod round;
pub mod talk;
pub mod wait;
