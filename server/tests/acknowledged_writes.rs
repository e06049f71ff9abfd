//! `kill -9` of the console at random moments while people work: what was answered with success is there afterwards.
//!
//! The console runs apart here, since the supervisor waits longer after each kill, as it should.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Console, Product, is_long};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

const WRITERS: usize = 3;
/// Each portal takes a port, and they are not for all.
const PORTALS: usize = 12;

/// A gateway as its writer knows it.
struct Known {
    id: String,
    enabled: bool,
    revision: i64,
    /// A change was sent and the console went before it answered: done or not, nothing in between.
    unsure: bool,
}

#[derive(Default)]
struct Writer {
    known: Vec<Known>,
    /// The name of a gateway whose purchase was not answered.
    unsure: Option<String>,
    made: usize,
    acknowledged: usize,
}

impl Writer {
    /// Until the console is gone.
    fn work(&mut self, number: usize, console: &mut Console, killed: &AtomicBool) {
        loop {
            if self.made.is_multiple_of(3) || self.known.is_empty() {
                let name = format!("of-{number}-{}", self.made);
                self.made += 1;
                let fields = [("name", name.as_str()), ("spec", "2c4g"), ("nodes", "1"), ("charge", "PostPaid")];
                let Ok(answer) = console.try_call("gateway.buy_managed", &fields) else {
                    self.unsure = Some(name);
                    break;
                };
                assert_eq!(answer.status, 200, "{}", answer.body);
                let location = answer.header("location").unwrap();
                let id = location.split(['/', '?']).find(|part| part.starts_with("gw-")).unwrap().to_owned();
                self.known.push(Known { id, enabled: false, revision: 1, unsure: false });
            } else {
                let at = self.made % self.known.len().min(PORTALS);
                let gateway = &mut self.known[at];
                self.made += 1;
                let (revision, on) = (gateway.revision.to_string(), (!gateway.enabled).to_string());
                let fields = [("id", gateway.id.as_str()), ("revision", &revision), ("on", &on)];
                let Ok(answer) = console.try_call("gateway.set_portal", &fields) else {
                    gateway.unsure = true;
                    break;
                };
                assert_eq!(answer.status, 200, "{}", answer.body);
                (gateway.enabled, gateway.revision) = (!gateway.enabled, gateway.revision + 1);
            }
            self.acknowledged += 1;
        }
        assert!(killed.load(SeqCst), "the console went by itself");
    }

    /// Counts what was acknowledged and is not there.
    fn lost(&mut self, console: &mut Console) -> usize {
        let mut lost = 0;
        if let Some(name) = self.unsure.take() {
            let query = [
                ("query[search]", name.as_str()),
                ("query[sort]", "name"),
                ("query[descending]", "false"),
                ("query[page]", "1"),
            ];
            let found = console.call("gateway.list", &query).ok();
            let exact = found["items"].as_array().unwrap().iter().find(|item| item["name"] == name.as_str());
            if let Some(id) = exact.and_then(|item| item["id"].as_str()) {
                self.known.push(Known { id: id.into(), enabled: false, revision: 1, unsure: false });
            }
        }
        for known in &mut self.known {
            let answer = console.call("gateway.read", &[("id", &known.id)]).answer;
            let read = answer.json();
            let found = (read["internet"]["enabled"].as_bool(), read["revision"].as_i64());
            let before = (Some(known.enabled), Some(known.revision));
            let after = (Some(!known.enabled), Some(known.revision + 1));
            if found == after && known.unsure {
                (known.enabled, known.revision) = (!known.enabled, known.revision + 1);
            } else if found != before {
                println!("lost: {} is {found:?}, acknowledged was {before:?}", known.id);
                lost += 1;
            }
            known.unsure = false;
        }
        lost
    }
}

/// A moment between 20 and 320 ms.
fn some_moment() -> Duration {
    Duration::from_millis(20 + RandomState::new().hash_one(0) % 300)
}

#[test]
fn no_acknowledged_write_is_lost() {
    let rounds = if is_long() { 100 } else { 20 };
    let mut product = Product::prepared();
    product.spawn("console");
    product.wait_for_console();
    let session = product.administrator();
    let mut writers: Vec<Writer> = (0..WRITERS).map(|_| Writer::default()).collect();
    let (mut lost, mut unsure) = (0, 0);
    for _ in 0..rounds {
        let killed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for (number, writer) in writers.iter_mut().enumerate() {
                let (mut console, killed) = (session.again(), &killed);
                scope.spawn(move || writer.work(number, &mut console, killed));
            }
            std::thread::sleep(some_moment());
            killed.store(true, SeqCst);
            product.kill9_and_wait("console");
        });
        unsure += writers.iter().filter(|writer| writer.unsure.is_some()).count();
        unsure += writers.iter().flat_map(|writer| &writer.known).filter(|known| known.unsure).count();
        product.spawn("console");
        product.wait_for_console();
        let mut console = session.again();
        lost += writers.iter_mut().map(|writer| writer.lost(&mut console)).sum::<usize>();
    }
    let acknowledged = writers.iter().map(|writer| writer.acknowledged).sum::<usize>();
    println!(
        "{rounds} x kill -9 of the console (GW_LONG=1: 100): {acknowledged} writes acknowledged, \
         {unsure} cut before the answer, {lost} acknowledged ones lost"
    );
    assert!(acknowledged > rounds * WRITERS, "kills came too early to mean anything");
    assert_eq!(lost, 0);

    // What was made in between is whole: no port belongs to two gateways.
    let mut console = session.again();
    let mut ports = BTreeSet::new();
    let open = writers.iter().flat_map(|writer| &writer.known).filter(|known| known.enabled);
    for known in open {
        let door = common::model::own_door(&mut console, &known.id);
        assert!(ports.insert(door), "{door} was given twice");
    }
}
