//! The Inference Gateway tab and the gateways' pages.

mod alb;
pub mod api;
mod confirm;
mod delete;
mod detail;
mod domains;
mod filters;
mod internet;
mod kind;
mod list;
mod managed;
mod overview;
mod rows;
mod vpc;

pub use alb::NewAlb;
pub use confirm::ConfirmManaged;
pub use delete::Delete;
pub use domains::{CreateDomain, Domains};
pub use internet::{Internet, endpoint};
pub use kind::ChooseKind;
pub use list::List;
pub use managed::NewManaged;
pub use overview::Overview;
pub use vpc::{AddVpc, Link, Vpcs};
