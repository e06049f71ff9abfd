//! The real program, driven from outside: a data directory and ports of its own, nothing left running behind it.
#![allow(dead_code, clippy::unwrap_used)]

pub mod console;
pub mod curl;
pub mod h2load;
pub mod http;
mod leftovers;
pub mod model;
mod ports;
pub mod services;
pub mod streams;

pub use console::Console;
pub use ports::Ports;

use rustix::process::{Pid, Signal, kill_process};
use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_inference-gateway");
/// A debug build on a busy machine is slow; longer than this is broken.
pub const SOON: Duration = Duration::from_secs(30);

/// Asks until the answer is there.
#[track_caller]
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(SOON, what, ask)
}

#[track_caller]
pub fn within<T>(patience: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {patience:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The long form of a test, for the figures of the record; the short one is for every day.
pub fn is_long() -> bool {
    std::env::var_os("GW_LONG").is_some_and(|value| value == "1")
}

pub struct Product {
    /// Ends last: everything else lives in it.
    home: TempDir,
    pub data: PathBuf,
    pub ports: Ports,
    pub options: Vec<String>,
    /// Besides what this process has.
    pub environment: Vec<(String, String)>,
    children: Vec<Child>,
}

impl Product {
    /// Serving, with the console answering.
    pub fn start() -> Self {
        Self::with(&[])
    }

    pub fn with(options: &[&str]) -> Self {
        let mut product = Self::prepared();
        product.options.extend(options.iter().map(|option| option.to_string()));
        product.serve();
        product
    }

    /// Folder and ports; nothing runs yet.
    pub fn prepared() -> Self {
        let home = tempfile::tempdir().unwrap();
        // As in a real installation: replicas' user may pass through.
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let data = home.path().join("data");
        Self { data, home, ports: Ports::reserve(), options: Vec::new(), environment: Vec::new(), children: Vec::new() }
    }

    /// Starts `serve` and waits until the console answers.
    pub fn serve(&mut self) {
        self.spawn("serve");
        self.wait_for_console();
    }

    /// Starts one process; what it prints goes to files beside the data directory.
    pub fn spawn(&mut self, role: &str) -> u32 {
        let child = self.command(role).stdout(self.file("stdout")).stderr(self.file("stderr")).spawn().unwrap();
        let pid = child.id();
        self.children.push(child);
        pid
    }

    /// For one that is meant to end by itself.
    pub fn run(&self, words: &[&str]) -> Output {
        let mut command = self.command(words[0]);
        command.args(&words[1..]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap().wait_with_output().unwrap()
    }

    /// Not started yet.
    pub fn command(&self, role: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        // Nothing of the machine's own configuration may leak in.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("INFERENCE_GATEWAY_")) {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.arg(role).arg(format!("--data-dir={}", self.data.display()));
        command.args(self.ports.options(&self.options)).args(&self.options).stdin(Stdio::null());
        command
    }

    fn file(&self, name: &str) -> File {
        OpenOptions::new().create(true).append(true).open(self.home.path().join(name)).unwrap()
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn stdout(&self) -> String {
        read(&self.home.path().join("stdout"))
    }

    /// What the processes logged.
    pub fn log(&self) -> String {
        read(&self.home.path().join("stderr"))
    }

    pub fn console_address(&self) -> SocketAddr {
        let given = self.options.iter().find_map(|option| option.strip_prefix("--console-addr="));
        given.map_or(self.ports.console(), |address| address.parse().unwrap())
    }

    pub fn wait_for_console(&mut self) {
        let address = self.console_address();
        until("the console", || http::get(address, "/health").ok().filter(|answer| answer.status == 200));
    }

    /// The newest one-time link that was printed.
    pub fn setup_token(&self) -> String {
        until("the set-up link", || {
            let text = self.stdout();
            let link = text.rsplit("/join/").next().filter(|rest| rest.len() < text.len())?;
            link.split_once('\n').map(|(token, _)| token.trim().to_owned())
        })
    }

    /// Signed in as the first administrator.
    pub fn administrator(&self) -> Console {
        let mut console = Console::new(self.console_address());
        console.join(&self.setup_token(), "admin").ok();
        console
    }

    pub fn pid(&self, role: &str) -> u32 {
        until(&format!("{role} to run"), || leftovers::holder(&self.data.join(format!("run/{role}.lock"))))
    }

    pub fn kill9(&self, role: &str) -> u32 {
        let pid = self.pid(role);
        signal(pid, Signal::KILL);
        pid
    }

    /// Killed, and gone.
    pub fn kill9_and_wait(&mut self, role: &str) {
        let pid = self.kill9(role);
        self.reap(pid);
        until("it to be gone", || (leftovers::holder(&self.lock(role)) != Some(pid)).then_some(()));
    }

    fn lock(&self, role: &str) -> PathBuf {
        self.data.join(format!("run/{role}.lock"))
    }

    /// The process that runs after `old`.
    pub fn next_pid(&self, role: &str, old: u32) -> u32 {
        until(&format!("another {role}"), || leftovers::holder(&self.lock(role)).filter(|pid| *pid != old))
    }

    /// Waits for a process that this harness started; a child that nobody waits for stays as a zombie.
    pub fn reap(&mut self, pid: u32) -> Option<ExitStatus> {
        let at = self.children.iter().position(|child| child.id() == pid)?;
        self.children.remove(at).wait().ok()
    }

    /// Ends `serve` in order.
    pub fn stop(&mut self) {
        for child in &mut self.children {
            signal(child.id(), Signal::TERM);
        }
        for mut child in self.children.drain(..) {
            let deadline = Instant::now() + Duration::from_secs(60);
            while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Process numbers of the replicas' commands.
    pub fn replicas(&self) -> Vec<i64> {
        leftovers::replicas(&self.data)
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        self.stop();
        leftovers::end(&self.data);
        if std::thread::panicking() {
            eprintln!("--- what the product logged\n{}", self.log());
        }
    }
}

pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// One that ended and was not waited for by its parent yet is not alive.
pub fn is_alive(pid: i64) -> bool {
    let stat = read(Path::new(&format!("/proc/{pid}/stat")));
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

pub fn read(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Proportional set size, kilobytes: shared pages (the program itself) are not counted four times.
pub fn memory(pid: u32) -> u64 {
    let text = read(Path::new(&format!("/proc/{pid}/smaps_rollup")));
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

/// Standard output, standard error and exit code.
pub fn told(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}
