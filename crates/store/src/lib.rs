//! Persistence: one set of repositories over SQLite, written so that PostgreSQL runs the same statements.
//!
//! Writing happens in a [`Tx`]: rows, audit and change numbers are committed together or not at all.
#![forbid(unsafe_code)]

mod accounts;
mod acme_accounts;
mod albs;
mod audit;
mod billing;
mod certificates;
mod changes;
mod custom_domains;
mod error;
mod gateways;
mod groups;
mod hosts;
mod invitations;
mod leases;
mod links;
mod networks;
mod orders;
mod pool;
mod row;
mod service_events;
mod services;
mod sessions;
#[cfg(test)]
mod tests;
mod tokens;
mod tx;
mod users;
mod versions;
mod workspaces;

pub use accounts::AccountRow;
pub use acme_accounts::AcmeAccountRow;
pub use audit::{AuditEntry, AuditRow};
pub use billing::{Meter, MeterKey, OpenSpan, PriceListRow};
pub use certificates::CertificateRow;
pub use changes::{Change, ChangeKind, Everything};
pub use error::{Constraint, StoreError};
pub use groups::{GroupRow, GroupToken};
pub use hosts::JoinTokenRow;
pub use invitations::InvitationRow;
pub use orders::OrderRow;
pub use pool::Store;
pub use sessions::SessionRow;
pub use tokens::TokenRow;
pub use tx::Tx;
pub use users::UserRow;
pub use workspaces::WorkspaceRow;
