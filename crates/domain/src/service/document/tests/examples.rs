//! Documents as people have them.

use super::*;
use crate::service::{Metric, Probe, Runtime, Share, Target};

#[test]
fn the_documents_own_keys() {
    let text = r#"{
        "name": "demo",
        "metadata": {
            "instance": 2, "cpu": 2, "memory": 4000, "gpu": 1, "enable_grpc": true,
            "rpc.worker_threads": 5, "rpc": {"keepalive": 5000, "max_queue_size": 64, "rate_limit": 0},
            "eas.termination_grace_period": 45, "rolling_strategy": {"max_surge": "10%", "max_unavailable": 1},
            "gateway": "gw-abc", "group": "chat", "shm_size": 2, "qos": "", "rdma": 0
        },
        "cloud": {"networking": {"vpc_id": "vpc-bp1", "vswitch_id": "vsw-bp1"}},
        "containers": [{
            "image": "registry.example.com/model:1", "script": "cd /srv\npython app.py", "port": 8000,
            "env": [{"name": "A", "value": "1"}], "prepare": {"pythonRequirements": ["numpy==2.1"]},
            "startup_check": {"http_get": {"path": "/health", "port": 8000, "scheme": "HTTP"}, "failure_threshold": 300},
            "liveness_check": {"tcp_socket": {"port": 8000}}, "readiness_check": {"exec": {"command": ["/bin/true"]}}
        }],
        "dockerAuth": "Y2k6c2VjcmV0",
        "networking": {"gateway_policy": {
            "rate_limit": {"enable": true, "limit": 100}, "concurrency_limit": {"enable": false, "limit": 9}
        }},
        "storage": [{"mount_path": "/models", "host_path": {"path": "/srv/models", "readOnly": true}}],
        "autoscaler": {
            "min": 1, "max": 5, "scaleStrategies": [{"metricName": "gpu[util]", "threshold": 80}, {"metricName": "qps", "threshold": 10}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}}
        },
        "labels": {"team": "vision", "app.kubernetes.io/name": "demo"},
        "token": "0123456789abcdef"
    }"#;
    let service = parse(text).expect("is taken");
    assert_eq!((service.name.as_str(), service.replicas), ("demo", 2));
    assert_eq!(service.gateway_id.as_ref().map(|id| id.as_str()), Some("gw-abc"));
    assert_eq!(service.group.as_ref().map(|group| group.as_str()), Some("chat"));
    assert_eq!(service.labels.text(), "app.kubernetes.io/name=demo\nteam=vision");
    let workload = &service.spec.workload;
    assert!(matches!(&workload.runtime, Runtime::Container { credentials: Some(of), .. } if of.password == "secret"));
    assert_eq!(workload.command, ["/bin/sh", "-c", "cd /srv\npython app.py"]);
    assert_eq!((workload.fixed_port, workload.grace_seconds), (Some(8000), 45));
    assert_eq!(workload.startup.as_ref().map(|check| check.pace.failures), Some(300));
    assert_eq!(workload.readiness.method, Probe::Exec { command: vec!["/bin/true".into()] });
    assert_eq!(workload.resources.cpu_millis, Some(2000));
    assert_eq!((workload.resources.memory_mib, workload.resources.shm_mib), (Some(4000), Some(2048)));
    assert_eq!(workload.mounts[0].source, "/srv/models");
    let traffic = &service.spec.traffic;
    assert_eq!((traffic.rate, traffic.in_flight, traffic.replica_rate), (Some(100), None, None));
    assert_eq!((traffic.request_ms, traffic.replica_in_flight, traffic.queue), (Some(5000), Some(5), Some(64)));
    assert_eq!(service.spec.rollout.max_surge, Share::Percent(10));
    let scaling = service.scaling.as_ref().expect("scales");
    assert_eq!(scaling.targets, [Target { metric: Metric::Qps, value: 10 }, Target { metric: Metric::Gpu, value: 80 }]);
    assert_eq!(parse_value(&print(&service)), Ok(service), "the meaning stays");
}

#[test]
fn an_alb_gateway_takes_less() {
    let text = with(
        r#""networking":{"gateway_policy":{"concurrency_limit":{"enable":true,"limit":9}}},"metadata.rpc.keepalive":5000"#,
    );
    let service = parse(&text).expect("is taken");
    let keys: Vec<String> = service.check_for(&GatewayKind::Alb).into_iter().map(|each| each.key).collect();
    assert_eq!(keys, ["metadata.rpc.keepalive", "networking.gateway_policy.concurrency_limit"]);
    let spec = crate::spec::Spec::parse("2c4g").expect("there is one");
    let charge = crate::gateway::ChargeType::PostPaid;
    assert_eq!(service.check_for(&GatewayKind::FullyManaged { spec, nodes: 2, charge }), []);
}

#[test]
fn nothing_scales_to_zero_unasked() {
    let scaler = |inner: &str| with(&format!(r#""autoscaler":{{"max":3,"strategies":{{"qps":1}},{inner}}}"#));
    assert_eq!(wrong(&scaler(r#""min":0"#)), ["autoscaler.min replicas_zero"]);
    assert_eq!(wrong(&scaler(r#""behavior":{"onZero":{}}"#)), ["autoscaler.behavior.onZero key_refused"]);
    let service = parse(&scaler(r#""min":0,"scale_to_zero":true"#)).expect("was asked for");
    let scaling = service.scaling.expect("scales");
    assert_eq!((scaling.min, scaling.zero.map(|zero| zero.idle_seconds)), (1, Some(600)));
}

#[test]
fn what_runs_elsewhere() {
    let text = r#"{"metadata":{"name":"far"},"external":{"addresses":["192.0.2.7:8000","[2001:db8::7]:80"],
        "readiness_check":{"http_get":{"path":"/health"}}}}"#;
    let service = parse(text).expect("is taken");
    assert_eq!(service.replicas, 2);
    let more = |member: &str| text.replacen('{', &format!("{{{member},"), 1);
    assert_eq!(wrong(&more(r#""storage":[]"#)), ["storage key_refused"]);
    assert_eq!(wrong(&more(r#""metadata.cpu":1"#)), ["metadata.cpu key_refused"]);
    assert_eq!(wrong(&text.replace("192.0.2.7:8000", "model.example.com")), ["external.addresses[0] socket_address"]);
    assert_eq!(wrong(&text.replace("192.0.2.7:8000", "[2001:db8::7]:80")), ["external.addresses[1] key_twice"]);
    let twice = text.replace("192.0.2.7:8000", "[2001:db8::7]:80 weight=5");
    assert_eq!(wrong(&twice), ["external.addresses[1] key_twice"], "whatever it weighs");
    let heavy = text.replace("192.0.2.7:8000", "192.0.2.7:8000 weight=50");
    let service = parse(&heavy).expect("is taken");
    let weight = |address: &str| service.spec.workload.weight_of(address.parse().expect("an address"));
    assert_eq!((weight("192.0.2.7:8000"), weight("[2001:db8::7]:80")), (50, 100));
    assert_eq!(print(&service)["external"]["addresses"][0], "192.0.2.7:8000 weight=50");
    let usual = parse(&text.replace("192.0.2.7:8000", "192.0.2.7:8000 weight=100")).expect("is taken");
    assert_eq!(usual, parse(text).expect("is taken"), "the weight that it has anyway");
    let wrongly = text.replace("192.0.2.7:8000", "192.0.2.7:8000 weight=0");
    assert_eq!(wrong(&wrongly), ["external.addresses[0] socket_address"]);
}

/// Words that are longer as a line than a line may be, and a shell that is told nothing.
#[test]
fn odd_commands_survive() {
    for words in [vec!["m".to_owned(), "'".repeat(2000)], vec!["/bin/sh".to_owned(), "-c".to_owned(), " ".to_owned()]] {
        let mut service = parse(&with(r#""labels":{}"#)).expect("is taken");
        service.spec.workload.command = words;
        assert_eq!(parse_value(&print(&service)), Ok(service));
    }
}
