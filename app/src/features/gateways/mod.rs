//! The Inference Gateway tab and the gateways' pages.

mod alb;
pub mod api;
mod capacity;
mod confirm;
mod delete;
mod detail;
mod domains;
mod effect;
mod filters;
mod internet;
mod kind;
mod list;
mod managed;
mod nodes;
mod overview;
mod plan;
mod resize;
mod rows;
mod settings;
mod structure;
mod vpc;

pub use alb::{EnablePublic, Instance, NewAlb};
pub use confirm::ConfirmManaged;
pub use delete::Delete;
pub use domains::{CreateDomain, Domains};
pub use internet::{Internet, endpoint, endpoint_inside};
pub use kind::ChooseKind;
pub use list::List;
pub use managed::NewManaged;
pub use nodes::Nodes;
pub use overview::Overview;
pub use plan::PlanManaged;
pub use resize::Resize;
pub use settings::Settings;
pub use structure::Structure;
pub use vpc::{AddVpc, Link, Vpcs};
