//! Several services behind one name.

mod edit;
mod held;
mod join;
mod read;
mod token;

pub use held::{GroupTokenHeld, HeldGroup};
