//! Leaves nothing behind.

use crate::process::{self, Stat};
use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, wait};
use std::time::{Duration, Instant};

/// Kills whatever the replica has started and not ended, also what left its process group or its session: orphans
/// become children of the shim, so they are found generation by generation.
pub fn kill_all(child: Pid) {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let _ = kill_process_group(child, Signal::KILL);
    let ours = |stat: &Stat| stat.pid != own && !stat.zombie && (stat.parent == own || stat.session == own);
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
        let left: Vec<i32> = process::all().into_iter().filter(ours).map(|stat| stat.pid).collect();
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(process::kill);
        std::thread::sleep(Duration::from_millis(2));
    }
}
