//! Each template's command starts the program that it is for, and none of its flags is one that the program lacks.

#![allow(clippy::unwrap_used)]

use domain::service::Workload;
use domain::service::document::parse_value;
use domain::service::templates::{TEMPLATES, Template, Way};
use domain::service::{Probe, Runtime};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAMS: [&str; 6] = ["vllm", "python3", "llama-server", "tritonserver", "text-embeddings-router", "torchserve"];
const HOST: &str = "127.0.0.1";

/// A folder in which the recorder goes by the name of each program.
fn programs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for program in PROGRAMS {
        symlink(env!("CARGO_BIN_EXE_recorder"), folder.path().join(program)).unwrap();
    }
    folder
}

fn free_port() -> u16 {
    TcpListener::bind((HOST, 0)).unwrap().local_addr().unwrap().port()
}

/// What the template starts for somebody who fills in everything, but for those programs that are not played here.
fn started() -> Vec<(&'static Template, Way, Workload)> {
    let mut all = Vec::new();
    for template in TEMPLATES {
        for way in template.ways {
            let values =
                template.parameters.iter().map(|each| (each.name.to_owned(), each.example.to_owned())).collect();
            let document = template.document(*way, "demo", &values).unwrap();
            let workload = parse_value(&document).unwrap().spec.workload;
            if template.id != "sample" && !matches!(workload.runtime, Runtime::External { .. }) {
                all.push((template, *way, workload));
            }
        }
    }
    assert!(all.len() >= 12, "templates are missing");
    all
}

/// Ends what it holds, with all of its processes.
struct Replica(Child);

impl Drop for Replica {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// As the agent starts a process: these words, no shell, nothing but this environment.
fn start(workload: &Workload, programs: &Path, port: u16) -> Replica {
    let replica = workload.listening_on(HOST, port);
    let (program, words) = replica.command.split_first().unwrap();
    // Images have programs at paths of their own.
    let program = if program == "/bin/sh" { program } else { program.rsplit('/').next().unwrap() };
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let file = if program == "/bin/sh" { program.into() } else { programs.join(program) };
    let mut command = Command::new(file);
    command.arg0(program).args(words).env_clear().env("PATH", path).env("HOST", HOST).env("PORT", port.to_string());
    command.envs(replica.env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    Replica(command.spawn().unwrap())
}

/// The status and the body, or `None` while nobody listens.
fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect((HOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").ok()?;
    let mut text = String::new();
    let mut bytes = [0; 4096];
    loop {
        let read = stream.read(&mut bytes).ok()?;
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if length.is_some_and(|length| body.len() >= length) {
            return Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()));
        }
        if read == 0 {
            return None;
        }
    }
}

fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn each_template_starts_and_is_healthy() {
    let programs = programs();
    for (template, way, workload) in started() {
        let port = free_port();
        let mut replica = start(&workload, programs.path(), port);
        let Probe::Http { path } = &workload.startup.as_ref().unwrap().method else { panic!("is asked by HTTP") };
        let what = format!("{} {way:?} does not get healthy", template.id);
        let status = until(&what, || {
            assert_eq!(replica.0.try_wait().unwrap(), None, "{} {way:?}: {}", template.id, said(&mut replica));
            get(port, path).map(|(status, _)| status)
        });
        assert_eq!(status, 200, "{}", template.id);
        let (_, recorded) = get(port, "/recorded").unwrap();
        let example = template.parameters.iter().find(|each| each.required).unwrap().example;
        assert!(recorded.contains(example), "{}: {recorded}", template.id);
    }
}

#[test]
fn a_typo_in_any_flag_is_refused() {
    let programs = programs();
    for (template, way, workload) in started() {
        let flags = flags(&workload);
        assert!(flags.len() >= 3, "{} {way:?}: {flags:?}", template.id);
        for flag in flags {
            let typo = format!("{flag}x");
            let mistyped = |word: &String| match word.strip_prefix(flag.as_str()) {
                Some(rest) if rest.is_empty() || rest.starts_with('=') => format!("{typo}{rest}"),
                _ => word.replace(&format!(" {flag} "), &format!(" {typo} ")),
            };
            let command = workload.command.iter().map(mistyped).collect();
            let mut replica = start(&Workload { command, ..workload.clone() }, programs.path(), free_port());
            let status = until(&format!("{} takes {typo}", template.id), || replica.0.try_wait().unwrap());
            let said = said(&mut replica);
            assert!(!status.success() && said.contains(&typo), "{} {typo}: {said}", template.id);
        }
    }
}

/// All flags in the command, also in a script.
fn flags(workload: &Workload) -> Vec<String> {
    let words = workload.command.iter().skip(1).flat_map(|word| word.split_whitespace());
    let flags = words.filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap().to_owned());
    flags.collect()
}

fn said(replica: &mut Replica) -> String {
    let mut text = String::new();
    if let Some(mut stderr) = replica.0.stderr.take() {
        let _ = stderr.read_to_string(&mut text);
    }
    text
}

#[test]
fn a_model_takes_its_time() {
    let programs = programs();
    let (_, _, workload) = started().into_iter().find(|(template, ..)| template.id == "llama_cpp").unwrap();
    let env = vec![("RECORDER_LOADS_MS".to_owned(), "2000".to_owned())];
    let port = free_port();
    let _replica = start(&Workload { env, ..workload }, programs.path(), port);
    let first = until("it listens", || get(port, "/health"));
    assert_eq!(first.0, 503, "it loads");
    until("it gets ready", || get(port, "/health").filter(|(status, _)| *status == 200));
}

#[test]
fn what_the_programs_refuse() {
    let programs = programs();
    for (line, said_so) in [
        ("vllm --port 1", "starts with serve"),
        ("vllm serve m --port", "--port needs a value"),
        ("vllm serve m --gpu-memory-utilisation 0.9", "unrecognized arguments: --gpu-memory-utilisation"),
        ("vllm serve m another", "unrecognized arguments: another"),
        ("llama-server --port=1", "invalid argument: --port=1"),
        ("tritonserver --allow-http=true", "--model-repository is required"),
        ("text-embeddings-router --model-id m --json-output=yes", "--json-output takes no value"),
        ("torchserve --start", "--foreground is required"),
    ] {
        let mut words = line.split(' ');
        let program = programs.path().join(words.next().unwrap());
        let output = Command::new(program).args(words).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(said_so), "{line}: {text}");
    }
}
