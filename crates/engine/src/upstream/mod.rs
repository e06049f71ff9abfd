//! The way to a replica and back.

mod answer_body;
mod connect;
mod exchange;
mod pool;
mod tunnel;

pub use answer_body::AnswerBody;
pub use exchange::exchange;
pub use pool::Pool;
pub use tunnel::{Surroundings, tunnel};
