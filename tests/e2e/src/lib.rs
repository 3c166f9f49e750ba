//! A whole hall on one machine: the real backend, real sessions with their own stores, real WebRTC
//! media between synthetic cameras and microphones over loopback. Tests are in `tests/`.
//!
//! Nothing here is a stand-in except the camera, the microphone and the loudspeaker. Nothing here
//! waits for a fixed time: every wait is for something to be seen, with a generous limit.

pub mod air;
pub mod apart;
pub mod applicant;
pub mod hall;
pub mod identity;
pub mod person;
pub mod raw;
pub mod samples;
pub mod seen;
pub mod talk;
pub mod wire;

pub use applicant::Applicant;
pub use hall::Hall;
pub use person::{Candidate, Devices, Phone, Recruiter};
