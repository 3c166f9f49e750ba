//! One candidate, Lin, and her phone.

mod random;
mod stories;
mod world;
