//! The Autobahn test suite for WebSockets, against a server directly and through the engine: what it finds may be the
//! server's, but none of it the engine's.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use harness::python_server::Server;
use harness::{TOKEN, World, python2};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// The server that the suite brings. It looks at one frame after the other; one that reads ahead answers some cases
/// differently when two frames come at once, and that is nobody's doing. Without an address of its own it does not mind
/// the engine's in `Host`.
const SERVER: &str = "
import sys
from autobahntestsuite.testee import TesteeServerFactory
from twisted.internet import reactor
port = reactor.listenTCP(0, TesteeServerFactory(None), interface='127.0.0.1')
print port.getHost().port
sys.stdout.flush()
reactor.run()
";

/// The suite as it is, only that it has no option for a token.
const SUITE: &str = "
import sys
from autobahntestsuite import fuzzing, wstest
specification, token = sys.argv[1:]
plain = fuzzing.FuzzingClientFactory.setSessionParameters
def with_token(self, *given, **named):
    plain(self, *given, **named)
    self.headers = {'Authorization': token}
fuzzing.FuzzingClientFactory.setSessionParameters = with_token
sys.argv = ['wstest', '--mode', 'fuzzingclient', '--spec', specification]
wstest.run()
";

/// Better ones first.
const VERDICTS: [&str; 5] = ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"];

fn worse(found: &Value, than: &Value) -> bool {
    let rank = |verdict: &Value| VERDICTS.iter().position(|known| verdict == known).unwrap_or(VERDICTS.len());
    ["behavior", "behaviorClose"].iter().any(|which| rank(&found[which]) > rank(&than[which]))
}

fn run(python: &Path, folder: &Path, urls: [String; 2], cases: &[String]) -> Value {
    let [direct, through] = urls;
    let reports = folder.join("reports");
    let specification = json!({
        "outdir": reports, "exclude-agent-cases": {}, "cases": cases, "exclude-cases": [],
        "servers": [{ "agent": "direct", "url": direct }, { "agent": "through", "url": through }],
    });
    let file = folder.join("specification.json");
    std::fs::write(&file, specification.to_string()).unwrap();
    let mut suite = Command::new(python);
    suite.current_dir(folder).arg("-c").arg(SUITE).arg(&file).arg(TOKEN);
    let output = suite.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let index = std::fs::read(reports.join("index.json")).unwrap_or_else(|error| panic!("{error}: {said}"));
    serde_json::from_slice(&index).unwrap()
}

async fn compare(cases: Vec<String>, fewest: usize) {
    let Some(python) = python2::with_autobahn() else { return };
    let server = Server::start_in(Command::new(&python), SERVER);
    let mut world = World::new().await;
    world.agent.ready(&[server.address]).await;
    let urls = [format!("ws://{}", server.address), format!("ws://{}/api/predict/model", world.own)];
    let (folder, begin) = (tempfile::tempdir().unwrap(), Instant::now());
    let place = folder.path().to_owned();
    let suite = tokio::task::spawn_blocking(move || run(&python, &place, urls, &cases));
    let report = suite.await.unwrap();
    let (direct, through) = (report["direct"].as_object().unwrap(), report["through"].as_object().unwrap());
    let worse: Vec<_> = direct.iter().filter(|(case, direct)| worse(&report["through"][case], direct)).collect();
    let fine = through.values().filter(|case| case["behavior"] == "OK" && case["behaviorClose"] == "OK").count();
    println!("{} cases in {:?}: {fine} of them OK through the engine", direct.len(), begin.elapsed());
    assert!(direct.len() >= fewest && through.len() == direct.len(), "{} and {}", direct.len(), through.len());
    assert!(fine * 10 > direct.len() * 9, "a server that does nothing right proves nothing");
    for (case, direct) in &worse {
        println!("{case}: directly {direct}, through the engine {}", report["through"][case]);
    }
    assert!(worse.is_empty(), "{} cases are worse through the engine", worse.len());
}

/// All but large messages and most of the compressed ones.
#[tokio::test(flavor = "multi_thread")]
async fn no_case_is_worse_through_the_engine() {
    let sections = [1, 2, 3, 4, 5, 6, 7, 10].map(|section| format!("{section}.*"));
    compare([&sections[..], &["12.1.1".into(), "13.7.1".into()]].concat(), 249).await;
}

/// Up to 16 MB in one message, and a thousand compressed messages a case: these sizes, the last one in fragments, in
/// each of the ways that the suite has. For the larger ones the suite itself would take hours.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes eight minutes"]
async fn no_large_or_compressed_case_is_either() {
    let ways = (1..=5).map(|way| format!("12.{way}")).chain((1..=7).map(|way| format!("13.{way}")));
    let compressed = ways.flat_map(|way| [1, 3, 4, 11].map(|size| format!("{way}.{size}")));
    compare(["9.*".to_owned()].into_iter().chain(compressed).collect(), 102).await;
}
