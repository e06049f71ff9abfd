//! The Domain Name tab: names of the owner's, their certificates, and what clients' TLS must be.

pub mod api;
mod create;
mod list;
mod record;
mod tls;

pub use create::CreateDomain;
pub use list::Domains;
