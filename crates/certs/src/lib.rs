//! Certificates: reading what operators upload, asking authorities for new ones.
//!
//! Nothing here stores anything, loops in the background or looks at a clock that it was not given; the callers do.
//! Errors are the domain's (`domain::certificate`), because the console translates them.
#![forbid(unsafe_code)]

mod certificate;
mod read;

pub use certificate::Certificate;
pub use read::{MAX_BYTES, MAX_CERTIFICATES, Upload, read};
