//! Services as documents, and what is seen of them.

use super::http::Http;
use super::{Console, until};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

/// A process behind this gateway; `more` says the rest and goes first where both say something.
pub fn document(name: &str, gateway: &str, process: Value, more: Value) -> Value {
    let mut document =
        json!({ "metadata": { "name": name }, "process": process, "networking": { "gateway": gateway } });
    merge(&mut document, more);
    document
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            more.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value));
        }
        (into, more) => *into = more,
    }
}

/// The sample model, in so many words of a document.
pub fn sample() -> Value {
    json!({
        "command": "inference-gateway sample-model",
        "readiness_check": { "http_get": { "path": "/health" } },
    })
}

#[track_caller]
pub fn deploy(console: &mut Console, document: &Value) -> String {
    console.call("service.deploy", &[("document", &document.to_string())]).id()
}

#[track_caller]
pub fn update(console: &mut Console, service: &str, document: &Value) {
    console.change("service.update", service, &[("document", &document.to_string())]).ok();
}

#[track_caller]
pub fn running(console: &mut Console, service: &str, replicas: u64) -> Value {
    until(&format!("{replicas} replicas to run, and no more"), || {
        let read = console.service(service);
        let is_so = read["summary"]["status"] == "running"
            && read["summary"]["ready"] == replicas
            && read["replicas"].as_array().is_some_and(|all| all.len() as u64 == replicas);
        is_so.then_some(read)
    })
}

/// The newest events first.
#[track_caller]
pub fn events(console: &mut Console, service: &str) -> Vec<Value> {
    let told = console.call("service.events", &[("id", service)]).ok();
    told["items"].as_array().cloned().unwrap_or_default()
}

/// Clients that ask all the time, one after the other on a connection of their own and one that connects each time.
pub struct Asking {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Asking {
    pub fn begin(door: SocketAddr, path: &str, token: &str) -> Self {
        let (stop, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let client = |keeps: bool| {
            let (stop, answered) = (stop.clone(), answered.clone());
            let (path, token) = (path.to_owned(), token.to_owned());
            std::thread::spawn(move || ask(door, &path, &token, keeps, &stop, &answered))
        };
        let clients = vec![client(true), client(false)];
        let asking = Self { stop, answered, clients };
        until("the first answers", || (asking.answered() > 1).then_some(()));
        asking
    }

    pub fn answered(&self) -> usize {
        self.answered.load(Relaxed)
    }

    /// How many were answered, and all that were not as they should.
    pub fn end(self) -> (usize, Vec<String>) {
        self.stop.store(true, Relaxed);
        let failed = self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        (self.answered.load(Relaxed), failed)
    }
}

fn ask(
    door: SocketAddr,
    path: &str,
    token: &str,
    keeps: bool,
    stop: &AtomicBool,
    answered: &AtomicUsize,
) -> Vec<String> {
    let (mut failed, mut kept) = (Vec::new(), None);
    while !stop.load(Relaxed) {
        let connection = kept.take().map_or_else(|| Http::connect(door), Ok);
        let answer = connection.and_then(|mut connection| {
            let answer = connection.get(path, &[("Authorization", token)])?;
            Ok((answer, connection))
        });
        match answer {
            Ok((answer, connection)) => {
                if answer.status == 200 {
                    answered.fetch_add(1, Relaxed);
                } else {
                    failed.push(format!("{} {}", answer.status, answer.body));
                }
                kept = (keeps && answer.header("connection") != Some("close")).then_some(connection);
            }
            Err(error) => failed.push(error.to_string()),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    failed
}
