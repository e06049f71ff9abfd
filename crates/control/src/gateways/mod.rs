//! Use cases of gateways.

mod access;
mod create;
mod default;
mod delete;
mod edit;
mod list;
mod nodes;
mod read;
mod resize;
mod role;
mod vpc;
mod vpc_read;

pub(crate) use edit::GatewayEdit;
pub use list::PAGE_SIZE;
pub use role::SERVICE_LINKED_ROLE;
pub(crate) use vpc::may_link;
