//! What a client counted itself is what the Monitoring page shows, to the request, whoever is killed in between.
#![allow(clippy::unwrap_used)]

mod common;

use common::model::{Model, deploy, open_gateway, token};
use common::{Console, Product, until, within};
use domain::view::{MonitoringRange, ServiceMonitoring};
use std::time::Duration;

/// What is measured is written every ten seconds, and an engine tells a new console at its next beat.
const WRITTEN: Duration = Duration::from_secs(60);

/// Answers by class, as the client saw them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    ok: u64,
    wrong: u64,
    failed: u64,
}

impl Seen {
    fn ask(&mut self, model: &Model, path: &str, token: &str) -> u16 {
        let mut connection = common::http::Http::connect(model.door).unwrap();
        let answer = connection.get(&format!("/api/predict/sample{path}"), &[("Authorization", token)]).unwrap();
        match answer.status {
            200..300 => self.ok += 1,
            400..500 => self.wrong += 1,
            500..600 => self.failed += 1,
            other => panic!("{other}"),
        }
        answer.status
    }

    fn all(self) -> u64 {
        self.ok + self.wrong + self.failed
    }
}

/// Two replicas, which nobody has asked anything.
fn deployed(console: &mut Console) -> Model {
    let (gateway, door) = open_gateway(console, "first");
    let service = deploy(console, &gateway, "sample", "2");
    until("both replicas", || (console.service(&service)["summary"]["status"] == "running").then_some(()));
    Model { token: token(console, &service), gateway, service, door }
}

fn measured(console: &mut Console, service: &str, range: MonitoringRange) -> Option<ServiceMonitoring> {
    // A console that is being started does not answer yet.
    let fields = [("id", service), ("range", range.as_str())];
    let answer = console.try_call("service.monitoring", &fields).ok().filter(|answer| answer.status == 200)?;
    Some(serde_json::from_str(&answer.body).unwrap())
}

/// Waits until as many requests are shown, and sees that they are these and no others.
#[track_caller]
fn shown(console: &mut Console, service: &str, seen: Seen) -> ServiceMonitoring {
    let found = within(WRITTEN, "the requests to be shown", || {
        measured(console, service, MonitoringRange::QuarterHour).filter(|found| found.total.requests >= seen.all())
    });
    assert_eq!(found.total.requests, seen.all());
    assert_eq!(found.total.classes, [seen.ok, 0, seen.wrong, seen.failed]);
    let points: u64 = found.points.iter().flatten().map(|point| point.requests).sum();
    assert_eq!(points, seen.all(), "each in one point");
    found
}

#[test]
fn what_a_client_counted_is_what_the_page_shows_whoever_is_killed() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let model = deployed(&mut console);
    let mut seen = Seen::default();
    // The engine is told of the replicas at its own time.
    within(common::SOON, "the model", || (seen.ask(&model, "", &model.token) == 200).then_some(()));
    for _ in 0..30 {
        seen.ask(&model, "", &model.token);
    }
    for _ in 0..7 {
        seen.ask(&model, "", "wrong");
    }
    let found = shown(&mut console, &model.service, seen);
    assert!(found.total.latency.is_some_and(|all| all.p50 <= all.p90 && all.p90 <= all.p99 && all.p99 > 0));
    assert!(found.points.first().unwrap().is_none(), "nobody knows what was before it was deployed");
    within(WRITTEN, "what both replicas use", || {
        let found = measured(&mut console, &model.service, MonitoringRange::QuarterHour)?;
        (found.replicas.len() == 2).then_some(())
    });
    let page = console.page(&format!("/services/{}/monitoring?range=15m", model.service)).body;
    assert!(page.contains("role=\"img\"") && page.contains("<path"), "drawn without a script");

    // Killed with requests that it may have heard of and has not written; more come while nobody is there.
    for _ in 0..5 {
        seen.ask(&model, "", &model.token);
    }
    let killed = product.kill9("console");
    for _ in 0..3 {
        seen.ask(&model, "", "wrong");
    }
    product.next_pid("console", killed);
    product.wait_for_console();
    let mut console = console.again();
    shown(&mut console, &model.service, seen);

    // The engine that comes after counts from zero.
    let killed = product.kill9("engine");
    product.next_pid("engine", killed);
    until("the engine", || common::http::get(model.door, "/").ok().filter(|answer| answer.status == 200));
    for _ in 0..4 {
        seen.ask(&model, "/no/such/page", "wrong");
    }
    shown(&mut console, &model.service, seen);

    // Nobody is there to answer.
    console.change("service.set_running", &model.service, &[("on", "false")]).ok();
    within(common::SOON, "the replicas to end", || (seen.ask(&model, "", &model.token) == 503).then_some(()));
    for _ in 0..6 {
        seen.ask(&model, "", &model.token);
    }
    shown(&mut console, &model.service, seen);
    assert!(seen.failed >= 7, "{seen:?}");

    // All stops in order and begins again; the past is there at once.
    product.stop();
    product.serve();
    let mut console = console.again();
    let found = within(common::SOON, "the page", || measured(&mut console, &model.service, MonitoringRange::Hour));
    assert_eq!((found.total.requests, found.total.classes), (seen.all(), [seen.ok, 0, seen.wrong, seen.failed]));
}
