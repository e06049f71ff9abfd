//! Certificates from an ACME server (RFC 8555): register once, then one call per certificate.

mod account;
mod answer;
mod backoff;
mod challenge;
mod http;
mod nonce;
mod order;
mod server;
mod usable;
mod wanted;

pub use account::{Account, ExternalAccount, Registration};
pub use backoff::{next_attempt, retry_delay};
pub use challenge::{Challenge, Solver};
pub use server::{About, Server};
pub use wanted::{MAX_NAMES, Wanted};
