//! The accounts of the installation, for its operator.

pub mod api;
mod invite;
mod list;

pub use list::Accounts;
