//! Pieces that several screens are made of. They know nothing of the hall's rules; screens tell them what to show.

mod bars;
mod button;
mod devices;
mod field;
mod icon;
mod notes;
mod notices;
mod people;
mod picture;
mod progress;
mod sheet;
mod tabs;

pub use bars::{FlowBar, TopBar};
pub use button::{Button, IconButton, Kind};
pub use devices::{DeviceKind, DevicePicker};
pub use field::{CodeField, Field, Remark};
pub use icon::{Glyph, Icon};
pub use notes::Notes;
pub use notices::Notices;
pub use people::{Avatar, OutcomeBadge, OutcomeChips, PresenceMark};
pub use picture::{Picture, PictureOf, connect_pictures};
pub use progress::{Dots, Meter, Spinner};
pub use sheet::{Choice, Confirm, Segmented, Sheet};
pub use tabs::{Tab, TabBar, badge};
