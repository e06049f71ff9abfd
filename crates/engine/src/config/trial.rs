//! Tables for tests.

use super::{Changes, ConfigError, EndpointBook, Parts, Table};
use crate::listener::tls::Tls;
use crate::record::Stats;
use domain::snapshot::{Delta, Snapshot};
use std::sync::Arc;

/// The table behind `before` when `new` comes after `old`.
pub fn table(before: &Table, old: &Snapshot, new: &Snapshot, book: &EndpointBook) -> Result<Table, ConfigError> {
    next(before, &Changes::of(&Delta::between(old, new), old, new), new, book)
}

pub fn next(
    before: &Table,
    changes: &Changes,
    snapshot: &Snapshot,
    endpoints: &EndpointBook,
) -> Result<Table, ConfigError> {
    let tls = Tls::new(Arc::default()).expect("TLS");
    before.next(changes, &Parts { snapshot, endpoints, stats: &Stats::new(1), tls: &tls })
}
