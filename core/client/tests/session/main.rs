//! The event loop against a server of a few lines, which says what a test wants it to say, and with
//! media that only notes what it was told. The real ones meet in `tests/e2e`.

mod call;
mod checks;
mod device;
mod entrance;
mod hall;
mod media;
mod recruiter;
mod scan;
mod waiting;
