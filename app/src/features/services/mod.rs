//! The Inference Service tab, the deploy wizard and the services' pages.

mod actions;
pub mod api;
mod choose;
mod debugging;
mod delete;
mod detail;
mod group;
mod invocation;
pub mod life;
mod list;
mod monitoring;
mod overview;
mod scaling;
mod tabs;
mod tokens;
mod wizard;

pub use choose::ChooseDeployment;
pub use debugging::Debugging;
pub use delete::Delete;
pub use group::InGroup;
pub use invocation::InvocationMethod;
pub use life::{Events, Logs, Versions};
pub use list::List;
pub use monitoring::Monitoring;
pub use overview::Overview;
pub use scaling::Scaling;
pub(super) use tokens::overlaps;
pub use wizard::{CustomDeployment, FromTemplate, JsonDeployment, UpdateService};
