//! Use cases of gateways' own domain names.

mod answered;
mod check;
mod edit;
mod keep;
mod read;
mod record;
mod resolver;
mod tls;

pub(crate) use check::Checks;
pub use resolver::Resolver;
