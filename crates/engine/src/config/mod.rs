//! From resources to the table that requests look at.

mod certificates;
mod challenges;
mod changes;
mod compile;
mod endpoints;
mod error;
mod groups;
mod hosts;
mod listeners;
mod parted;
mod shares;
mod sides;
mod table;
#[cfg(test)]
pub mod trial;

pub use certificates::Certificates;
pub use challenges::{Challenges, offers_only_proof};
pub use changes::Changes;
pub use compile::Parts;
pub use endpoints::{AgentEndpoints, EndpointBook};
pub use error::ConfigError;
pub use hosts::Hosts;
pub use listeners::{Listener, Listeners, check_socket};
pub use parted::Parted;
pub use shares::Shares;
pub use sides::Sides;
pub use table::{Endpoint, Entrance, Gateway, Service, Table, Timers, Token};
