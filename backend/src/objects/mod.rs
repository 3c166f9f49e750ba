//! What people send: résumés, pictures, files in chat, licence pictures, candidate photos, app builds.
//!
//! [`sniff`] decides from the bytes what a file is and whether it is safe to keep, [`pictures`] takes
//! the personal metadata out of pictures and makes thumbnails, [`names`] makes a name that is safe to
//! download under, [`store`] keeps the bytes and takes uploads that resume.
//!
//! The way of an upload: [`store::ObjectStore::finish`] proves the bytes are the promised ones, then
//! [`Inspector::accept`] looks at them, and the route either keeps the object, keeps the cleaned copy in
//! its place, or deletes it and says why.
//!
//! Architecture Invariant: nothing here knows a route, a table or a person. Names and types that a
//! client declares are never believed, only the bytes are.

pub mod inspector;
pub mod names;
pub mod pictures;
pub mod sniff;
pub mod store;
#[cfg(test)]
mod tests;

pub use inspector::{Accepted, Inspector, Picture, accept};
pub use sniff::{Foreign, Kind, Purpose, Refused};

/// Largest file a person may send, in bytes (20 MiB). App builds are the organiser's and not bound by it.
pub const MAX_FILE_BYTES: u64 = 20 * 1024 * 1024;
