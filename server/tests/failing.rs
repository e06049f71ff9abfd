//! Versions that do not work. Whoever asks notices nothing, and whoever looks is told why, within seconds.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::model::{open_gateway, token};
use common::services::{Asking, deploy, document, events, running, sample, update};
use common::{Console, Product, until, within};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// From the fact to the reason on the page.
const SOON: Duration = Duration::from_secs(5);

/// A service whose first version works, and somebody who asks it all the time.
struct Scene {
    product: Product,
    console: Console,
    gateway: String,
    service: String,
    door: SocketAddr,
    asking: Asking,
    more: Value,
}

impl Scene {
    fn new(more: Value) -> Self {
        Self::with(&[], more)
    }

    fn with(options: &[&str], more: Value) -> Self {
        let product = Product::with(options);
        let mut console = product.administrator();
        let (gateway, door) = open_gateway(&mut console, "first");
        let service = deploy(&mut console, &document("model", &gateway, sample(), more.clone()));
        let replicas = more["metadata"]["instance"].as_u64().unwrap_or(1);
        running(&mut console, &service, replicas);
        let asking = Asking::begin(door, "/api/predict/model", &token(&mut console, &service));
        Self { product, console, gateway, service, door, asking, more }
    }

    fn update(&mut self, process: Value) {
        update(&mut self.console, &self.service, &document("model", &self.gateway, process, self.more.clone()));
    }

    /// A script of the version that does not work, where its user may read it.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.product.home().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        path.display().to_string()
    }

    /// Returns when a replica of the second version says these words, and among its last lines that one.
    #[track_caller]
    fn told(&mut self, since: Instant, words: &str, line: Option<&str>) {
        let (console, service) = (&mut self.console, &self.service);
        let mut seen = Value::Null;
        within(SOON.saturating_sub(since.elapsed()).max(Duration::from_millis(1)), words, || {
            seen = console.service(service);
            let is_told = seen["replicas"].as_array()?.iter().any(|replica| {
                let lines = replica["last_lines"].as_array().cloned().unwrap_or_default();
                replica["version"] == 2
                    && replica["detail"].as_str().is_some_and(|detail| detail.contains(words))
                    && line.is_none_or(|line| lines.iter().any(|each| each.as_str().unwrap().contains(line)))
            });
            is_told.then_some(())
        });
        println!("told after {:?}: {words}", since.elapsed());
        // The status line says it as well, not only the replica's row.
        let conditions = seen["conditions"].as_array().unwrap();
        let says = |each: &Value| each["detail"].as_str().is_some_and(|detail| detail.contains(words));
        assert!(conditions.iter().any(says), "{conditions:?}");
    }

    /// The event of a replica that failed says this.
    #[track_caller]
    fn recorded(&mut self, words: &[&str]) {
        let (console, service) = (&mut self.console, &self.service);
        let mut seen = Vec::new();
        let deadline = Instant::now() + SOON;
        until(&format!("an event that says {words:?}"), || {
            seen = events(console, service);
            let is_it = |event: &Value| {
                let detail = event["detail"].as_str().unwrap_or_default();
                event["kind"] == "replica_failed" && words.iter().all(|words| detail.contains(words))
            };
            assert!(Instant::now() < deadline || seen.iter().any(is_it), "{words:?} is not in {seen:#?}");
            seen.iter().any(is_it).then_some(())
        });
    }

    /// The version is given up for this reason, and the first one runs again as if nothing had happened.
    fn rolled_back(mut self, because: &str) {
        let (console, service) = (&mut self.console, &self.service);
        let (mut seen, deadline) = (Value::Null, Instant::now() + common::SOON);
        while seen["rollout"]["phase"] != "rolled_back" {
            assert!(Instant::now() < deadline, "it is not rolled back: {seen:#}");
            seen = console.service(service);
        }
        let replicas = self.more["metadata"]["instance"].as_u64().unwrap_or(1);
        let read = running(&mut self.console, &self.service, replicas);
        assert_eq!((&read["version"], &read["rollout"]["because"]), (&json!(1), &json!(because)), "{read:#}");
        let events = events(&mut self.console, &self.service);
        let failed = events.iter().find(|event| event["kind"] == "rollout_failed").unwrap();
        assert_eq!(failed["detail"], because);
        self.answered();
    }

    fn answered(self) {
        let (answered, failed) = self.asking.end();
        println!("{answered} requests answered meanwhile");
        assert!(answered > 50, "only {answered} requests");
        assert!(failed.is_empty(), "{} of {answered} failed: {:?}", failed.len(), &failed[..failed.len().min(5)]);
    }
}

/// A roll-out that gives up after this time.
fn patient_for(seconds: u32) -> Value {
    json!({ "metadata": { "rolling_strategy": { "progress_deadline": format!("{seconds}s") } } })
}

/// Half of the replicas first; the others wait long enough for the new ones to show what they are.
fn in_halves() -> Value {
    json!({ "metadata": { "instance": 2, "rolling_strategy": { "batch": { "size": 1, "interval": "600s" } } } })
}

#[test]
fn one_that_never_becomes_ready() {
    let mut scene = Scene::new(patient_for(6));
    let server = r#"
import http.server, os
class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(503)
print('weights are still being fetched', flush=True)
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Server).serve_forever()
"#;
    let command = format!("/usr/bin/python3 {}", scene.file("unready.py", server));
    scene.update(json!({ "command": command, "readiness_check": { "http_get": { "path": "/health" } } }));
    let service = scene.service.clone();
    until("the new replica", || {
        let read = scene.console.service(&service);
        let is_new = |replica: &Value| replica["version"] == 2 && replica["pid"].is_u64();
        read["replicas"].as_array()?.iter().any(is_new).then_some(())
    });
    scene.told(Instant::now(), "503", Some("weights are still being fetched"));
    scene.rolled_back("no_progress");
}

#[test]
fn one_whose_port_nobody_listens_on() {
    let mut scene = Scene::new(patient_for(6));
    // None that the agent gives to others.
    let port = scene.product.ports.link().port() + 1;
    scene.update(json!({ "script": "echo model loaded, see port 1\nexec sleep 1000", "port": port }));
    let service = scene.service.clone();
    until("the new replica", || {
        let read = scene.console.service(&service);
        let is_new = |replica: &Value| replica["version"] == 2 && replica["pid"].is_u64();
        read["replicas"].as_array()?.iter().any(is_new).then_some(())
    });
    scene.told(Instant::now(), &format!(":{port}"), Some("model loaded, see port 1"));
    scene.rolled_back("no_progress");
}

#[test]
fn one_with_a_typo() {
    let mut scene = Scene::new(json!({}));
    let since = Instant::now();
    scene.update(json!({ "command": "inferense-gateway sample-model" }));
    scene.told(since, "`inferense-gateway` was not found", None);
    scene.recorded(&["`inferense-gateway` was not found", "install it"]);
    scene.rolled_back("crash_loop");
}

#[test]
fn one_that_crashes_after_a_while() {
    let mut scene = Scene::new(in_halves());
    // At once: what is under way at that moment gets no answer from it.
    let server = r#"
import http.server, os, sys, threading, time
class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('content-length', '0')
        self.end_headers()
    def log_message(self, *_):
        pass
def crash():
    time.sleep(3)
    print('CUDA error: an illegal memory access', file=sys.stderr, flush=True)
    os._exit(3)
threading.Thread(target=crash, daemon=True).start()
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Server).serve_forever()
"#;
    let command = format!("/usr/bin/python3 {}", scene.file("crashes.py", server));
    scene.update(json!({ "command": command, "readiness_check": { "http_get": { "path": "/health" } } }));
    let service = scene.service.clone();
    until("the first half", || (scene.console.service(&service)["rollout"]["phase"] == "paused").then_some(()));
    let is_there = |scene: &mut Scene| {
        let read = scene.console.service(&service);
        read["replicas"].as_array().unwrap().iter().any(|replica| replica["version"] == 2 && replica["pid"].is_u64())
    };
    until("the crash", || (!is_there(&mut scene)).then_some(()));
    scene.told(Instant::now(), "exited with status 3", Some("CUDA error: an illegal memory access"));
    scene.recorded(&["exited with status 3", "CUDA error: an illegal memory access"]);
    scene.rolled_back("crash_loop");
}

/// Ready, and wrong in every other answer: nobody but its clients would notice.
#[test]
fn one_whose_answers_are_errors() {
    let mut more = in_halves();
    more["metadata"]["rolling_strategy"]["max_error_percent"] = json!(5);
    let mut scene = Scene::new(more);
    let server = r#"
import http.server, os
class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(500 if self.path.endswith('/bad') else 200)
        self.send_header('content-length', '0')
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Server).serve_forever()
"#;
    let command = format!("/usr/bin/python3 {}", scene.file("errors.py", server));
    scene.update(json!({ "command": command, "readiness_check": { "http_get": { "path": "/health" } } }));
    let service = scene.service.clone();
    until("the first half", || (scene.console.service(&service)["rollout"]["phase"] == "paused").then_some(()));
    // Two of three requests, so that both replicas get some; others ask besides, and get no errors.
    let (token, door) = (token(&mut scene.console, &service), scene.door);
    let headers = [("Authorization", token.as_str())];
    let mut client = common::http::Http::connect(door).unwrap();
    until("the roll-back", || {
        for path in ["bad", "bad", "good"].into_iter().cycle().take(30) {
            client.get(&format!("/api/predict/model/{path}"), &headers).unwrap();
        }
        (scene.console.service(&service)["rollout"]["phase"] == "rolled_back").then_some(())
    });
    scene.rolled_back("errors");
}

#[test]
fn one_that_leaks() {
    let mut scene = Scene::new(in_halves());
    let server = r#"
import http.server, os, threading, time
class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('content-length', '0')
        self.end_headers()
    def log_message(self, *_):
        pass
def leak():
    time.sleep(2)
    print('the cache grows', flush=True)
    kept = []
    while True:
        kept.append(b'x' * (4 << 20))
        time.sleep(0.01)
threading.Thread(target=leak, daemon=True).start()
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Server).serve_forever()
"#;
    let command = format!("/usr/bin/python3 {}", scene.file("leaks.py", server));
    let more = json!({ "metadata": { "memory": 96 } });
    let process = json!({ "command": command, "readiness_check": { "http_get": { "path": "/health" } } });
    let mut document = document("model", &scene.gateway, process, scene.more.clone());
    document["metadata"]["memory"] = more["metadata"]["memory"].clone();
    update(&mut scene.console, &scene.service, &document);
    let service = scene.service.clone();
    until("the first half", || (scene.console.service(&service)["rollout"]["phase"] == "paused").then_some(()));
    until("its end", || {
        let read = scene.console.service(&service);
        let ended = |replica: &Value| replica["version"] == 2 && replica["pid"].is_null();
        read["replicas"].as_array()?.iter().any(ended).then_some(())
    });
    scene.told(Instant::now(), "used more than its 96 MiB of memory", Some("the cache grows"));
    scene.recorded(&["used more than its 96 MiB of memory", "the cache grows"]);
    scene.rolled_back("crash_loop");
}

/// Podman's API, with files of its own that are gone afterwards.
struct Engine {
    service: Child,
    folder: tempfile::TempDir,
}

impl Engine {
    /// `None`, and the reason printed, where there is none.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut command = Command::new("podman");
        command.args(["--root", &at("root"), "--runroot", &at("run"), "--storage-driver", "vfs"]);
        command.args(["system", "service", "--time=0", &format!("unix://{}", at("podman.sock"))]);
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let service = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let Ok(service) = service else {
            println!("skipped: there is no podman; install Debian's package");
            return None;
        };
        let mut engine = Self { service, folder };
        let deadline = Instant::now() + common::SOON;
        while std::os::unix::net::UnixStream::connect(engine.socket()).is_err() {
            let ended = engine.service.try_wait().unwrap().is_some();
            if ended || Instant::now() > deadline {
                println!("skipped: podman does not serve here: {}", common::read(&engine.folder.path().join("log")));
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(engine)
    }

    fn socket(&self) -> String {
        self.folder.path().join("podman.sock").display().to_string()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}

#[test]
fn one_whose_image_does_not_exist() {
    let Some(engine) = Engine::start() else { return };
    // A registry that nobody runs.
    let image = "127.0.0.1:9/nobody/has-this:1";
    let mut scene = Scene::with(&[&format!("--container-socket={}", engine.socket())], patient_for(6));
    let mut document = document("model", &scene.gateway, Value::Null, scene.more.clone());
    document.as_object_mut().unwrap().remove("process");
    document["containers"] = json!([{ "image": image, "port": 8000 }]);
    let since = Instant::now();
    update(&mut scene.console, &scene.service, &document);
    scene.told(since, image, None);
    scene.recorded(&[image]);
    // It may still be pushed: that counts as no progress, not as a crash.
    scene.rolled_back("no_progress");
}
