//! ALB gateways: creating one, enabling its accesses, the instance behind it.

mod access;
pub mod api;
mod create;
mod figures;
mod instance;
mod next;
mod public;
mod tables;

pub(super) use access::access_page;
pub use create::NewAlb;
pub use instance::Instance;
pub(super) use next::Next;
pub use public::EnablePublic;
pub(super) use public::PublicAccess;
