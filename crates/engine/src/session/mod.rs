//! Talking to the console and to this host's agent.

mod agent;
mod console;

pub use agent::serve;
pub use console::{Console, talk};
