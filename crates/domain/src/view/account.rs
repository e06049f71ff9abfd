//! Accounts, as their operator sees them.

use crate::account::Account;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    pub account: Account,
    pub created_at: DateTime<Utc>,
    /// People who sign in there.
    pub users: i64,
    pub gateways: usize,
    /// It runs the installation.
    pub operates: bool,
}
