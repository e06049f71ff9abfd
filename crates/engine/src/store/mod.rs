//! What the engine was told last, on disk: it serves after a restart with neither console nor agent.
//!
//! `snapshot.base` is a whole configuration, `snapshot.log` the changes since, both encrypted. `endpoints` is plain:
//! addresses are no secret.

mod endpoints;
mod file;
mod log;
mod seal;
mod snapshot;

pub use endpoints::EndpointFile;
pub use snapshot::SnapshotStore;

use std::io;
use std::path::PathBuf;

/// What went wrong with a file of the engine's own folder. None of it stops the engine.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot write {}: {source}; free space there and see that the engine may write", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read {}: {source}; see that the engine may read it", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is damaged or was written with another key", path.display())]
    Damaged { path: PathBuf },
    #[error("cannot encrypt {}", path.display())]
    Seal { path: PathBuf },
    #[error("cannot encode {}: {source}", path.display())]
    Encode { path: PathBuf, source: serde_json::Error },
}
