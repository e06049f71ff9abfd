//! Use cases of services.

mod autoscale;
mod bound;
mod catch_up;
mod change;
mod choices;
mod debugging;
mod delete;
mod deploy;
mod edit;
mod events;
mod groups;
mod list;
mod pause;
mod read;
mod replicas;
mod rolling;
mod sealed;
pub mod start;
mod tokens;
mod typed;
mod update;

pub use autoscale::Scaling;
pub(crate) use catch_up::catch_up;
pub(crate) use debugging::Room;
pub use events::EVENTS_PAGE;
pub use groups::HeldGroup;
pub use list::PAGE_SIZE;
pub(crate) use list::summary;
pub use replicas::MOST_OUTPUT;
pub(crate) use rolling::Sight;
pub(crate) use sealed::{open, open_spec};
pub(crate) use tokens::TokenUses;
