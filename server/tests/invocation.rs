//! The calls that the console shows are run as they are shown, and a request that it makes itself goes where any other
//! client's goes.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../crates/engine/tests/harness/python.rs"]
mod python;

use common::http::{Answer, Http};
use common::model::{Model, open_gateway};
use common::{Console, Product, until};
use serde_json::{Value, json};
use std::process::Command;

/// The call that stands on the page, as somebody copies it, with this token.
fn shown(console: &mut Console, service: &str, client: &str, token: &str) -> String {
    let page = console.page(&format!("/services/{service}/invocation?client={client}")).body;
    let code = page.split("class=\"code-text\"").nth(1).unwrap().split("<code>").nth(1).unwrap();
    let code = code.split("</code>").next().unwrap();
    // What hydration goes by is no text.
    let code: String = code
        .split("<!")
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('>').unwrap().1 })
        .collect();
    let text = code
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&amp;", "&");
    assert!(text.contains("<token>"), "{text}");
    text.replace("<token>", token)
}

#[test]
fn the_shown_calls_work() {
    let product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    let curl = shown(&mut console, &model.service, "curl", &model.token);
    let said = Command::new("sh").args(["-c", &format!("{curl} -sS --max-time 10")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), "True\n", "{curl}: {said:?}");
    for (client, package) in [("python", "requests==2.32.5"), ("eas-prediction", "eas-prediction==0.36")] {
        let folder = python::package(package);
        let script = shown(&mut console, &model.service, client, &model.token);
        let said = python::run(&folder, "UTC", &script, &[]);
        assert!(said.status.success(), "{script}\n{}", String::from_utf8_lossy(&said.stderr));
        assert!(!said.stdout.is_empty(), "{script}");
    }
}

/// What is heard of a request, line by line.
fn debug(product: &Product, console: &Console, service: &str, draft: &Value) -> (Answer, Vec<Value>) {
    let origin = format!("http://{}", product.console_address());
    let cookie = console.cookie();
    let headers = [("Origin", origin.as_str()), ("Cookie", &cookie), ("Content-Type", "application/json")];
    let mut connection = Http::connect(product.console_address()).unwrap();
    let answer = connection.post(&format!("/debug/{service}"), &headers, &draft.to_string()).unwrap();
    let lines = answer.body.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    (answer, lines)
}

fn event<'a>(heard: &'a [Value], name: &str) -> &'a Value {
    heard.iter().find(|each| each["event"] == name).unwrap_or_else(|| panic!("no {name} in {heard:?}"))
}

#[test]
fn a_request_from_the_console_is_one_like_any_other() {
    let product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    let id = console.service(&model.service)["invocation"]["tokens"][0]["id"].as_str().unwrap().to_owned();
    let get = json!({ "method": "GET", "token": id });
    let (answer, heard) = debug(&product, &console, &model.service, &get);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(event(&heard, "head")["status"], 200);
    assert_eq!(event(&heard, "text")["text"], "True\n");
    assert_eq!(event(&heard, "end")["bytes"], 5);
    assert!(!answer.body.contains(&model.token), "the token stays in the console");

    // Streams, by the word.
    let body = json!({ "model": "m", "stream": true, "messages": [{ "role": "user", "content": "one two three" }] });
    let chat = json!({ "method": "POST", "path": "/v1/chat/completions", "json": true, "token": id, "body": body.to_string() });
    let (_, heard) = debug(&product, &console, &model.service, &chat);
    assert!(heard.iter().filter(|each| each["event"] == "text").count() >= 3, "{heard:?}");

    // Without a token, and with a wrong one.
    for draft in
        [json!({ "method": "GET" }), json!({ "method": "GET", "token": id, "headers": "Authorization: wrong" })]
    {
        let (_, heard) = debug(&product, &console, &model.service, &draft);
        assert_eq!(event(&heard, "head")["status"], 401, "{draft}");
    }
    // Nowhere else.
    for (field, draft) in [
        ("path", json!({ "method": "GET", "path": "/../other" })),
        ("path", json!({ "method": "GET", "path": "/%2e%2e/other" })),
        ("path", json!({ "method": "GET", "path": "@169.254.169.254/" })),
        ("endpoint", json!({ "method": "GET", "endpoint": "http://169.254.169.254/" })),
        ("headers", json!({ "method": "GET", "headers": "Host: other" })),
        ("token", json!({ "method": "GET", "token": "tok-000000000000000000" })),
        ("method", json!({ "method": "CONNECT" })),
    ] {
        let (answer, _) = debug(&product, &console, &model.service, &draft);
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{draft}: {}", answer.body);
        assert!(answer.body.contains(&format!("\"{field}\"")), "{draft}: {}", answer.body);
    }
    // Not on the list any more.
    console.change("gateway.whitelist_remove", &model.gateway, &[("block", "127.0.0.1/32")]).ok();
    until("to be shut out", || {
        let (_, heard) = debug(&product, &console, &model.service, &get);
        (event(&heard, "head")["status"] == 403).then_some(())
    });
}

#[test]
fn not_for_strangers() {
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, _) = open_gateway(&mut console, "first");
    let service = common::model::deploy(&mut console, &gateway, "sample", "1");
    let draft = json!({ "method": "GET" });
    let (answer, _) = debug(&product, &Console::new(product.console_address()), &service, &draft);
    assert_eq!(answer.status, 401, "{}", answer.body);
    for headers in [&[][..], &[("Origin", "http://evil.example")], &[("Sec-Fetch-Site", "cross-site")]] {
        let cookie = console.cookie();
        let mut all = vec![("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        all.extend(headers);
        let mut connection = Http::connect(product.console_address()).unwrap();
        let answer = connection.post(&format!("/debug/{service}"), &all, &draft.to_string()).unwrap();
        assert_eq!(answer.status, 403, "{headers:?}: {}", answer.body);
    }
    let (answer, _) = debug(&product, &console, "svc-000000000000000000", &draft);
    assert_eq!(answer.status, 404, "{}", answer.body);
    let (answer, _) = debug(&product, &console, "%2e%2e", &draft);
    assert_eq!(answer.status, 404, "{}", answer.body);
    let large = json!({ "method": "POST", "body": "x".repeat(300_000) });
    assert_eq!(debug(&product, &console, &service, &large).0.status, 422);
}
