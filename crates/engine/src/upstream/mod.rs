//! The way to a replica and back.

mod answer_body;
mod connect;
mod events;
mod exchange;
mod pause;
mod pool;
mod replay;
mod tunnel;

pub use answer_body::AnswerBody;
pub use events::Events;
pub use exchange::{Ask, exchange};
pub use pool::Pool;
pub use replay::Source;
pub use tunnel::{Surroundings, tunnel};
