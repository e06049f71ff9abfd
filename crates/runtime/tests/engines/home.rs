//! A network and mounts of their own, in which an engine lives.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns, unshare};

type Spawned = std::io::Result<Child>;

/// A thread that has left the host's network and mounts for good, and starts programs there. They get a signal when it
/// ends, which is when this is dropped or when the whole process dies.
pub struct Home {
    commands: SyncSender<(Command, SyncSender<Spawned>)>,
    network: File,
}

impl Home {
    pub fn new() -> Result<Self, String> {
        let (commands, orders) = sync_channel::<(Command, SyncSender<Spawned>)>(1);
        let (tell, told) = sync_channel(1);
        std::thread::spawn(move || {
            let network = prepare();
            let fine = network.is_ok();
            if tell.send(network).is_ok() && fine {
                serve(orders);
            }
        });
        let network = told.recv().map_err(|error| error.to_string())??;
        Ok(Self { commands, network })
    }

    pub fn spawn(&self, command: Command) -> Spawned {
        let (tell, told) = sync_channel(1);
        self.commands.send((command, tell)).map_err(std::io::Error::other)?;
        told.recv().map_err(std::io::Error::other)?
    }

    /// Brings the calling thread, and all that it starts from now on, into the network.
    pub fn enter(&self) {
        setns(&self.network, CloneFlags::CLONE_NEWNET).unwrap();
    }
}

fn serve(orders: Receiver<(Command, SyncSender<Spawned>)>) {
    while let Ok((mut command, tell)) = orders.recv() {
        let _ = tell.send(command.spawn());
    }
}

fn prepare() -> Result<File, String> {
    let words = |error: &dyn std::fmt::Display| format!("namespaces cannot be made: {error}");
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).map_err(|error| words(&error))?;
    for (program, arguments) in [("mount", &["--make-rprivate", "/"][..]), ("ip", &["link", "set", "lo", "up"])] {
        let done = Command::new(program).args(arguments).status().map_err(|error| words(&error))?;
        if !done.success() {
            return Err(words(&format!("{program} failed")));
        }
    }
    File::open("/proc/thread-self/ns/net").map_err(|error| words(&error))
}

/// Until there is none; bounded.
pub fn kill_all_that_name(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let left = naming(folder);
        if left.is_empty() {
            return;
        }
        for pid in left {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn naming(folder: &Path) -> Vec<rustix::process::Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()).filter(|pid| *pid != own);
    let names = |pid: &i32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(folder.as_os_str().len()).any(|part| part == folder.as_os_str().as_bytes())
    };
    pids.filter(names).filter_map(rustix::process::Pid::from_raw).collect()
}
