//! The operator's inventory of networks.

pub mod api;
mod elsewhere;
mod list;
mod vpc;
mod vswitches;
mod zones;

pub use list::Networks;
pub use vpc::VpcPage;
