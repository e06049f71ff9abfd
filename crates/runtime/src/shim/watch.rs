//! Waits for the replica to end, while keeping its output.

use super::ending;
use super::limits::Limits;
use super::signals::Signals;
use crate::output::Writer;
use crate::spec::{Outcome, ReplicaSpec, RunState};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process_group, wait};
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

pub fn watch(
    child: Pid,
    pipe: PipeReader,
    (spec, state): (&ReplicaSpec, &RunState),
    signals: &Signals,
    output: &mut Writer,
    limits: &mut Limits,
) -> io::Result<Outcome> {
    let mut pipe = Some(pipe);
    let mut buffer = vec![0; 32 * 1024];
    let mut kill_at = None;
    let mut asked = false;
    let outcome = loop {
        if signals.told_to_end() && !asked {
            asked = true;
            kill_at = Some(Instant::now() + Duration::from_secs(spec.workload.grace_seconds.into()));
            let _ = kill_process_group(child, Signal::TERM);
        }
        if kill_at.is_some_and(|at| at <= Instant::now()) {
            kill_at = None;
            let _ = kill_process_group(child, Signal::KILL);
        }
        if let Some(outcome) = reap(child) {
            break outcome;
        }
        if limits.look(state) {
            kill_at = None;
            ending::kill_all(child);
        }
        let patience = kill_at.map(|at| at.saturating_duration_since(Instant::now()));
        let patience = [patience, limits.patience()].into_iter().flatten().min();
        let [signalled, printed] = ready([Some(signals.fd()), pipe.as_ref().map(AsFd::as_fd)], patience)?;
        if signalled {
            signals.drain();
        }
        if printed {
            keep(&mut pipe, &mut buffer, output);
        }
    };
    ending::kill_all(child);
    // What was printed last; bounded, should somebody outside still write to the pipe.
    for _ in 0..512 {
        match ready([None, pipe.as_ref().map(AsFd::as_fd)], Some(Duration::ZERO)) {
            Ok([_, true]) => keep(&mut pipe, &mut buffer, output),
            _ => break,
        }
    }
    Ok(outcome)
}

/// Moves what is there from the pipe to the files; forgets a pipe that is closed.
fn keep(pipe: &mut Option<PipeReader>, buffer: &mut [u8], output: &mut Writer) {
    let Some(reader) = pipe else { return };
    match reader.read(buffer) {
        Ok(len @ 1..) => output.write(&buffer[..len]),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
        _ => *pipe = None,
    }
}

/// Which of the files can be read, after at most `patience` (forever where there is none).
fn ready(files: [Option<BorrowedFd<'_>>; 2], patience: Option<Duration>) -> io::Result<[bool; 2]> {
    let mut fds: Vec<PollFd<'_>> =
        files.iter().flatten().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    let patience = patience.map(|time| Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(time.subsec_nanos()),
    });
    match poll(&mut fds, patience.as_ref()) {
        Ok(_) => {}
        Err(rustix::io::Errno::INTR) => return Ok([false; 2]),
        Err(error) => return Err(error.into()),
    }
    let mut results = fds.iter().map(|fd| !fd.revents().is_empty());
    Ok(files.map(|file| file.is_some() && results.next().unwrap_or(false)))
}

/// Takes note of all children that ended (orphans of the replica are children too) and says how the replica did.
fn reap(child: Pid) -> Option<Outcome> {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) if pid == child => return outcome(status),
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) => return None,
            // Nothing left to wait for, which cannot be while the replica runs.
            Err(_) => return Some(Outcome::NotStarted { reason: "its process disappeared".into() }),
        }
    }
}

fn outcome(status: WaitStatus) -> Option<Outcome> {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(status), _) => Some(Outcome::Exited { status }),
        (_, Some(signal)) => Some(Outcome::Signalled { signal }),
        _ => None,
    }
}
