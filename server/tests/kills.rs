//! `kill -9` of each process while clients are served.
#![allow(clippy::unwrap_used)]

#[path = "common/load.rs"]
mod load;

mod common;

use common::model::Model;
use common::{Product, is_long, signal, until};
use load::Load;
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// Load on each side of a kill.
fn side() -> Duration {
    if is_long() { Duration::from_secs(10) } else { Duration::from_secs(4) }
}

/// Lets the load run, and tells the fewest requests that were in flight at any look.
fn under_load(load: &Load) -> usize {
    let (end, mut fewest) = (Instant::now() + side(), usize::MAX);
    while Instant::now() < end {
        fewest = fewest.min(load.in_flight());
        std::thread::sleep(Duration::from_millis(5));
    }
    fewest
}

#[test]
fn console_agent_and_supervisor_may_go_without_a_request_lost() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    let (replicas, engine) = (product.replicas(), product.pid("engine"));
    assert_eq!(replicas.len(), 2);
    println!("{} s of load on each side of a kill (GW_LONG=1: 10 s)", side().as_secs());

    let load = Load::start(model.door, &model.token);
    let mut fewest = vec![under_load(&load)];
    for role in ["console", "agent"] {
        let (requests, streams) = (load.in_flight(), load.streams());
        let killed = product.kill9(role);
        println!("killed {role} with {requests} requests and {streams} streams in flight");
        assert!(requests >= 200 && streams >= 50, "not the load that was promised");
        fewest.push(under_load(&load));
        product.next_pid(role, killed);
        assert_eq!(product.replicas(), replicas, "the replicas are the ones of before");
    }

    let (requests, streams) = (load.in_flight(), load.streams());
    let kept: Vec<u32> = ["engine", "agent", "console"].map(|role| product.pid(role)).into();
    product.kill9_and_wait("serve");
    println!("killed the supervisor with {requests} requests and {streams} streams in flight");
    assert!(requests >= 200 && streams >= 50, "not the load that was promised");
    fewest.push(under_load(&load));
    product.serve();
    until("the processes to be taken up", || {
        (product.log().matches("takes up the running process").count() == 3).then_some(())
    });
    fewest.push(under_load(&load));
    let now: Vec<u32> = ["engine", "agent", "console"].map(|role| product.pid(role)).into();
    assert_eq!(now, kept, "a new supervisor takes up what runs");

    let report = load.stop();
    println!(
        "answered {} requests and {} events; fewest in flight {fewest:?}; failed or cut {}",
        report.answered,
        report.events,
        report.failures.len()
    );
    assert!(report.failures.is_empty(), "{:?}", &report.failures[..report.failures.len().min(5)]);
    assert_eq!(product.pid("engine"), engine);
    assert_eq!(product.replicas(), replicas);
    // Everybody found everybody again: what is changed now is done. (The console's connection of before is gone.)
    let mut console = console.again();
    console.change("service.scale", &model.service, &[("replicas", "1")]).ok();
    until("one replica to go", || (product.replicas().len() == 1).then_some(()));
    assert!(model.answers());
}

#[test]
fn an_engine_comes_back_without_a_console() {
    let product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    // It holds the socket and never answers, which is worse than one that is not there.
    let stopped = product.pid("console");
    signal(stopped, Signal::STOP);

    let killed = Instant::now();
    let old = product.kill9("engine");
    let mut attempts = 0;
    let gap = until("the model", || {
        attempts += 1;
        // The one of before may still have answered.
        (model.answers() && product.pid("engine") != old).then(|| killed.elapsed())
    });
    signal(stopped, Signal::CONT);
    println!("kill -9 of the engine, console stopped: serving again after {gap:?} ({attempts} attempts)");
    assert!(gap < Duration::from_secs(2), "{gap:?}");
    until("the console to see the new engine", || {
        (console.gateway(&model.gateway)["summary"]["status"] == "running").then_some(())
    });
}

#[test]
fn an_engine_starts_from_its_disk_alone() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    // No supervisor and no console at all: only replicas, the agent, and a new engine.
    product.kill9_and_wait("serve");
    product.kill9_and_wait("console");
    product.kill9_and_wait("engine");
    let started = Instant::now();
    product.spawn("engine");
    let gap = until("the model", || model.answers().then(|| started.elapsed()));
    println!("an engine started with neither console nor supervisor: serving after {gap:?}");
    assert!(gap < Duration::from_secs(2), "{gap:?}");
    // Agent and replicas belong to nobody now; a supervisor takes them up and ends them in order.
    product.serve();
}
