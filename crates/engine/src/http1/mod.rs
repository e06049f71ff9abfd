//! HTTP/1.1 on both sides of the engine, from the bytes of httparse on. A codec of its own because here is where most
//! of a request's cost is: heads are passed on as they came, without a map of headers, and a silent connection holds
//! no memory. What is said twice or unclearly in a head is refused (see `parse`).

mod decode;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod inbound;
mod parse;
mod replica;
pub mod respond;
mod serve;
mod socket;
mod wire;

pub use inbound::{Broken, Scratch};
pub use parse::{Framing, ResponseHead};
pub use replica::{Interim, Replica, SendError};
pub use serve::serve;
pub use socket::{Socket, poll_drain, poll_read};
pub use wire::{Wire, WireBody};
