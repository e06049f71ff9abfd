//! Groups of services.

pub mod api;
mod detail;
mod list;
mod token;

pub use detail::GroupPage;
pub use list::Groups;
