//! One phone, its link and the socket it holds, in virtual time.

mod random;
mod stories;
mod world;
