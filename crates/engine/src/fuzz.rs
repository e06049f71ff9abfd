//! What strangers and neighbours may send, looked at from all sides: each `look` panics at what must not be.
//!
//! The tests go through the corpora (`crates/engine/fuzz/<name>/`) and change their inputs at random; the targets of
//! `fuzz/` at the top of the repository search led by coverage. An input that breaks something is shown; put it into
//! the corpus, so that it is looked at for ever.

pub mod authorization;
#[cfg(test)]
mod corpus;
pub mod heads;
pub mod proxy;
pub mod route;
pub mod snapshot;
pub mod whitelist;
