//! How a service gets from one version's replicas to another's: where it stands, what is to be done next, and when it
//! is given up. All of it is decided from what was observed, by functions without a clock.

mod place;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod verdict;

pub use state::{Because, Held, Phase, Rollout};
pub use step::{OnHost, Placed, Progress, Scene, progress, step};
pub use verdict::{Facts, LOOPS, Move, is_looping, verdict};
