//! Starts the replica's command.

use crate::spec::{ReplicaSpec, SYSTEM_PATH};
use crate::sys;
use rustix::process::Pid;
use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The leader of the replica's process group and what it prints, or a sentence on why there is none. It is in the
/// control groups of `groups` from its first instruction on.
pub fn start(spec: &ReplicaSpec, groups: Vec<File>) -> Result<(Pid, PipeReader), String> {
    let name = spec.workload.command.first().map(String::as_str).unwrap_or_default();
    spawn(spec, groups).map_err(|error| reason(spec, name, &error))
}

fn spawn(spec: &ReplicaSpec, groups: Vec<File>) -> io::Result<(Pid, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    let Prepared { mut command, own } = command(spec, &spec.filled().command, groups);
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let child = command.spawn()?;
    drop(own);
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok((pid.ok_or(io::ErrorKind::InvalidData)?, reader))
}

pub struct Prepared {
    pub command: Command,
    /// Open until the command runs: its path is only good while this process has the file.
    pub own: Option<File>,
}

/// `words` as the replica's user in its folder, with its environment and in its control groups; it leads a process
/// group and dies with the calling thread.
pub fn command(spec: &ReplicaSpec, words: &[String], groups: Vec<File>) -> Prepared {
    let name = words.first().map(String::as_str).unwrap_or_default();
    let own = unreachable_program(spec, name);
    let mut command = match &own {
        Some(file) => Command::new(format!("/proc/self/fd/{}", file.as_raw_fd())),
        None => Command::new(name),
    };
    command.arg0(name).args(words.iter().skip(1));
    command.env_clear().envs(environment(spec)).envs(spec.filled().env);
    if let Some(venv) = &spec.venv {
        // Also in front of a path that the service brings along.
        let mut path = OsString::from(venv.join("bin"));
        let own = spec.workload.env.iter().find(|(name, _)| name == "PATH");
        path.push(":");
        path.push(own.map_or_else(|| default_path(spec), |(_, path)| path.into()));
        command.env("PATH", path).env("VIRTUAL_ENV", venv);
    }
    if !spec.gpus.is_empty() {
        // Not before the service's own words: which GPUs are its own is not for it to say.
        command.env("CUDA_VISIBLE_DEVICES", spec.gpus.join(","));
    }
    command.current_dir(spec.work_dir.as_deref().unwrap_or(Path::new("/"))).process_group(0);
    // Before it becomes somebody else, who may not.
    sys::joins(&mut command, groups);
    if let Some(user) = &spec.user {
        // The standard library also drops all supplementary groups when root becomes somebody else.
        command.uid(user.uid).gid(user.gid);
    }
    sys::dies_with_caller(&mut command, spec.user.is_some());
    Prepared { command, own }
}

/// The product's own program (`inference-gateway sample-model`) in a place where the replica's user may not look, a
/// checkout in /root for example. It is no secret, so it is executed by an open file instead of by its path.
fn unreachable_program(spec: &ReplicaSpec, name: &str) -> Option<File> {
    let user = spec.user.as_ref()?;
    let meant = spec.program.file_name().is_some_and(|file| file == name) || Path::new(name) == spec.program;
    (meant && !user.reaches(&spec.program)).then(|| File::open(&spec.program).ok())?
}

fn default_path(spec: &ReplicaSpec) -> OsString {
    let mut path = spec.program.parent().map(|folder| folder.as_os_str().to_owned()).unwrap_or_default();
    if !path.is_empty() {
        path.push(":");
    }
    path.push(SYSTEM_PATH);
    path
}

/// All of it: nothing of the agent's environment reaches a replica.
fn environment(spec: &ReplicaSpec) -> Vec<(&'static str, OsString)> {
    let port = OsString::from(spec.port.to_string());
    let home = spec.work_dir.as_deref().unwrap_or(Path::new("/nonexistent"));
    vec![
        ("PATH", default_path(spec)),
        ("HOME", home.into()),
        ("PORT", port.clone()),
        ("LISTENING_PORT", port),
        ("HOST", spec.address.to_string().into()),
        ("LANG", "C.UTF-8".into()),
    ]
}

/// Whether there is a file of this name in a folder where programs are looked for.
fn is_anywhere(spec: &ReplicaSpec, name: &str) -> bool {
    let own = spec.workload.env.iter().find(|(name, _)| name == "PATH");
    let path = own.map_or_else(|| default_path(spec), |(_, path)| path.into());
    let venv = spec.venv.as_ref().map(|venv| venv.join("bin"));
    name.contains('/') || env::split_paths(&path).chain(venv).any(|folder| folder.join(name).exists())
}

fn reason(spec: &ReplicaSpec, name: &str, error: &io::Error) -> String {
    let who = spec.user.as_ref().map_or("the agent's user", |user| user.name.as_str());
    let kind = match error.kind() {
        // The system says so of every folder that the user may not look into, too.
        io::ErrorKind::PermissionDenied if !is_anywhere(spec, name) => io::ErrorKind::NotFound,
        kind => kind,
    };
    match kind {
        io::ErrorKind::NotFound if name.contains('/') => format!(
            "`{name}` or the interpreter that it names does not exist on this host; correct the command or install it"
        ),
        io::ErrorKind::NotFound => format!(
            "the program `{name}` was not found; install it on this host or write its whole path in the command"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "`{name}` may not be executed by {who}; make the file executable and the folders above it accessible"
        ),
        _ => format!("`{name}` could not be started: {error}"),
    }
}
