//! Starts the replica's command.

use crate::spec::ReplicaSpec;
use crate::sys;
use rustix::process::Pid;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The leader of the replica's process group and what it prints, or a sentence on why there is none.
pub fn start(spec: &ReplicaSpec) -> Result<(Pid, PipeReader), String> {
    let name = spec.workload.command.first().map(String::as_str).unwrap_or_default();
    spawn(spec, name).map_err(|error| reason(spec, name, &error))
}

fn spawn(spec: &ReplicaSpec, name: &str) -> io::Result<(Pid, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    // Open until the command runs: its path is only good while this process has the file.
    let own = unreachable_program(spec, name);
    let mut command = match &own {
        Some(file) => Command::new(format!("/proc/self/fd/{}", file.as_raw_fd())),
        None => Command::new(name),
    };
    command.arg0(name).args(spec.workload.command.iter().skip(1));
    command.env_clear().envs(environment(spec)).envs(spec.workload.env.iter().map(|(k, v)| (k, v)));
    command.current_dir(spec.work_dir.as_deref().unwrap_or(Path::new("/")));
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).process_group(0);
    if let Some(user) = &spec.user {
        // The standard library also drops all supplementary groups when root becomes somebody else.
        command.uid(user.uid).gid(user.gid);
    }
    sys::dies_with_caller(&mut command, spec.user.is_some());
    let child = command.spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok((pid.ok_or(io::ErrorKind::InvalidData)?, reader))
}

/// The product's own program (`inference-gateway sample-model`) in a place where the replica's user may not look, a
/// checkout in /root for example. It is no secret, so it is executed by an open file instead of by its path.
fn unreachable_program(spec: &ReplicaSpec, name: &str) -> Option<File> {
    let user = spec.user.as_ref()?;
    let meant = spec.program.file_name().is_some_and(|file| file == name) || Path::new(name) == spec.program;
    (meant && !user.reaches(&spec.program)).then(|| File::open(&spec.program).ok())?
}

/// All of it: nothing of the agent's environment reaches a replica.
fn environment(spec: &ReplicaSpec) -> Vec<(&'static str, OsString)> {
    let mut path = spec.program.parent().map(|folder| folder.as_os_str().to_owned()).unwrap_or_default();
    if !path.is_empty() {
        path.push(":");
    }
    path.push(SYSTEM_PATH);
    let port = OsString::from(spec.port.to_string());
    let home = spec.work_dir.as_deref().unwrap_or(Path::new("/nonexistent"));
    vec![
        ("PATH", path),
        ("HOME", home.into()),
        ("PORT", port.clone()),
        ("LISTENING_PORT", port),
        ("HOST", spec.address.to_string().into()),
        ("LANG", "C.UTF-8".into()),
    ]
}

fn reason(spec: &ReplicaSpec, name: &str, error: &io::Error) -> String {
    let who = spec.user.as_ref().map_or("the agent's user", |user| user.name.as_str());
    match error.kind() {
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
