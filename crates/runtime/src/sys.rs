//! The crate's only `unsafe` code: what must happen between fork and exec, and waiting for a process.
//!
//! The closures between fork and exec run in the child of a process that may have other threads, so they do nothing
//! but plain system calls: no allocation, no locks.
#![allow(unsafe_code)]

use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal, setsid};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The child leads a session of its own from its first instruction on, so that nothing sent to the caller's terminal
/// or process group reaches it.
pub fn in_new_session(command: &mut Command) {
    // SAFETY: the closure is one system call and touches no memory of the parent.
    unsafe {
        command.pre_exec(|| Ok(setsid().map(drop)?));
    }
}

/// The child puts itself into control groups, given as their open `cgroup.procs`.
pub fn joins(command: &mut Command, groups: Vec<File>) {
    // SAFETY: the closure is system calls on open files that it owns; an error of a system call allocates nothing.
    unsafe {
        command.pre_exec(move || {
            for group in &groups {
                rustix::io::write(group, b"0")?;
            }
            Ok(())
        });
    }
}

/// The kernel kills the child when the *thread* that spawns it ends. Call from the main thread.
pub fn dies_with_caller(command: &mut Command, no_new_privileges: bool) {
    let parent: Pid = getpid();
    // SAFETY: the closure is three system calls on copied values; `io::Error::from` of an error number and
    // `ErrorKind` allocate nothing.
    unsafe {
        command.pre_exec(move || {
            // A set-uid program would lose the death signal again.
            if no_new_privileges {
                rustix::thread::set_no_new_privs(true)?;
            }
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The parent may have died before the call.
            if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        });
    }
}

/// For waiting until the file (a pidfd) is readable. Needs a runtime.
pub fn until_readable(file: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is one open descriptor from its making to its drop, and the `AsyncFd` owns it.
    Ok(unsafe { AsyncFd::register_with_interest(file, Interest::READABLE) }?)
}
