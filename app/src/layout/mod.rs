//! The frame around the pages, and what many pages show alike.

mod detail;
mod entry_page;
mod frame;
mod fresh;
mod load_error;
mod message;
mod new_password;
mod not_found;
mod number;
mod preferences;
mod refresh;
mod status;
mod unanswered;
mod when;

pub use detail::{DetailHeader, id_of_address, of_address};
pub use entry_page::EntryPage;
pub use frame::Frame;
pub use fresh::{Fresh, bump_after, empty_after, fresh, load_after, look_every, seen_revision};
pub use load_error::LoadError;
pub use message::Message;
pub use new_password::NewPassword;
pub use not_found::NotFound;
pub use number::thousands;
pub use preferences::Preferences;
pub use refresh::Refresh;
pub use status::{
    Word, alb_badge, conditions_list, gateway_badge, gateway_text, gateway_word, link_badge, link_word, portal_badge,
    portal_word, reason_text, replica_badge, replica_word, service_badge, service_word,
};
pub use unanswered::{unanswered, unanswered_text};
pub use when::When;
