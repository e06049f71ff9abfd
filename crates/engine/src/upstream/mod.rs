//! The way to a replica and back.

mod answer_body;
mod connect;
mod events;
mod exchange;
mod held;
mod patience;
mod pause;
mod pool;
mod replay;
mod tunnel;

pub use answer_body::AnswerBody;
pub use events::Events;
pub use exchange::{Answered, Ask, exchange};
pub use held::{Parts, Rest};
pub use pool::{Lease, Pool, Sender};
pub use replay::{Outgoing, Source};
pub use tunnel::{ClientEnd, ReplicaEnd, Switched, tunnel};
