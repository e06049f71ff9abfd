//! A second host, which is a network namespace: it joins with a token, serves and runs, is lost and comes back, is drained
//! and removed. As root; else skipped, which is printed.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../networks/namespace.rs"]
mod namespace;

mod asking;
mod stage;

use asking::Asking;
use common::{until, within};
use namespace::Namespace;
use stage::{ONE, Stage, TWO};
use std::time::Duration;

/// Until the console knows that a host is gone, and others do its work: it looks at the link for about 10 seconds and
/// then waits for 5.
const GONE: Duration = Duration::from_secs(40);

#[test]
fn a_second_host_serves_with_the_first_and_leaves_without_anybody_noticing() {
    if !namespace::can_be_made() {
        return;
    }
    let one = Namespace::new();
    let two = one.neighbour("wire", &["10.77.0.1/24"], &["10.77.0.2/24"]);
    one.within(|| {
        let mut stage = Stage::new();
        let token = stage.invite();
        stage.let_join(&two, &token);
        both_serve(&mut stage);
        leads_to_the_living(&mut stage, &one);
        drains_and_goes(&mut stage, &token);
    });
}

fn both_serve(stage: &mut Stage) {
    let seen = until("the other host", || stage.host("two").filter(|host| host["status"] == "running"));
    assert_eq!((&seen["software"], &seen["zone"]), (&env!("CARGO_PKG_VERSION").into(), &"local-b".into()));
    let has = |host: &serde_json::Value| {
        host["addresses"].as_array().unwrap().iter().any(|each| each["address"] == "10.77.0.2")
    };
    assert!(has(&seen), "{seen}");
    stage.open_gateway();
    assert_eq!(stage.nodes(), ["console", "two"]);
    stage.deploy();
    // Each host's engine asks the replicas of both.
    for door in [ONE, TWO] {
        let told = within(Duration::from_secs(10), "both replicas", || {
            let told: std::collections::BTreeSet<String> = (0..20).filter_map(|_| stage.ask(door).ok()).collect();
            (told.len() == 2).then_some(told)
        });
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [ONE, TWO], "through {door}");
    }
    stage.leads_to(&[ONE, TWO]);
}

/// The wire is cut: nothing is closed, nothing answers.
fn leads_to_the_living(stage: &mut Stage, one: &Namespace) {
    one.ip("link set wire down");
    let cut = std::time::Instant::now();
    // Addresses go with the wire; the first host keeps its own.
    let seen = within(GONE, "the host to be missed", || stage.host("two").filter(|host| host["status"] == "unknown"));
    assert!(seen["engine_away"].is_string() && seen["agent_away"].is_string(), "{seen}");
    println!("missed after {:?}", cut.elapsed());
    within(GONE, "the node to be on the first", || (stage.nodes() == ["console", "console"]).then_some(()));
    stage.leads_to(&[ONE]);
    assert_eq!(stage.status(), "degraded");
    within(GONE, "the rest to serve on", || {
        let told: Vec<_> = (0..20).map(|_| stage.ask(ONE)).collect();
        told.iter().all(|told| told.as_deref().is_ok_and(|told| told == ONE)).then_some(())
    });
    println!("the rest serves on after {:?}", cut.elapsed());
    let asking = Asking::start(stage.door(ONE), &stage.token, &stage.host_name());
    // Its replicas are started here after a while.
    within(2 * GONE, "as many replicas as before", || (stage.replicas() == [ONE, ONE]).then_some(()));
    println!("as many replicas as before after {:?}", cut.elapsed());
    one.ip("link set wire up");
    within(GONE, "the host to be back", || stage.host("two").filter(|host| host["status"] == "running"));
    within(GONE, "the node to be back", || (stage.nodes() == ["console", "two"]).then_some(()));
    within(GONE, "a replica on each", || (stage.replicas() == [ONE, TWO]).then_some(()));
    let (answered, failed) = asking.stop();
    println!("{answered} requests while it was away and came back");
    assert!(failed.is_empty() && answered > 100, "{answered} answered, {failed:?}");
    until("it to run", || (stage.status() == "running").then_some(()));
    stage.leads_to(&[ONE, TWO]);
}

fn drains_and_goes(stage: &mut Stage, token: &str) {
    let asking = Asking::start(stage.door(ONE), &stage.token, &stage.host_name());
    stage.refused("host.remove", 409, "host_in_use");
    stage.change("host.drain", &[("on", "true")]);
    within(GONE, "the host to be empty", || stage.host("two").filter(|host| host["status"] == "drained"));
    assert_eq!(
        (stage.nodes(), stage.replicas()),
        (vec!["console".into(), "console".into()], vec![ONE.into(), ONE.into()])
    );
    stage.leads_to(&[ONE]);
    // Whoever still comes there is served.
    assert_eq!(stage.ask(TWO).as_deref(), Ok(ONE));
    stage.change("host.remove", &[]);
    until("its doors to close", || stage.ask(TWO).is_err().then_some(()));
    assert!(stage.host("two").is_none());
    let (answered, failed) = asking.stop();
    println!("{answered} requests while the host was drained and removed");
    assert!(failed.is_empty() && answered > 10, "{answered} answered, {failed:?}");
    until("it to run", || (stage.status() == "running").then_some(()));
    stage.cannot_join_again(token);
}
