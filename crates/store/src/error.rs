//! What can go wrong, by what the caller can do about it.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else wrote in between.
    #[error("this was changed by somebody else; it is at revision {current} now")]
    Conflict { current: i64 },
    /// A unique value is used already.
    #[error("{constraint} is taken")]
    Taken { constraint: Constraint },
    /// Another row still refers to it.
    #[error("it is still used")]
    InUse,
    #[error("it does not exist any more")]
    NotFound,
    #[error("the disk of the database {} is full; free some space, nothing was changed", path.display())]
    DiskFull { path: PathBuf },
    #[error("the database {} cannot be opened; check that the folder exists and is writable", path.display())]
    Open { path: PathBuf, source: sqlx::Error },
    #[error("the database {} is damaged; restore it from a backup, or move it away to start anew", path.display())]
    Damaged { path: PathBuf, source: sqlx::Error },
    #[error("the database {} was written by another version of this program; start that version", path.display())]
    Migrate { path: PathBuf, source: sqlx::migrate::MigrateError },
    #[error("the database {} cannot be used", path.display())]
    Database { path: PathBuf, source: sqlx::Error },
    /// A row does not hold what this program wrote.
    #[error("the database {} holds something unreadable in {what}; restore it from a backup", path.display())]
    Corrupt { path: PathBuf, what: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    GatewayName,
    GatewayPort,
    ServiceName,
    GroupName,
    UserName,
    CertificateName,
    Domain,
    AcmeAccount,
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Constraint::GatewayName => "the gateway name",
            Constraint::GatewayPort => "the gateway port",
            Constraint::ServiceName => "the service name",
            Constraint::GroupName => "the group name",
            Constraint::UserName => "the user name",
            Constraint::CertificateName => "the certificate's name",
            Constraint::Domain => "the domain",
            Constraint::AcmeAccount => "the ACME server's directory",
        })
    }
}

/// A failed statement, before it is known which database it was.
#[derive(Debug)]
pub(crate) enum Failure {
    Sql(sqlx::Error),
    Unreadable(String),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Sql(error)
    }
}

impl Failure {
    pub(crate) fn at(self, path: &std::path::Path) -> StoreError {
        let path = path.to_owned();
        let source = match self {
            Failure::Unreadable(what) => return StoreError::Corrupt { path, what },
            Failure::Sql(source) => source,
        };
        if let sqlx::Error::ColumnDecode { index, .. } = &source {
            return StoreError::Corrupt { path, what: index.clone() };
        }
        let Some(error) = source.as_database_error() else { return StoreError::Database { path, source } };
        // SQLite names the columns, PostgreSQL the constraint.
        let text = format!("{} {}", error.constraint().unwrap_or_default(), error.message());
        let named = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if error.is_foreign_key_violation() || named(&["FOREIGN KEY constraint failed"]) {
            return StoreError::InUse;
        }
        if error.is_unique_violation() || named(&["UNIQUE constraint failed"]) {
            let constraint = if named(&["gateways_port", "gateways.port"]) {
                Some(Constraint::GatewayPort)
            } else if named(&["gateways_name", "gateways.name_key"]) {
                Some(Constraint::GatewayName)
            } else if named(&["services_name", "services.name"]) {
                Some(Constraint::ServiceName)
            } else if named(&["service_groups_name", "service_groups.name"]) {
                Some(Constraint::GroupName)
            } else if named(&["users_name_key", "users.name_key"]) {
                Some(Constraint::UserName)
            } else if named(&["certificates_name", "certificates.name_key"]) {
                Some(Constraint::CertificateName)
            } else if named(&["acme_accounts_directory", "acme_accounts.directory"]) {
                Some(Constraint::AcmeAccount)
            } else if named(&["domains_host", "domains.host"]) {
                Some(Constraint::Domain)
            } else {
                None
            };
            if let Some(constraint) = constraint {
                return StoreError::Taken { constraint };
            }
        }
        if named(&["database or disk is full", "No space left"]) {
            return StoreError::DiskFull { path };
        }
        StoreError::Database { path, source }
    }
}
