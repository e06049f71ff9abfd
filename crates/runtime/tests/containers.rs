//! Replicas in containers of the real Docker Engine and the real Podman.
//!
//! Where they cannot be installed or started a test says SKIPPED and why.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod engines;
mod harness;

use domain::endpoint::{ReplicaReport, WantedService};
use domain::id::ReplicaId;
use domain::service::{Mount, Probe, RegistryCredentials, Resources, Runtime};
use domain::status::ReplicaState;
use engines::{Engine, IMAGE, Kind, PASSWORD, Registry, USER, alone, with};
use harness::{Heard, Host, changed, detail, eventually, service};
use link::message::ReadOutput;
use rustix::process::Signal;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Each test with each engine.
macro_rules! with_both {
    ($($test:ident: $how:ident),* $(,)?) => {
        mod docker {
            $(#[test] fn $test() { super::$how(super::Kind::Docker, super::$test); })*
        }
        mod podman {
            $(#[test] fn $test() { super::$how(super::Kind::Podman, super::$test); })*
        }
    };
}

with_both! {
    serves_within_its_limits_and_leaves_nothing: with,
    many_may_insist_on_one_port: with,
    the_next_agent_finds_it_and_its_output: with,
    a_crash_loop_shows_status_and_last_words: with,
    what_cannot_be_had_says_why: with,
    images_are_pulled_with_a_password_or_say_why_not: alone,
    too_much_memory_is_named: with,
    what_ignores_the_end_is_killed_after_its_grace: with,
    checks_run_inside: with,
    what_others_made_is_left_alone: with,
    a_daemon_that_was_away_is_found_again: alone,
}

async fn host(engine: &Engine) -> Host {
    Host::with_containers(engine.socket()).await
}

/// The program of the tests with these arguments, in the image of the tests.
fn contained(arguments: &[&str], replicas: u32) -> WantedService {
    let command: Vec<&str> = ["runtime-testbin"].iter().chain(arguments).copied().collect();
    let mut service = service(&command, replicas);
    service.workload.runtime = Runtime::Container { image: IMAGE.into(), credentials: None };
    service
}

fn containers(engine: &Engine, id: &ReplicaId) -> Vec<String> {
    engine.labelled(&format!("inference-gateway.replica={id}"))
}

async fn get(report: &ReplicaReport) -> String {
    let mut stream = TcpStream::connect(report.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn gone(host: &Host) {
    host.want(vec![]).await;
    host.until("none", |heard| heard.replicas.is_empty()).await;
}

async fn serves_within_its_limits_and_leaves_nothing(engine: Arc<Engine>) {
    let host = host(&engine).await;
    let mut limited = contained(&[], 1);
    // The image's own command.
    limited.workload.command.clear();
    limited.workload.resources = Resources { cpu_millis: Some(500), memory_mib: Some(128), gpus: 0, shm_mib: Some(32) };
    limited.workload.env.push(("SECRET".into(), "hidden".into()));
    host.want(vec![limited]).await;
    let report = host.ready(1).await.remove(0);
    assert!(get(&report).await.ends_with("True\n"));
    assert_eq!((report.restarts, report.address.ip().to_string().as_str()), (0, "127.0.0.1"));

    let all = containers(&engine, &report.replica_id);
    assert_eq!(all.len(), 1);
    let limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.ShmSize}} {{.HostConfig.Privileged}}";
    assert_eq!(engine.ask(&["inspect", "--format", limits, &all[0]]), "134217728 500000000 33554432 false");
    let labels = engine.ask(&["inspect", "--format", "{{json .Config.Labels}}", &all[0]]);
    for label in ["inference-gateway.service\":\"svc-test", "inference-gateway.version\":\"1", ".agent\":\"agt-t"] {
        assert!(labels.contains(label), "{labels}");
    }
    assert!(!labels.contains("hidden"));
    // What the kernel holds it to, not what the engine says.
    let pid = report.pid.expect("a pid on this host");
    let group = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    assert!(group.contains(&all[0]), "{group}");

    let counted = |heard: &Heard| {
        let of_it = heard.usages.iter().flat_map(|(_, all)| all).find(|one| one.replica_id == report.replica_id);
        of_it.is_some_and(|one| one.cpu_us > 0 && (1 << 18..128 << 20).contains(&one.memory_bytes))
    };
    host.until("what it uses", counted).await;

    gone(&host).await;
    assert!(containers(&engine, &report.replica_id).is_empty());
    assert!(!host.replica_folder(&report.replica_id).exists());
}

async fn many_may_insist_on_one_port(engine: Arc<Engine>) {
    let host = host(&engine).await;
    let mut fixed = contained(&["sample-model"], 2);
    fixed.workload.fixed_port = Some(8000);
    host.want(vec![fixed.clone()]).await;
    let two = host.ready(2).await;
    assert_ne!(two[0].address, two[1].address);
    for report in &two {
        assert!(report.address.port() != 8000 && get(report).await.ends_with("True\n"), "{report:?}");
    }
    // And the next version beside them.
    let mut next = changed(fixed, "2");
    next.replicas = 1;
    host.want(vec![next]).await;
    let one = host.ready(1).await;
    assert!(two.iter().all(|old| old.replica_id != one[0].replica_id));
    gone(&host).await;
}

async fn the_next_agent_finds_it_and_its_output(engine: Arc<Engine>) {
    let mut host = host(&engine).await;
    host.want(vec![contained(&["spam", "300"], 1)]).await;
    let before = host.ready(1).await.remove(0);
    let ids = containers(&engine, &before.replica_id);
    let output = host.replica_folder(&before.replica_id).join("output.log");
    let printed = || std::fs::read_to_string(&output).unwrap_or_default();
    eventually("its output", || printed().ends_with("the last of it\n")).await;
    let text = printed();
    assert_eq!(text.lines().count(), 3, "{text}");
    for _ in 0..2 {
        host.kill_agent().await;
        let hellos = host.heard.borrow().hellos.len();
        host.start_agent();
        host.until("hello", |heard| heard.hellos.len() > hellos).await;
        let after = host.ready(1).await.remove(0);
        assert_eq!((&after.replica_id, after.pid, after.restarts), (&before.replica_id, before.pid, 0));
        assert_eq!(containers(&engine, &before.replica_id), ids);
    }
    // One that ended while there was no agent says why, and what it printed is there once.
    host.kill_agent().await;
    engine.ask(&["kill", &ids[0]]);
    host.start_agent();
    host.until("restart", |heard| heard.replicas.iter().any(|report| report.restarts == 1)).await;
    let after = host.ready(1).await.remove(0);
    assert_eq!(after.replica_id, before.replica_id);
    assert_eq!(containers(&engine, &before.replica_id).len(), 1);
    assert_ne!(containers(&engine, &before.replica_id), ids);
    eventually("the output of both starts", || printed() == format!("{text}{text}")).await;
    let newest = host.read(&before.replica_id, ReadOutput { bytes: 20, ..ReadOutput::default() }).await;
    assert_eq!((newest.text.as_str(), newest.to), ("the last of it\n", 2 * text.len() as u64));
    gone(&host).await;
}

async fn a_crash_loop_shows_status_and_last_words(engine: Arc<Engine>) {
    let host = host(&engine).await;
    host.want(vec![contained(&["exit", "3", "no model here"], 1)]).await;
    let crashed =
        |heard: &Heard| heard.replicas.first().is_some_and(|r| r.state == ReplicaState::BackOff && r.restarts == 2);
    let heard = host.until("two restarts", crashed).await;
    assert!(detail(&heard).starts_with("exited with status 3: no model here"), "{}", detail(&heard));
    assert!(heard.replicas[0].last_lines.iter().any(|line| line == "no model here"), "{heard:?}");
    let id = &heard.replicas[0].replica_id;
    assert!(containers(&engine, id).len() <= 1);
    let output = std::fs::read_to_string(host.replica_folder(id).join("output.log")).unwrap();
    assert_eq!(output, "no model here\n".repeat(3));
    gone(&host).await;
}

/// Soon, and with what to do. The engine's own work is in the time: on a busy machine Podman takes half a second for a
/// question, and several are needed to make and start a container.
async fn says(host: &Host, service: WantedService, words: &[&str]) {
    let asked = Instant::now();
    host.want(vec![service]).await;
    let heard = host.until(words[0], |heard| words.iter().all(|word| detail(heard).contains(word))).await;
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?} until: {}", asked.elapsed(), detail(&heard));
    assert!(matches!(heard.replicas[0].state, ReplicaState::BackOff), "{heard:?}");
    assert!(!format!("{heard:?}").contains(PASSWORD));
    gone(host).await;
}

async fn what_cannot_be_had_says_why(engine: Arc<Engine>) {
    let host = host(&engine).await;
    let mut typo = contained(&[], 1);
    typo.workload.command = vec!["runtime-tetsbin".into()];
    says(&host, typo, &["`runtime-tetsbin` was not found in the image", "correct the command"]).await;

    let mut missing = contained(&[], 1);
    missing.workload.mounts = vec![Mount { source: "/no/such".into(), target: "/models".into(), read_only: true }];
    says(&host, missing, &["/no/such cannot be mounted", "make it there"]).await;

    let mut system = contained(&[], 1);
    system.workload.mounts = vec![Mount { source: "/etc".into(), target: "/models".into(), read_only: true }];
    says(&host, system, &["/etc cannot be mounted", "belongs to the system"]).await;

    let mut gpu = contained(&[], 1);
    gpu.workload.resources.gpus = 1;
    says(&host, gpu, &["GPU", "ask for"]).await;
}

async fn images_are_pulled_with_a_password_or_say_why_not(engine: Arc<Engine>) {
    let Some(registry) = Registry::start(&engine) else { return };
    let host = host(&engine).await;
    let of = |image: &str, password: Option<&str>| {
        let credentials = password.map(|password| RegistryCredentials { user: USER.into(), password: password.into() });
        let mut service = contained(&["sample-model"], 1);
        service.workload.runtime = Runtime::Container { image: image.into(), credentials };
        service
    };
    let image = &registry.image.clone();
    says(&host, of(image, None), &[image, "cannot be pulled", "user and password"]).await;
    says(&host, of(image, Some("wrong")), &[image, "cannot be pulled", "unauthorized"]).await;
    let missing = image.replace("sample:1", "sample:2");
    says(&host, of(&missing, Some(PASSWORD)), &[&missing, "cannot be pulled", "unknown"]).await;

    host.want(vec![of(image, Some(PASSWORD))]).await;
    let report = host.ready(1).await.remove(0);
    let all = containers(&engine, &report.replica_id);
    assert!(!engine.ask(&["inspect", &all[0]]).contains(PASSWORD));
    // Pulled once: the next one needs no registry.
    drop(registry);
    host.want(vec![changed(of(image, None), "2")]).await;
    let other = |heard: &Heard| {
        let all = &heard.replicas;
        all.len() == 1 && all[0].replica_id != report.replica_id && all[0].state == ReplicaState::Ready
    };
    host.until("the next one", other).await;

    // The registry is away, and so is the image: the engine may try for a while.
    let away = image.replace("sample", "other");
    host.want(vec![of(&away, None)]).await;
    host.until("refused", |heard| detail(heard).contains("refused") && detail(heard).contains("check its name")).await;
    gone(&host).await;
}

async fn too_much_memory_is_named(engine: Arc<Engine>) {
    let host = host(&engine).await;
    let mut hog = contained(&["eat", "100"], 1);
    hog.workload.resources.memory_mib = Some(64);
    host.want(vec![hog]).await;
    // Podman knows only that somebody has killed it.
    let words = match engine.kind {
        Kind::Docker => "used more than its 64 MiB of memory",
        Kind::Podman => {
            "was killed by signal 9 (SIGKILL), as the kernel does with what uses more than its limit (64 MiB"
        }
    };
    let heard = host.until("its end", |heard| detail(heard).contains(words)).await;
    assert_eq!(heard.replicas[0].state, ReplicaState::BackOff);
    gone(&host).await;
}

async fn what_ignores_the_end_is_killed_after_its_grace(engine: Arc<Engine>) {
    let host = host(&engine).await;
    let mut stubborn = contained(&["stubborn"], 1);
    stubborn.workload.grace_seconds = 1;
    host.want(vec![stubborn]).await;
    let report = host.ready(1).await.remove(0);
    let asked = Instant::now();
    gone(&host).await;
    assert!((1..8).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    assert!(containers(&engine, &report.replica_id).is_empty());
}

async fn checks_run_inside(engine: Arc<Engine>) {
    let models = engine.path("models");
    std::fs::create_dir_all(&models).unwrap();
    let host = host(&engine).await;
    let mut checked = contained(&["sample-model"], 1);
    let command = ["runtime-testbin", "is-file", "/models/there"].map(str::to_owned).to_vec();
    checked.workload.readiness = Probe::Exec { command }.into();
    let source = models.to_string_lossy().into_owned();
    checked.workload.mounts = vec![Mount { source, target: "/models".into(), read_only: true }];
    host.want(vec![checked.clone()]).await;
    host.until("the check's words", |heard| detail(heard).contains("/models/there is no file")).await;
    std::fs::write(models.join("there"), "").unwrap();
    host.ready(1).await;
    gone(&host).await;

    let command = ["runtime-testbin", "wait", "60"].map(str::to_owned).to_vec();
    checked.workload.readiness = Probe::Exec { command }.into();
    checked.workload.readiness.pace.timeout_seconds = 1;
    host.want(vec![checked]).await;
    let heard = host.until("the check is killed", |heard| detail(heard).contains("killed")).await;
    let id = &containers(&engine, &heard.replicas[0].replica_id)[0];
    let waiting = || {
        let list = engine.ask(&["top", id]);
        list.lines().filter(|line| line.contains("wait 60")).count()
    };
    eventually("the command is gone", || waiting() <= 1).await;
    gone(&host).await;
}

async fn what_others_made_is_left_alone(engine: Arc<Engine>) {
    let mut host = host(&engine).await;
    host.kill_agent().await;
    let label = |agent: &str, replica: u8| {
        let id = ReplicaId::from_random([replica; 18]).to_string();
        [format!("inference-gateway.agent={agent}"), format!("inference-gateway.replica={id}"), id]
    };
    let make = |labels: &[String; 3]| {
        let [agent, replica, id] = labels;
        engine
            .ask(&["create", "--name", id, "--label", agent, "--label", replica, IMAGE])
            .lines()
            .last()
            .unwrap()
            .to_owned()
    };
    let (theirs, stray) = (label("agt-other", 91), label(&host.agent_id(), 92));
    let (theirs_id, _) = (make(&theirs), make(&stray));
    // One made in the very second of the start could be a new one.
    let made = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    eventually("another second", || {
        chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp() > made
    })
    .await;
    host.start_agent();
    host.want(vec![contained(&["sample-model"], 1)]).await;
    host.ready(1).await;
    assert_eq!(engine.labelled(&theirs[1]), std::slice::from_ref(&theirs_id));
    assert!(engine.labelled(&stray[1]).is_empty(), "nobody looks after it");
    gone(&host).await;
    assert_eq!(engine.labelled(&theirs[1]), [theirs_id]);
}

async fn a_daemon_that_was_away_is_found_again(engine: Arc<Engine>) {
    let mut host = host(&engine).await;
    host.want(vec![contained(&["sample-model"], 1)]).await;
    let before = host.ready(1).await.remove(0);
    for agent_too in [false, true] {
        engine.end_daemon(Signal::KILL);
        if agent_too {
            host.kill_agent().await;
            host.start_agent();
        }
        let told =
            |heard: &Heard| detail(heard).contains("does not answer since") && detail(heard).contains("start it");
        host.until("silence is told", told).await;
        engine.start_daemon().unwrap();
        let back = |heard: &Heard| {
            heard.endpoints.len() == 1
                && heard.replicas.iter().all(|r| r.state == ReplicaState::Ready && r.detail.is_none())
        };
        let heard = host.until("it is back", back).await;
        assert_eq!(heard.replicas[0].replica_id, before.replica_id);
        assert_eq!(containers(&engine, &before.replica_id).len(), 1, "never two");
        assert!(get(&heard.replicas[0]).await.ends_with("True\n"));
    }
    gone(&host).await;
    assert!(containers(&engine, &before.replica_id).is_empty());
}
