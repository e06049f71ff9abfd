//! The operator's inventory of networks.

pub mod api;
mod edit_vswitch;
mod elsewhere;
mod grants;
mod list;
mod vpc;
mod vswitches;
mod zones;

pub use edit_vswitch::EditVSwitch;
pub use list::Networks;
pub use vpc::VpcPage;
