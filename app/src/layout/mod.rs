//! The frame around the pages, and what many pages show alike.

mod frame;
mod fresh;
mod load_error;
mod message;
mod not_found;
mod preferences;
mod status;
mod when;

pub use frame::Frame;
pub use fresh::{Fresh, bump_after, fresh, load_after};
pub use load_error::LoadError;
pub use message::Message;
pub use not_found::NotFound;
pub use preferences::Preferences;
pub use status::{gateway_badge, gateway_text, portal_badge, reason_text, replica_badge, service_badge};
pub use when::When;
