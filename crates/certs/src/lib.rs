//! Certificates: reading what operators upload, asking authorities for new ones.
//!
//! Nothing here stores anything or runs in the background, and what depends on the time is told the time; the callers
//! do all of that. Errors are the domain's (`domain::certificate`), because the console translates them.
#![forbid(unsafe_code)]

pub mod acme;
mod certificate;
mod jitter;
mod read;
mod renewal;
mod request;

pub use certificate::Certificate;
pub use read::{MAX_BYTES, MAX_CERTIFICATES, Upload, read};
pub use renewal::{is_due, renew_at};
pub use request::{AlpnCertificate, Request};
