//! Deploying and updating a service: one form with all sections, and the same as JSON below them.

mod body;
mod checks;
mod config;
mod environment;
mod features;
mod fields;
mod json;
mod network;
mod page;
mod scaling;
mod sections;
mod summary;
mod sync;
mod template;
mod traffic;

pub use json::JsonDeployment;
pub use page::{CustomDeployment, UpdateService};
pub use template::FromTemplate;
