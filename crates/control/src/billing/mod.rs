//! What gateways cost. Nothing charges anybody; nothing here stops a gateway.

mod catch_up;
mod cost;
mod export;
mod meter;
mod orders;
mod prices;
mod runs;
mod subscription;

pub(crate) use catch_up::catch_up;
pub(crate) use meter::Meters;
pub(crate) use runs::follow_runs;
