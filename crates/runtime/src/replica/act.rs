//! What somebody asks of one replica.

use crate::agent::Shared;
use domain::endpoint::ReplicaAction;
use domain::id::ReplicaId;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Of a request of the console.
#[derive(Debug)]
pub struct Act {
    pub replica_id: ReplicaId,
    pub action: ReplicaAction,
}

/// Why it is not done; for people.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    #[error("there is no replica {0} on this host any more; look at the list again")]
    Gone(ReplicaId),
    #[error("this replica is being stopped; wait until another one has taken its place")]
    Stopping,
    #[error("this replica runs elsewhere and is only probed; restart it there")]
    Elsewhere,
    #[error("it cannot be kept that this replica gets no requests: {0}; check the disk of the agent's host")]
    Kept(io::Error),
}

/// There while a replica gets no requests. Not in its folder: an external one has none.
fn marker(shared: &Shared, id: &ReplicaId) -> PathBuf {
    shared.options.state_dir.join("isolated").join(id.as_str())
}

pub fn is_isolated(shared: &Shared, id: &ReplicaId) -> bool {
    marker(shared, id).exists()
}

/// Also the next agent's.
pub fn isolate(shared: &Shared, id: &ReplicaId, isolated: bool) -> Result<(), ActError> {
    let marker = marker(shared, id);
    let kept = match (isolated, marker.parent()) {
        (true, Some(folder)) => fs::create_dir_all(folder).and_then(|()| fs::write(&marker, "")),
        _ => match fs::remove_file(&marker) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    };
    kept.map_err(ActError::Kept)?;
    shared.board.update(id, |report| report.isolated = isolated);
    Ok(())
}

pub fn forget(shared: &Shared, id: &ReplicaId) {
    let _ = fs::remove_file(marker(shared, id));
}
