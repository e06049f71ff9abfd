//! `inference-gateway replica-shim <folder>`: stands between the agent and one replica, so that the agent may be
//! killed or upgraded while the replica runs. One thread, no async runtime: there is one of these per replica.

mod command;
mod ending;
mod exec;
mod limits;
mod signals;
mod watch;

pub use exec::exec;

use crate::files;
use crate::output::Writer;
use crate::process::{ProcessId, boot_id};
use crate::spec::{Ended, LOCK, Outcome, ReplicaSpec, RunState, SPEC, STATE, now};
use limits::Limits;
use signals::Signals;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Why a shim cannot do its work; goes to `shim.log`.
#[derive(Debug, thiserror::Error)]
enum ShimError {
    #[error("cannot use {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} has no {SPEC}", folder.display())]
    NoSpec { folder: PathBuf },
    #[error("another shim holds the lock of {}", folder.display())]
    Held { folder: PathBuf },
    #[error("cannot prepare the process: {0}")]
    Process(#[from] io::Error),
}

/// Runs the replica of `folder` until it ends. Call it first in `main`, before there are threads: the replica is
/// killed when the calling thread ends.
pub fn shim_main(folder: &Path) -> ExitCode {
    match run(folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("replica-shim: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path) -> Result<(), ShimError> {
    let folder = &std::path::absolute(folder)?;
    let _lock = take_lock(folder)?;
    let file = |name: &str| {
        let path = folder.join(name);
        move |source| ShimError::File { path, source }
    };
    let signals = Signals::install()?;
    // Already so when the agent started it; somebody may try it by hand.
    let _ = rustix::process::setsid();
    // Orphans of the replica become children of the shim, so it finds all of them when it ends.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(io::Error::from)?;
    std::env::set_current_dir("/")?;
    let spec: ReplicaSpec = files::read_json(&folder.join(SPEC))
        .map_err(file(SPEC))?
        .ok_or_else(|| ShimError::NoSpec { folder: folder.clone() })?;
    let mut output = Writer::open(folder, spec.output_bytes, spec.output_files).map_err(file("output.log"))?;

    let own = rustix::process::getpid().as_raw_nonzero().get();
    let mut state = RunState {
        run: spec.run,
        boot_id: boot_id(),
        shim: ProcessId::of(own).ok_or_else(|| io::Error::other("/proc is not mounted"))?,
        child: None,
        started_at: now(),
        ended: None,
    };
    let save = |state: &RunState| files::write_json(&folder.join(STATE), state, false).map_err(file(STATE));
    // Before the start: should the shim be killed right after it, its session is known.
    save(&state)?;
    let (mut limits, groups) = Limits::set(&spec);
    let outcome = match command::start(&spec, groups) {
        Ok((child, pipe)) => {
            state.child = ProcessId::of(child.as_raw_nonzero().get());
            // The replica's life is worth more than its record (a full disk, say).
            save(&state).unwrap_or_else(|error| eprintln!("replica-shim: {error}"));
            watch::watch(child, pipe, (&spec, &state), &signals, &mut output, &mut limits)?
        }
        Err(reason) => Outcome::NotStarted { reason },
    };
    let requested = signals.told_to_end();
    let over_memory = limits.exceeded().then_some(spec.workload.resources.memory_mib).flatten();
    limits.clear();
    state.ended = Some(Ended { outcome, last_line: output.last_line(), requested, at: now(), over_memory });
    save(&state)
}

/// The agent hands the locked file over as standard input, so that there is no moment in which nobody holds it.
fn take_lock(folder: &Path) -> Result<File, ShimError> {
    let path = folder.join(LOCK);
    let wrong = |source| ShimError::File { path: path.clone(), source };
    let given = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let same = |a: std::fs::Metadata, b: std::fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    if let (Ok(a), Ok(b)) = (given.metadata(), path.metadata())
        && same(a, b)
        && given.try_lock().is_ok()
    {
        return Ok(given);
    }
    files::lock(&path).map_err(wrong)?.ok_or_else(|| ShimError::Held { folder: folder.into() })
}
