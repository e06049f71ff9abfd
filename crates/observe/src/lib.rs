//! What is measured, over time.
#![forbid(unsafe_code)]

mod cell;
mod counted;
mod error;
mod fold;
mod retention;
mod series;
mod step;
mod totals;
mod write;

pub use cell::{Cell, ReplicaCell, ServiceCell, Subject, Watched};
pub use counted::Counted;
pub use error::SeriesError;
pub use fold::fold;
pub use retention::LARGEST;
pub use series::Series;
pub use step::{STEPS, Step};
pub use totals::{Taken, TotalsKey};
pub use write::Flush;
