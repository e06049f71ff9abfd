//! Certificates from ACME servers: choosing a server, an account with it, an order.

mod account;
pub mod api;
mod fields;
mod page;
mod register;
mod standing;

pub use account::Account;
pub use page::Order;
pub(super) use standing::{badge, standing};
