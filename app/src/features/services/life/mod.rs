//! The life of a service: its rollout, replicas, versions, what happened, and what replicas printed.

pub mod api;
mod events;
mod instances;
mod logs;
mod rollout;
mod versions;
mod words;

pub use events::Events;
pub(super) use instances::Instances;
pub use logs::Logs;
pub(super) use rollout::RolloutBanner;
pub use versions::Versions;
