//! Machines that serve: how they join and leave, what each of them runs, and what follows when one is lost.

mod edit;
mod endpoints;
mod join;
mod lost;
mod read;
mod wanted;

pub use endpoints::{Reachable, for_host, gone};
pub use join::{JoinRefused, LinkDoor};
pub(crate) use wanted::runners;
pub use wanted::{Wanted, wanted};
