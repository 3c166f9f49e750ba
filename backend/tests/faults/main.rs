//! The backend as a process of its own, and what can happen to one: it is killed, its disk is full, somebody
//! else holds its database. Told with people who talk meanwhile.

mod full;
mod killed;
mod locked;
mod serving;
mod speaker;
