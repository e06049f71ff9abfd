//! How large the numbers of a document may be.

use super::keys::Kind;
use crate::service::draft::MAX_REPLICAS;

pub(super) const REPLICAS: Kind = Kind::Count { min: 0, max: MAX_REPLICAS as u64 };
/// Requests: more than any machine has, and a mistyped number is noticed.
pub(super) const MANY: u64 = 10_000_000;
/// 16 TiB, in MiB.
pub(super) const MEMORY: u64 = 16 * 1024 * 1024;
/// Seconds.
pub(super) const HOUR: u64 = 3600;
pub(super) const DAY: u64 = 86_400;
pub(super) const GRACE: u64 = DAY;
pub(super) const DAY_MS: u64 = 86_400_000;
/// Bytes of a whole document.
pub(super) const DOCUMENT: usize = 256 * 1024;
/// Bytes of a script.
pub(super) const SCRIPT: usize = 64 * 1024;
/// Bytes of all environment variables.
pub(super) const ENV: usize = 64 * 1024;
/// Items of a list.
pub(super) const ITEMS: usize = 500;
