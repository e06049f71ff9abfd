//! Use cases of gateways' own domain names.

mod edit;
mod read;
mod tls;
