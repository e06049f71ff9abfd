//! Runs a check's command where a replica runs.

use super::command::{Prepared, command};
use crate::driver::ExecError;
use crate::group::Group;
use crate::output::{inert, last_line};
use crate::spec::ReplicaSpec;
use std::time::Duration;

/// Bytes of what it prints that are kept to find the last line.
const TAIL: usize = 4 * 1024;
const NAME: usize = 200;

/// `Ok` where it ends with status 0 in time.
pub async fn exec(spec: &ReplicaSpec, words: &[String], timeout: Duration) -> Result<(), ExecError> {
    let program = inert(words.first().map(String::as_str).unwrap_or_default(), NAME);
    let not_started = |source| ExecError::NotStarted { program: program.clone(), source };
    let groups = match &spec.cgroup {
        // Without one (it could not be made, say) the replica has none either.
        Some(cgroup) => cgroup.join().unwrap_or_default(),
        None => Vec::new(),
    };
    let Prepared { command, own } = command(spec, words, groups);
    let mut group = Group::spawn(command).map_err(not_started)?;
    drop(own);
    let mut tail = Vec::new();
    let keep = |bytes: &[u8]| {
        tail.extend_from_slice(bytes);
        if tail.len() > 2 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
    };
    let ended = tokio::time::timeout(timeout, group.finish(keep)).await;
    let last_line = last_line(&tail);
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => {
            let status = status.code().map_or_else(|| status.to_string(), |code| code.to_string());
            Err(ExecError::Failed { program, status, last_line })
        }
        Ok(Err(source)) => Err(not_started(source)),
        Err(_) => Err(ExecError::Slow { program, seconds: timeout.as_secs(), last_line }),
    }
}
