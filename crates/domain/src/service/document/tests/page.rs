//! docs/service-json.md is made from the table of keys: `UPDATE_DOCS=1 cargo test -p domain service_json` writes it.

use super::*;
use std::fmt::Write;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/service-json.md");

const HEAD: &str = "\
# Service JSON

What a service is, as JSON: the document's own keys, unchanged, and a few that only this product has (*own*). Deploying
takes it, the wizard's form edits it, and what is deployed is shown as it. No key is ignored in silence: it means what
stands here, or it is refused by its name.

- Dotted keys and objects are the same: `\"rpc.keepalive\": 5000` in `metadata`, or `\"rpc\": {\"keepalive\": 5000}`.
  A key that is there twice, in whichever way it is written, is an error.
- `null` says nothing, as if the key was not there.
- An unknown key is refused, with the nearest one that there is.
- `$` is what runs: `containers[]` (one item), or `process` with the same keys but `image`; `external` has
  `addresses` and `readiness_check`. One of the three has to be there.
- `*_check` is `startup_check`, `readiness_check` or `liveness_check`. Each has one method: `http_get`, `tcp_socket` or
  `exec`.
- No shell runs a `command`. Whoever starts a replica replaces `${PORT}` and `${HOST}` in the words of its command, in
  the values of `env` and in the commands of checks: a process gets the port that was given to it, a container the port
  inside of it and the address `0.0.0.0`. The environment has `PORT`, `LISTENING_PORT` and `HOST` too, which is what a
  `script` uses.
- With a dedicated gateway the least number of replicas is 1. Scaling to zero is there for whoever asks for it by name:
  `autoscaler.scale_to_zero`.
- ALB gateways take neither `metadata.rpc.keepalive` nor `networking.gateway_policy.concurrency_limit`.

This page is made from the table in `crates/domain/src/service/document/tables`, and a test keeps both the same.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n## Keys that are taken\n\n| key | value | without it | meaning |\n|---|---|---|---|\n");
    for key in keys() {
        let (own, means) = match key.meaning {
            Meaning::Taken(means) => ("", means),
            Meaning::Own(means) => ("*own* ", means),
            _ => continue,
        };
        let default = if key.default.is_empty() { String::new() } else { code_or_words(key.default) };
        writeln!(page, "| {own}`{}` | {} | {default} | {means} |", key.path, value(key.kind)).unwrap();
    }
    page.push_str("\n## Keys that are taken with one value only\n\n");
    page.push_str("The value asks for nothing that is not so anyway; another one is refused.\n\n");
    page.push_str("| key | value | why no other | instead |\n|---|---|---|---|\n");
    for key in keys() {
        if let Meaning::OnlyOff(off, why, instead) = key.meaning {
            writeln!(page, "| `{}` | `{off}` | {why} | {} |", key.path, code(instead)).unwrap();
        }
    }
    page.push_str("\n## Keys that are refused\n\n| key | why | instead |\n|---|---|---|\n");
    for key in keys() {
        if let Meaning::Refused(why, instead) = key.meaning {
            writeln!(page, "| `{}` | {why} | {} |", key.path, code(instead)).unwrap();
        }
    }
    page
}

fn code(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("`{key}`") }
}

/// Defaults are values or sentences.
fn code_or_words(default: &str) -> String {
    let is_value = serde_json::from_str::<Value>(default).is_ok();
    if is_value { format!("`{default}`") } else { default.to_owned() }
}

fn value(kind: Kind) -> String {
    match kind {
        Kind::Object => "object".into(),
        Kind::List => "list".into(),
        Kind::Text => "text".into(),
        Kind::Flag => "`true` or `false`".into(),
        Kind::Count { min, max } => format!("whole number, {min} to {max}"),
        Kind::Number { min, max } => format!("number, {min} to {max}"),
        Kind::Share => "replicas, or a part: `2`, `\"25%\"`".into(),
        Kind::Command => "text, or a list of words".into(),
        Kind::Duration => "`\"60s\"`, or seconds".into(),
        Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
    }
}

#[test]
fn service_json_is_documented() {
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(FILE, &page).unwrap();
    }
    let there = std::fs::read_to_string(FILE).unwrap_or_default();
    let differs = there.lines().zip(page.lines()).find(|(is, should)| is != should);
    assert!(there == page, "run UPDATE_DOCS=1 cargo test -p domain service_json; first difference: {differs:?}");
}
