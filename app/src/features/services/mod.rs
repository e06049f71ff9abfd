//! The Inference Service tab, the deploy wizard and the services' pages.

mod actions;
pub mod api;
mod choose;
mod custom;
mod custom_fields;
mod delete;
mod detail;
mod invocation;
mod list;
mod network_choice;
mod overview;
mod token;

pub use choose::ChooseDeployment;
pub use custom::CustomDeployment;
pub use delete::Delete;
pub use invocation::InvocationMethod;
pub use list::List;
pub use overview::Overview;
