//! The backend over real sockets, told as stories. A real server on loopback, a real database in a
//! temporary folder, and people on devices.

mod accounts;
mod device;
mod employers;
mod faults;
mod restarts;
mod rude;
mod slow;
mod stories;
mod talk;
mod talk_invite;
mod talk_rude;
mod transport;
mod world;
