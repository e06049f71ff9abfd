//! Use cases of services.

mod choices;
mod delete;
mod deploy;
mod edit;
mod list;
mod read;
mod token;

pub use list::PAGE_SIZE;
pub(crate) use list::summary;
