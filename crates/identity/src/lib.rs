//! Users, sessions, roles: who is asking, and may they.
//!
//! Nothing here reads a clock: callers pass `now`, so that tests can.
#![forbid(unsafe_code)]

pub mod entropy;
mod error;
mod invitation;
pub mod password;
mod principal;
mod recovery;
mod session;
mod sign_in;
mod throttle;

pub use error::IdentityError;
pub use invitation::{Invited, NewUser, create_setup_link, invitation_of, invite, invite_into, join};
pub use principal::{Principal, authorize};
pub use recovery::{change_password, reset_password};
pub use session::{SessionInfo, SignedIn, end_session, resolve, sessions};
pub use sign_in::{Caller, Credentials, sign_in};
pub use throttle::Throttle;
