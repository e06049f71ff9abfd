//! What the product does: use cases, what was observed, and the compiler from wishes to configurations.
//!
//! A use case authorises, validates, writes (with the revision that was seen, and audit, in one transaction) and
//! then lets everybody know.
#![forbid(unsafe_code)]

mod accounts;
mod alb;
mod apart;
mod billing;
mod certificates;
mod clock;
pub mod compile;
mod connectivity;
mod control;
mod desired;
mod domains;
mod error;
mod event;
pub mod gateways;
pub mod hosts;
pub mod hub;
mod installation;
mod monitoring;
mod names;
mod networks;
mod observed;
mod rate;
mod recorded;
mod resized;
mod seal;
mod seed;
pub mod services;
mod usage;
mod write;

pub use certificates::CertificateDraft;
pub use clock::Clock;
pub use control::Control;
pub use desired::Desired;
pub use domains::Resolver;
pub use error::{ControlError, Missing};
pub use event::Event;
pub use installation::{Installation, Scale};
pub use observed::{AgentState, EngineState, Observed, ReplicaAnswers, ReplicaUse};
pub use rate::Rate;
pub use recorded::Recorded;
pub use resized::Resized;
pub use seal::{InstallationKey, SealError};
pub use services::Scaling;
pub use services::start::templates as service_templates;
pub use usage::Usage;
