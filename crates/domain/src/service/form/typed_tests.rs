//! Edits of the form, of the document, and of both.

use super::*;
use crate::error::Invalid;
use crate::service::document::text;
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "metadata": { "name": "demo", "instance": 2, "cpu": 1 },
        "process": { "command": "run --fast" },
    })
}

fn typed(edit: impl FnOnce(&mut Form, &mut Value)) -> Typed {
    let (mut form, mut document) = (fill(&base()), base());
    edit(&mut form, &mut document);
    Typed { form: Some(form), document: text(&document), base: text(&base()) }
}

#[test]
fn nothing_edited_is_nothing_changed() {
    assert_eq!(typed(|_, _| ()).merged().expect("merges").document, fill_and_back());
}

#[test]
fn ends_of_lines_are_no_edit() {
    let mut sent = typed(|form, _| form.replicas = "3".into());
    sent.document = sent.document.replace('\n', "\r\n");
    assert_eq!(sent.merged().expect("merges").document["metadata"]["instance"], 3);
}

fn fill_and_back() -> Value {
    merge(&fill(&base()), &base())
}

#[test]
fn each_may_be_edited_and_both_at_once() {
    let in_form = typed(|form, _| form.replicas = "3".into()).merged().expect("merges");
    assert_eq!(in_form.document["metadata"]["instance"], 3);
    let in_json = typed(|_, document| document["metadata"]["cpu"] = json!(2)).merged().expect("merges");
    assert_eq!(in_json.form.expect("a form").cpu, "2", "the form shows what was written below");
    assert_eq!(in_json.document["metadata"]["cpu"], 2);
    let both = typed(|form, document| {
        form.replicas = "3".into();
        document["metadata"]["cpu"] = json!(2);
        document["metadata"]["memory"] = json!(512);
    });
    let both = both.merged().expect("merges").document;
    assert_eq!((&both["metadata"]["instance"], &both["metadata"]["cpu"]), (&json!(3), &json!(2)));
    assert_eq!(both["metadata"]["memory"], 512);
    let taken_away = typed(|form, document| {
        form.replicas = "3".into();
        document["metadata"].as_object_mut().expect("an object").remove("cpu");
    });
    assert_eq!(taken_away.merged().expect("merges").document["metadata"].get("cpu"), None);
}

#[test]
fn the_same_edit_twice_is_one_and_two_contradict() {
    let same = typed(|form, document| {
        form.replicas = "3".into();
        document["metadata"]["instance"] = json!(3);
    });
    assert_eq!(same.merged().expect("merges").document["metadata"]["instance"], 3);
    let two = typed(|form, document| {
        form.replicas = "3".into();
        document["metadata"]["instance"] = json!(4);
    });
    assert_eq!(two.merged().expect_err("contradict").get("replicas"), Some(&Invalid::ChangedTwice));
}

#[test]
fn a_document_alone_is_judged_by_key() {
    let alone = |document: &str| Typed { document: document.into(), ..Typed::default() };
    let service = alone(&text(&base())).merged().expect("reads").check().expect("is a service");
    assert_eq!((service.name.as_str(), service.replicas), ("demo", 2));
    let errors = alone(r#"{"metadata":{"name":"demo","instances":2},"process":{"command":"x"}}"#);
    let errors = errors.merged().expect("reads").check().expect_err("unknown key");
    assert!(errors.get("metadata.instances").is_some(), "{errors:?}");
    for (text, at) in [("{", "document"), ("", "document"), ("[]", "document")] {
        assert!(alone(text).merged().expect_err("unreadable").get(at).is_some(), "{text:?}");
    }
}

#[test]
fn a_form_alone_is_a_service() {
    let form = Form { name: "demo".into(), command: "run".into(), replicas: "1".into(), ..Form::default() };
    let service = Typed { form: Some(form), ..Typed::default() }.merged().expect("merges").check().expect("is one");
    assert_eq!(service.replicas, 1);
}

#[test]
fn metrics_written_in_another_way_stay() {
    let ways = [
        json!({ "min": 1, "max": 3, "scaleStrategies": [{ "metricName": "qps", "threshold": 10 }] }),
        json!({ "min": 1, "max": 3, "strategies": { "qps": 10 } }),
    ];
    for way in ways {
        let edited = typed(|_, document| document["autoscaler"] = way.clone()).merged().expect("merges");
        assert_eq!(edited.document["autoscaler"]["strategies"]["qps"], 10, "{way}");
        assert_eq!(edited.form.expect("a form").scale_qps, "10", "{way}");
    }
}
