//! Certificates that domains use.

pub mod api;
mod detail;
mod form;
mod list;

pub use detail::Detail;
pub use list::{List, Upload};
