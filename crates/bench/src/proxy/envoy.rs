//! Envoy's parts are JSON, which is YAML as well: a thousand routes are no text to be edited by hand.

use super::Doors;
use crate::process::{PROXY_CORE, Process};
use crate::scene::{Answers, FAST, HOSTS, Scene, Service, host};
use crate::template::fill;
use anyhow::Result;
use serde_json::{Value, json};
use std::path::Path;

const MAIN: &str = include_str!("../../peers/envoy.yaml");
const MANAGER: &str = include_str!("../../peers/envoy-manager.yaml");
const ANY: &str = "type.googleapis.com";

pub fn start(scene: &Scene, program: &Path, doors: Doors, folder: &Path, log: &Path) -> Result<Process> {
    let hosts: Vec<Value> = (0..HOSTS).map(|number| virtual_host(scene, number)).collect();
    let principals: Vec<Value> = scene.whitelist.iter().map(|block| principal(block)).collect();
    let clusters: Vec<Value> = scene.services.iter().map(|service| cluster(scene, service)).collect();
    let manager = fill(
        MANAGER,
        &[
            ("log", &log.display().to_string()),
            ("virtual_hosts", &Value::from(hosts).to_string()),
            ("principals", &Value::from(principals).to_string()),
        ],
    );
    let text = fill(
        MAIN,
        &[
            ("dir", &folder.display().to_string()),
            ("http_port", &doors.http.port().to_string()),
            ("https_port", &doors.https.port().to_string()),
            ("metrics_port", &doors.metrics.port().to_string()),
            ("manager", &manager),
            ("clusters", &Value::from(clusters).to_string()),
        ],
    );
    let conf = folder.join("envoy.yaml");
    std::fs::write(&conf, text)?;
    let mut arguments = vec!["-c".into(), conf.display().to_string()];
    arguments.extend(["--concurrency", "1", "--log-level", "warn", "--disable-hot-restart"].map(String::from));
    Process::start("Envoy", PROXY_CORE, program, &arguments, &folder.join("out"))
}

fn principal(block: &str) -> Value {
    let (address, length) = block.split_once('/').unwrap_or((block, "32"));
    json!({"direct_remote_ip": {"address_prefix": address, "prefix_len": length.parse::<u8>().unwrap_or(32)}})
}

/// A tree instead of a list of routes: the list is searched from its beginning for every request.
fn virtual_host(scene: &Scene, number: usize) -> Value {
    let here = scene.services.iter().filter(|service| service.host == number);
    let action = |service: &Service| {
        let route = json!({"name": service.name, "typed_config": route(service)});
        (service.prefix(), json!({"action": route}))
    };
    let input = format!("{ANY}/envoy.type.matcher.v3.HttpRequestHeaderMatchInput");
    json!({
        "name": host(number),
        "domains": [host(number), format!("{}:*", host(number))],
        "request_headers_to_remove": ["authorization"],
        "matcher": {"matcher_tree": {
            "input": {"name": "path", "typed_config": {"@type": input, "header_name": ":path"}},
            "prefix_match_map": {"map": here.map(action).collect::<serde_json::Map<_, _>>()},
        }},
    })
}

fn route(service: &Service) -> Value {
    let keys = format!("{ANY}/envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuthPerRoute");
    let rate = format!("{ANY}/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit");
    let always = json!({"default_value": {"numerator": 100, "denominator": "HUNDRED"}});
    // Its bucket has a lock-free counter, refilled once a second.
    let bucket = json!({"max_tokens": service.rate, "tokens_per_fill": service.rate, "fill_interval": "1s"});
    json!({
        "@type": format!("{ANY}/envoy.config.route.v3.Route"),
        "match": {"prefix": service.prefix()},
        "route": {"cluster": service.name, "prefix_rewrite": "/", "timeout": "0s"},
        "typed_per_filter_config": {
            "keys": {"@type": keys, "credentials": [{"key": service.token, "client": service.name}]},
            "rate": {"@type": rate, "stat_prefix": "rate", "token_bucket": bucket,
                "filter_enabled": always, "filter_enforced": always},
        },
    })
}

fn cluster(scene: &Scene, service: &Service) -> Value {
    let backend = scene.backends.of(service.answers);
    let address = json!({"address": "127.0.0.1", "port_value": backend.port()});
    let endpoint = json!({"endpoint": {"address": {"socket_address": address}}});
    let mut cluster = json!({
        "name": service.name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": service.name, "endpoints": [{"lb_endpoints": [endpoint]}]},
        // The default of 1024 is a limit, not a protection.
        "circuit_breakers": {"thresholds": [
            {"max_connections": FAST, "max_pending_requests": FAST, "max_requests": FAST, "max_retries": 1024}
        ]},
    });
    if service.answers == Answers::Grpc {
        cluster["typed_extension_protocol_options"] = json!({
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": format!("{ANY}/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
                "explicit_http_config": {"http2_protocol_options": {}},
            },
        });
    }
    cluster
}
