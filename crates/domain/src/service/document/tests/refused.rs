//! What is refused, by its key.

use super::*;

#[test]
fn what_the_document_refuses() {
    for (member, said) in [
        (r#""metadata":{}"#, "metadata key_twice"),
        (r#""name":"other""#, "metadata.name key_twice"),
        (r#""metadata.instance":3"#, "metadata.instance key_twice"),
        (r#""containers":[{"image":"a"}]"#, "process one_of"),
        (r#""labels":{"a":"1","a":"2"}"#, "labels.a key_twice"),
        (r#""labels":{"a":1}"#, "labels.a wrong_kind"),
        (r#""metadata.rpc.rate_limits":3"#, "metadata.rpc.rate_limits unknown_key"),
        (r#""metadata.rpc.io_threads":4"#, "metadata.rpc.io_threads key_refused"),
        (r#""metadata.rpc.batching":true"#, "metadata.rpc.batching key_refused"),
        (r#""metadata.type":"Async""#, "metadata.type key_refused"),
        (r#""metadata.workspace_id":"12345""#, "metadata.workspace_id key_refused"),
        (r#""metadata.cpu":"2""#, "metadata.cpu wrong_kind"),
        (r#""metadata.cpu":0"#, "metadata.cpu cores"),
        (r#""metadata.memory":-5"#, "metadata.memory out_of_range"),
        (r#""metadata.memory":1.5"#, "metadata.memory out_of_range"),
        (r#""metadata.shm_size":1"#, "metadata.shm_size key_refused"),
        (r#""metadata.eas.termination_grace_period":1e99"#, "metadata.eas.termination_grace_period out_of_range"),
        (r#""metadata.rolling_strategy.max_surge":"200%""#, "metadata.rolling_strategy.max_surge wrong_kind"),
        (r#""cloud":{"computing":{"instances":[{"type":"x"}]}}"#, "cloud.computing key_refused"),
        (r#""cloud.networking.security_group_id":"sg-1""#, "cloud.networking.security_group_id key_refused"),
        (r#""process.port":8080"#, "process.port reserved_port"),
        (r#""process.port":9090"#, "process.port reserved_port"),
        (r#""process.port":80"#, "process.port out_of_range"),
        (r#""process.image":"a""#, "process.image unknown_key"),
        (r#""process.script":"a""#, "process.script one_of"),
        (r#""process.env":[{"name":"PORT","value":"1"}]"#, "process.env[0].name env_reserved"),
        (r#""process.env":[{"name":"A"},{"name":"A"}]"#, "process.env[1].name key_twice"),
        (r#""process.env":[{"nam":"A"}]"#, "process.env[0].nam unknown_key"),
        (
            r#""process.prepare.pythonRequirements":["--index-url=x"]"#,
            "process.prepare.pythonRequirements[0] requirement",
        ),
        (
            r#""process.readiness_check":{"http_get":{"path":"/","port":1234}}"#,
            "process.readiness_check.http_get.port key_refused",
        ),
        (r#""process.readiness_check":{"http_get":{},"tcp_socket":{}}"#, "process.readiness_check.tcp_socket one_of"),
        (r#""storage":[{"mount_path":"/m","oss":{"path":"oss://b"}}]"#, "storage[0].oss key_refused"),
        (r#""storage":[{"mount_path":"/m","host_path":{"path":"/n"}}]"#, "storage[0].mount_path key_refused"),
        (r#""storage":[{"mount_path":"/m/../etc","host_path":{"path":"/m"}}]"#, "storage[0].mount_path folder"),
        (r#""dockerAuth":"!""#, "dockerAuth key_refused"),
        (r#""token":"short""#, "token too_short"),
        (r#""token":"blanks are not fine""#, "token token_character"),
        (r#""networking.gateway":"my-gateway""#, "networking.gateway id"),
        (
            r#""networking.gateway_policy.rate_limit":{"limit":5}"#,
            "networking.gateway_policy.rate_limit.enable required",
        ),
        (
            r#""networking.gateway_policy.rate_limit":{"enable":true}"#,
            "networking.gateway_policy.rate_limit.limit required",
        ),
        (
            r#""networking.gateway_policy.load_balancing":{"policy":"coin"}"#,
            "networking.gateway_policy.load_balancing.policy choice",
        ),
        (
            r#""networking.gateway_policy.load_balancing":{"policy":"round_robin","hash_name":"x"}"#,
            "networking.gateway_policy.load_balancing.hash_name only_with",
        ),
        (r#""autoscaler":{"max":2}"#, "autoscaler.strategies no_target"),
        (r#""autoscaler":{"min":3,"max":2,"strategies":{"qps":1}}"#, "autoscaler.max out_of_range"),
        (r#""autoscaler":{"max":2,"strategies":{"gpu":1,"gpu[util]":2}}"#, "autoscaler.strategies.gpu[util] key_twice"),
        (r#""containers[0]":{}"#, "containers[0] unknown_key"),
        (r#""sinker":null"#, "sinker key_refused"),
    ] {
        let text = with(member);
        let said_now = wrong(&text);
        assert!(said_now.iter().any(|each| each == said), "{member}: {said_now:?}");
    }
}

#[test]
fn several_at_a_fixed_port() {
    let text = r#"{"metadata":{"name":"a","instance":2},"process":{"command":"m","port":8000}}"#;
    assert_eq!(wrong(text), ["process.port fixed_port_replicas"]);
    assert_eq!(
        wrong(r#"{"metadata":{"name":"a","instance":0},"process":{"command":"m"}}"#),
        ["metadata.instance replicas_zero"]
    );
    let containers = text.replace("\"process\":{", "\"containers\":[{\"image\":\"a\",").replace("8000}", "8000}]");
    assert_eq!(wrong(&containers), [""; 0], "each container has ports of its own");
}

#[test]
fn what_was_meant_is_suggested() {
    for (member, meant) in [
        (r#""metadata.rpc.rate_limits":3"#, "metadata.rpc.rate_limit"),
        (r#""metdata":{}"#, "metadata"),
        (r#""process.enviroment":[]"#, ""),
        (r#""process.comand":"x""#, "process.command"),
        (r#""process.startup_check":{"http_gt":{}}"#, "process.startup_check.http_get"),
        (r#""rate_limit":5"#, "metadata.rpc.rate_limit"),
        (r#""xyzzy":5"#, ""),
    ] {
        let errors = parse(&with(member)).expect_err("is unknown");
        let found = errors.iter().find_map(|each| match &each.error {
            Invalid::UnknownKey { nearest } => Some(nearest.as_str()),
            _ => None,
        });
        assert_eq!(found, Some(meant), "{member}");
    }
}

#[test]
fn hostile_documents() {
    assert_eq!(wrong(""), [" required"]);
    assert_eq!(wrong("[]"), [" wrong_kind", "metadata.name required", "containers required"]);
    assert_eq!(wrong("{\"a\":}"), [" json"]);
    assert_eq!(wrong(&"[".repeat(200_000)), [" json"], "depth has an end");
    assert_eq!(wrong(&" ".repeat(300_000)), [" required"]);
    assert_eq!(wrong(&format!("\"{}\"", "x".repeat(300_000))), [" too_long"]);
    let dots = format!("{{\"{}\":1}}", "a.".repeat(100_000));
    assert!(wrong(&dots).iter().all(|each| each.chars().count() < 200), "nothing long is repeated");
    let many: Vec<String> = (0..5000).map(|n| format!("\"k{n}\":1")).collect();
    assert_eq!(wrong(&format!("{{{}}}", many.join(","))).len(), MOST_ERRORS);
    let script = with(r#""</script><script>":"x\u0007""#);
    assert_eq!(wrong(&script), ["</script><script> unknown_key"]);
}

#[test]
fn no_error_repeats_a_secret() {
    let text = with(
        r#""token":"hunter2 hunter2 hunter2","dockerAuth":"hunter2","process.env":[{"name":"hunter 2","value":"hunter2"}]"#,
    );
    let errors = parse(&text).expect_err("is wrong");
    let said: String = errors.iter().map(|each| each.error.to_string()).collect();
    assert!(errors.len() >= 3 && !said.contains("hunter"), "{said}");
    let fine = parse(&with(r#""token":"hunter2hunter2hunter2""#)).expect("is taken");
    assert!(!format!("{fine:?}").contains("hunter"));
}

#[test]
fn credentials_that_are_none() {
    for (auth, said) in [("!", true), ("aHVudGVyMg==", true), ("Y2k6c2VjcmV0", false)] {
        let text = format!(r#"{{"metadata":{{"name":"a"}},"containers":[{{"image":"a"}}],"dockerAuth":"{auth}"}}"#);
        assert_eq!(wrong(&text).contains(&"dockerAuth docker_auth".to_owned()), said, "{auth}");
    }
}

#[test]
fn everything_is_told_at_once() {
    let found = wrong(r#"{"metadata":{"name":"Bad name","instance":0},"process":{"command":"'open","port":8080}}"#);
    for key in ["metadata.name", "metadata.instance", "process.command", "process.port"] {
        assert!(found.iter().any(|line| line.starts_with(key)), "{key} in {found:?}");
    }
}
