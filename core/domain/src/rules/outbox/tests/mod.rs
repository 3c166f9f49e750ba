//! A phone with its store, a hall's server that answers each id once, and a line that breaks.

mod random;
mod stories;
mod world;
