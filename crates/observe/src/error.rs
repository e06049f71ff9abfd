//! What can go wrong, by what the caller can do about it.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeriesError {
    #[error("the series {} cannot be opened; check that the folder exists and is writable", path.display())]
    Open { path: PathBuf, source: sqlx::Error },
    #[error("the damaged series {} cannot be moved out of the way; move it away yourself and start again", path.display())]
    Stuck { path: PathBuf, source: std::io::Error },
    #[error("the series {} were written by another version of this program; start that version", path.display())]
    Migrate { path: PathBuf, source: sqlx::migrate::MigrateError },
    #[error("the series {} cannot be used; see whether its disk is full", path.display())]
    Database { path: PathBuf, source: sqlx::Error },
    #[error("a measurement cannot be written as bytes; report this")]
    Encode { source: rmp_serde::encode::Error },
}
