//! From resources to the table that requests look at.

mod certificates;
mod changes;
mod compile;
mod endpoints;
mod groups;
mod hosts;
mod parted;
mod shares;
mod table;
#[cfg(test)]
mod trial;

pub use certificates::Certificates;
pub use changes::Changes;
pub use compile::{ConfigError, Parts};
pub use endpoints::{AgentEndpoints, EndpointBook};
pub use hosts::Hosts;
pub use parted::Parted;
pub use table::{Endpoint, Gateway, Service, Table, Token};
