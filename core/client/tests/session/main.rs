//! The event loop against a server of a few lines, which says what a test wants it to say, and with
//! media that only notes what it was told. The real ones meet in `tests/e2e`.

mod account;
mod apply;
mod beside;
mod call;
mod checks;
mod counter;
mod desk;
mod device;
mod drafts;
mod entrance;
mod fairs;
mod hall;
mod hall_talk;
mod links;
mod media;
mod office;
mod readiness;
mod recruiter;
mod resume;
mod rooms;
mod scan;
mod storage;
mod talk;
mod talk_files;
mod waiting;
