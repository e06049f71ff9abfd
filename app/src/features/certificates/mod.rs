//! Certificates that domains use.

pub mod acme;
pub mod api;
mod detail;
mod files;
mod form;
mod list;

pub use acme::{Account, Order};
pub use detail::Detail;
pub use list::{List, Upload, names};
