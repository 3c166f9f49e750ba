//! The backend over real sockets, told as stories. A real server on loopback, a real database in a
//! temporary folder, and people on devices.

mod device;
mod faults;
mod restarts;
mod rude;
mod stories;
mod talk;
mod transport;
mod world;
