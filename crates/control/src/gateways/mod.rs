//! Use cases of gateways.

mod access;
mod create;
mod default;
mod delete;
mod edit;
mod list;
mod nodes;
mod peers;
mod read;
mod resize;
mod role;
mod settings;
mod structure;
mod vpc;
mod vpc_read;

pub(crate) use edit::GatewayEdit;
pub use list::PAGE_SIZE;
pub use role::SERVICE_LINKED_ROLE;
