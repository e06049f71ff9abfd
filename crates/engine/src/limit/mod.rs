//! How much: of one request, of a service, of a gateway.

pub mod body;

pub use body::{Meter, RequestBody};
