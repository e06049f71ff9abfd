//! Rollouts on their way: what is seen of them, what follows, and what is told of it.

mod happened;
mod keep;
mod moves;
mod sight;

pub(crate) use sight::Sight;
