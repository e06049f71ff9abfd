use super::*;
use crate::service::arbitrary::service;
use crate::service::document::{parse_value, print};
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #[test]
    fn saving_without_an_edit_changes_nothing(service in service()) {
        let document = print(&service);
        prop_assert_eq!(merge(&fill(&document), &document), document);
    }

    /// What no field shows is only what this form leaves to the JSON.
    #[test]
    fn the_form_alone_says_it_all(service in service()) {
        let document = print(&service);
        let mut form = fill(&document);
        prop_assert_eq!(&fill(&merge(&form, &json!({}))), &form);
        // Nor is that shown again which is typed anew.
        form.registry_password = form.registry_user.clone();
        let written = merge(&form, &json!({}));
        let mut again = parse_value(&written).expect("is a service");
        again.token = service.token.clone();
        again.workspace_id = service.workspace_id.clone();
        let of = |service: &CheckedDraft| service.spec.workload.env.clone();
        prop_assert_eq!(of(&again), of(&service));
        prop_assert_eq!(again.scaling, service.scaling);
        prop_assert_eq!(again.spec.rollout, service.spec.rollout);
        prop_assert_eq!(again.spec.workload.mounts, service.spec.workload.mounts);
        prop_assert_eq!(again.spec.workload.liveness, service.spec.workload.liveness);
        prop_assert_eq!(again.replicas, service.replicas);
    }

    #[test]
    fn whatever_is_typed_is_shown_again(
        field in prop::sample::select(FIELDS.iter().map(|field| field.name).collect::<Vec<_>>()),
        typed in any::<String>(),
        service in service(),
    ) {
        let document = print(&service);
        let mut form = fill(&document);
        if let Some(text) = form.get_mut(field) {
            *text = typed;
        }
        let _ = check(&form, &document);
        let shown = fill(&merge(&form, &document));
        if ["name", "group", "replicas", "cpu", "gateway", "max_surge", "grace"].contains(&field)
            && FIELDS.iter().any(|each| each.name == field && each.is_of(form.way()))
        {
            let typed = form.clean();
            prop_assert_eq!(shown.get(field), typed.get(field));
        }
    }
}

#[test]
fn nothing_unknown_is_dropped() {
    let base = json!({
        "name": "demo", "xyzzy": {"a": 1}, "metadata.rpc.io_threads": 4,
        "containers": [{"image": "a:1", "command": "run", "future": true, "env": [{"name": "A", "value": "1", "note": "x"}]}, {"image": "b"}],
        "storage": [{"mount_path": "/oss", "oss": {"path": "oss://b"}}, {"mount_path": "/m", "host_path": {"path": "/m"}}],
    });
    let mut form = fill(&base);
    assert_eq!((form.name.as_str(), form.mounts.as_str(), form.env.as_str()), ("demo", "/m:/m", "A=1"));
    form.env = "A=2\nB=x=y\nC=\"two\\nlines\"".into();
    form.mounts = "/n:/m:ro".into();
    form.replicas = "3".into();
    let merged = merge(&form, &base);
    assert_eq!(merged["xyzzy"], json!({"a": 1}));
    assert_eq!(merged["metadata"]["rpc"]["io_threads"], 4);
    assert_eq!(merged["containers"][0]["future"], true);
    assert_eq!(merged["containers"][1]["image"], "b");
    assert_eq!(merged["containers"][0]["env"][0], json!({"name": "A", "value": "2", "note": "x"}));
    assert_eq!(merged["containers"][0]["env"][2]["value"], "two\nlines");
    assert_eq!(merged["storage"][0]["oss"]["path"], "oss://b");
    assert_eq!(merged["storage"][1], json!({"mount_path": "/m", "host_path": {"path": "/n", "readOnly": true}}));
    assert_eq!(merged["metadata"]["instance"], 3);
}

#[test]
fn another_way_to_run() {
    let base = json!({"metadata": {"name": "a", "instance": 2, "shm_size": 1}, "containers": [{"image": "a:1", "command": "run",
        "readiness_check": {"http_get": {"path": "/health"}}}], "dockerAuth": "Y2k6c2VjcmV0"});
    let process = merge(&Form { runtime: "process".into(), ..fill(&base) }, &base);
    assert_eq!(process["process"]["command"], "run");
    assert!(parse_value(&process).is_ok(), "{process}");
    let addresses = "192.0.2.7:80\r\n192.0.2.8:80".into();
    let external = merge(&Form { runtime: "external".into(), addresses, ..fill(&base) }, &base);
    let service = parse_value(&external).expect("is a service");
    assert_eq!(service.replicas, 2);
    assert_eq!(external["external"]["readiness_check"]["http_get"]["path"], "/health");
}

/// The form begins with a process and its one replica, of which nothing else was said.
#[test]
fn another_way_to_run_from_the_beginning() {
    let base = json!({"metadata": {"name": "demo", "instance": 1}});
    let addresses = "192.0.2.7:80".into();
    let form = Form { runtime: "external".into(), addresses, ..fill(&base) };
    assert!(check(&form, &base).is_ok(), "{:?}", check(&form, &base));
    let container = Form { runtime: "container".into(), image: "a:1".into(), ..fill(&base) };
    assert_eq!(merge(&container, &base)["metadata"]["instance"], 1);
    // What no field of this way shows is told by its key.
    let written = json!({"metadata": {"name": "demo", "instance": 1}, "external": {"addresses": ["192.0.2.7:80"]}});
    let errors = check(&fill(&written), &written).expect_err("means nothing");
    assert_eq!(errors.0[0].field, "metadata.instance");
}

#[test]
fn secrets_are_kept_and_not_shown() {
    let base = json!({"metadata": {"name": "a"}, "containers": [{"image": "a:1"}], "dockerAuth": "Y2k6c2VjcmV0",
        "token": "0123456789abcdef"});
    let form = fill(&base);
    assert_eq!((form.registry_user.as_str(), form.registry_password.as_str(), form.token.as_str()), ("ci", "", ""));
    assert_eq!(merge(&form, &base), base);
    let other = merge(&Form { registry_password: "other".into(), ..form.clone() }, &base);
    assert_eq!(other["dockerAuth"], "Y2k6b3RoZXI=");
    let none = merge(&Form { registry_user: String::new(), ..form.clone() }, &base);
    assert_eq!(none.get("dockerAuth"), None);
    assert!(!format!("{:?}", Form { env: "A=hidden".into(), ..form }).contains("hidden"));
}

#[test]
fn what_is_missing_is_missing_where_it_is_typed() {
    for (runtime, field) in [("process", "command"), ("", "command"), ("container", "image"), ("external", "addresses")]
    {
        let form = Form { name: "demo".into(), runtime: runtime.into(), replicas: String::new(), ..Form::default() };
        let errors = check(&form, &json!({})).expect_err("is wrong");
        let found: Vec<_> = errors.0.iter().map(|each| (each.field.as_str(), &each.error)).collect();
        assert_eq!(found, [(field, &Invalid::Required)], "{runtime}");
    }
}

#[test]
fn errors_have_their_fields() {
    let form = Form {
        name: "No".into(),
        replicas: "many".into(),
        env: "A=1\nnonsense".into(),
        port: "8080".into(),
        rate: "0".into(),
        startup_method: "http".into(),
        startup_path: "health".into(),
        mounts: "/a:/b".into(),
        scale_max: "3".into(),
        ..Form::default()
    };
    let errors = check(&form, &json!({"metadata.cuda": "11"})).expect_err("is wrong");
    let found: std::collections::BTreeSet<&str> = errors.0.iter().map(|each| each.field.as_str()).collect();
    let wanted = [
        "autoscaler.strategies",
        "command",
        "env",
        "metadata.cuda",
        "mounts",
        "name",
        "port",
        "rate",
        "replicas",
        "startup_path",
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), wanted);
    assert_eq!(errors.get("env"), Some(&crate::Invalid::EnvLine { line: 2 }));
}

#[test]
fn what_an_update_changes() {
    let old = json!({"name": "a", "metadata": {"instance": 1, "cpu": 1}, "token": "0123456789abcdef",
        "process": {"command": "m", "env": [{"name": "A", "value": "hidden"}]}});
    let new = json!({"metadata": {"name": "a", "instance": 2}, "token": "fedcba9876543210",
        "process": {"command": "m", "env": [{"name": "B", "value": "1"}, {"name": "A", "value": "secret"}]}});
    let changes = diff(&old, &new);
    let keys: Vec<&str> = changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(keys, ["metadata.cpu", "metadata.instance", "process.env.A", "process.env.B", "token"]);
    assert_eq!((changes[1].before.as_deref(), changes[1].after.as_deref()), (Some("1"), Some("2")));
    assert_eq!(changes[0].after, None);
    let said = format!("{changes:?}");
    assert!(changes[2].hidden && !said.contains("hidden\\") && !said.contains("secret") && !said.contains("fedcba"));
    assert_eq!(diff(&old, &old), []);
}

#[test]
fn what_it_takes() {
    let document = json!({"metadata": {"name": "a", "instance": 3, "cpu": 0.5, "memory": 100, "gpu": 2},
        "process": {"command": "m"}, "autoscaler": {"max": 5, "strategies": {"qps": 1}}});
    let capacity = summary(&parse_value(&document).expect("is a service"));
    let all = Capacity { replicas: 3, most: 5, cpu_millis: Some(1500), memory_mib: Some(300), gpus: 6 };
    assert_eq!(capacity, all);
}

#[test]
fn every_field_has_its_key() {
    for field in FIELDS {
        let key = field.at(if field.of == Of::External { "external" } else { "container" });
        assert!(document::key_of(&key).is_some(), "{}: there is no {key}", field.name);
        let shown_by = field_of(&key);
        assert!(shown_by == Some(field.name) || field.name == "registry_password", "{}: {shown_by:?}", field.name);
    }
}
