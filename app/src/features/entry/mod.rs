//! Coming in and going out.

mod api;
mod join;
mod sign_in;
mod sign_out;
mod welcome;

pub use join::Join;
pub use sign_in::SignIn;
pub use sign_out::SignOutButton;
pub use welcome::Welcome;
