//! Persistence: one set of repositories over SQLite, written so that PostgreSQL runs the same statements.
//!
//! Writing happens in a [`Tx`]: rows, audit and change numbers are committed together or not at all.
#![forbid(unsafe_code)]

mod acme_accounts;
mod audit;
mod certificates;
mod changes;
mod custom_domains;
mod error;
mod gateways;
mod invitations;
mod leases;
mod links;
mod networks;
mod orders;
mod pool;
mod row;
mod services;
mod sessions;
#[cfg(test)]
mod tests;
mod tokens;
mod tx;
mod users;
mod workspaces;

pub use acme_accounts::AcmeAccountRow;
pub use audit::{AuditEntry, AuditRow};
pub use certificates::CertificateRow;
pub use changes::{Change, ChangeKind, Everything};
pub use error::{Constraint, StoreError};
pub use invitations::InvitationRow;
pub use pool::Store;
pub use sessions::SessionRow;
pub use tokens::TokenRow;
pub use tx::Tx;
pub use users::UserRow;
pub use workspaces::WorkspaceRow;
