//! The VPC tab: which private networks reach the gateway.

mod add;
pub mod api;
mod choices;
mod doors;
mod link;
mod list;
mod peers;

pub use add::AddVpc;
pub(super) use add::LinkForm;
pub(super) use choices::{boxes, first_choice, proposed};
pub use link::Link;
pub use list::Vpcs;
