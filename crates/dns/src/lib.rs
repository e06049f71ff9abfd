//! The built-in authoritative DNS server: names from the engine's snapshot, answered over UDP and TCP.
//!
//! [`Zones`] is what is known, [`respond`] turns a packet into its answer without any I/O, [`Server`] has the sockets.
#![forbid(unsafe_code)]

mod answer;
mod data;
mod error;
mod limit;
mod message;
mod name;
mod prefix;
mod question;
mod records;
mod respond;
mod server;
mod settings;
mod tree;
mod view;
mod zones;

pub use error::DnsError;
pub use limit::Rates;
pub use records::Records;
pub use respond::{Arrival, Transport, respond};
pub use server::{Anew, ListenerReport, Opens, Options, Server, Sockets};
pub use zones::Zones;
