//! One folder an area: its pages, and `api.rs` with the server functions behind them.

pub mod account;
pub mod accounts;
pub mod billing;
pub mod certificates;
pub mod entry;
pub mod gateways;
pub mod groups;
pub mod hosts;
pub mod networks;
pub mod services;
