//! ALB gateways: their accesses, the instance behind them, what was observed of it, what it consumes.

mod access;
mod choices;
mod instance;
mod meter;
mod read;
mod status;
mod units;

pub(crate) use meter::{Meter, Sample};
