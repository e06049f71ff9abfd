//! The product's program as far as the tests of this crate need it.
//!
//! Replicas of the tests are this program too (`sample-model`, `answer`, `spam`) or a shell.

use runtime::{AgentOptions, Shutdown, replica_user, sample_model, shim_main};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let args: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match args.as_slice() {
        // Before anything that makes threads.
        ["replica-shim", folder] => shim_main(Path::new(folder)),
        ["sample-model", ..] => with_runtime(async { sample_model(port(), host()).await }),
        ["agent", state, console, engine, first, last, user] => {
            with_runtime(agent(state, console, engine, (first, last), user))
        }
        ["answer", status] => answer(status),
        ["eat", mib] => eat(mib.parse().unwrap_or_default()),
        ["spam", bytes] => spam(bytes.parse().unwrap_or_default()),
        // In images, which have no shell.
        ["exit", status, words] => say_and_exit(status, words),
        ["stubborn"] => with_runtime(stubborn()),
        ["wait", seconds] => wait(seconds.parse().unwrap_or_default()),
        ["is-file", path] => is_file(path),
        _ => {
            eprintln!("usage: replica-shim <folder> | sample-model | agent …");
            ExitCode::FAILURE
        }
    }
}

fn with_runtime<E: std::fmt::Display>(task: impl Future<Output = Result<(), E>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime.map(|runtime| runtime.block_on(task)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn host() -> IpAddr {
    std::env::var("HOST").ok().and_then(|host| host.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn port() -> u16 {
    std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or_default()
}

/// SIGTERM: stop the replicas. SIGUSR1: leave them.
async fn agent(
    state: &str,
    console: &str,
    engine: &str,
    (first, last): (&str, &str),
    user: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let options = AgentOptions {
        agent_id: std::env::var("AGENT_ID").unwrap_or_else(|_| "agt-test".into()).parse()?,
        state_dir: state.into(),
        console: link::Console::Socket(console.into()),
        engine_socket: engine.into(),
        program: PathBuf::from("/proc/self/exe").canonicalize()?,
        replica_user: replica_user(user),
        replica_address: std::env::var("REPLICA_ADDRESS").unwrap_or_else(|_| "127.0.0.1".into()).parse()?,
        ports: first.parse()?..=last.parse()?,
        gpus_dir: std::env::var_os("GPUS_DIR").map_or_else(|| runtime::NVIDIA_GPUS.into(), PathBuf::from),
        container_socket: std::env::var_os("CONTAINER_SOCKET").map(PathBuf::from),
        control_groups: std::env::var_os("NO_CONTROL_GROUPS").is_none(),
    };
    let (mut stop, mut leave) = (signal(SignalKind::terminate())?, signal(SignalKind::user_defined1())?);
    let shutdown = async move {
        tokio::select! {
            _ = stop.recv() => Shutdown::StopReplicas,
            _ = leave.recv() => Shutdown::Leave,
        }
    };
    Ok(runtime::run(options, shutdown).await?)
}

/// Answers every request with this status.
fn answer(status: &str) -> ExitCode {
    let Ok(listener) = TcpListener::bind((host(), port())) else { return ExitCode::FAILURE };
    for mut stream in listener.incoming().flatten() {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n").as_bytes());
    }
    ExitCode::SUCCESS
}

/// Prints much, then serves.
fn spam(bytes: usize) -> ExitCode {
    let line = format!("{}\n", "spam ".repeat(20));
    let mut out = std::io::stdout().lock();
    for _ in 0..bytes / line.len() {
        let _ = out.write_all(line.as_bytes());
    }
    let _ = out.write_all(b"the last of it\n").and_then(|()| out.flush());
    answer("200")
}

fn say_and_exit(status: &str, words: &str) -> ExitCode {
    eprintln!("{words}");
    ExitCode::from(status.parse::<u8>().unwrap_or(1))
}

/// Serves, and takes note of SIGTERM without ending.
async fn stubborn() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    std::thread::spawn(|| answer("200"));
    loop {
        terminate.recv().await;
        println!("no");
    }
}

fn wait(seconds: u64) -> ExitCode {
    std::thread::sleep(std::time::Duration::from_secs(seconds));
    ExitCode::SUCCESS
}

fn is_file(path: &str) -> ExitCode {
    if Path::new(path).is_file() {
        return ExitCode::SUCCESS;
    }
    println!("{path} is no file");
    ExitCode::FAILURE
}

/// Uses so much memory, then serves.
fn eat(mib: usize) -> ExitCode {
    let mut all = Vec::new();
    for n in 0..mib {
        all.push(vec![u8::try_from(n % 255).unwrap_or_default() + 1; 1024 * 1024]);
    }
    println!("ate {}", all.iter().map(Vec::len).sum::<usize>());
    answer("200")
}
