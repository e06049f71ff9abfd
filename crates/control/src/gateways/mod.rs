//! Use cases of gateways.

mod access;
mod create;
mod default;
mod delete;
mod edit;
mod list;
mod read;
mod role;

pub use list::PAGE_SIZE;
pub use role::SERVICE_LINKED_ROLE;
