use super::*;
use crate::service::document::{parse_value, print};
use crate::service::{Probe, Runtime};
use proptest::prelude::*;

fn examples(template: &Template) -> BTreeMap<String, String> {
    template.parameters.iter().map(|parameter| (parameter.name.to_owned(), parameter.example.to_owned())).collect()
}

#[test]
fn each_one_is_a_service_in_each_way() {
    for template in TEMPLATES {
        for way in template.ways {
            let document = template.document(*way, "demo", &examples(template)).expect("is filled in");
            let service = parse_value(&document).unwrap_or_else(|errors| panic!("{} {way:?}: {errors:?}", template.id));
            assert_eq!(parse_value(&print(&service)), Ok(service.clone()), "{}", template.id);
            let workload = &service.spec.workload;
            assert!(matches!(workload.readiness.method, Probe::Http { .. }), "{}: it is asked by HTTP", template.id);
            if !["sample", "openai_upstream"].contains(&template.id) {
                let startup = workload.startup.as_ref().expect("has time to load").pace;
                assert!(startup.period_seconds * startup.failures >= 3600, "{}", template.id);
                assert!(workload.grace_seconds >= 60);
            }
            let replica = workload.listening_on("127.0.0.1", 4321);
            let words = replica.command.join(" ");
            let says_port = words.contains("4321") || words.contains("$PORT");
            let is_told = template.id == "sample" || matches!(workload.runtime, Runtime::External { .. });
            assert!(says_port || is_told, "{}: {words}", template.id);
        }
    }
}

#[test]
fn what_is_missing_or_unknown_is_said() {
    let vllm = template("vllm").expect("there is one");
    let errors = vllm.document(Way::External, "a", &[("modle".to_owned(), "x".to_owned())].into()).expect_err("wrong");
    let fields: Vec<&str> = errors.0.iter().map(|each| each.field.as_str()).collect();
    assert_eq!(fields, ["runtime", "modle", "model"]);
    let many = [("model".to_owned(), "m".to_owned()), ("gpus".to_owned(), "many".to_owned())].into();
    let document = vllm.document(Way::Process, "a", &many).expect("is filled in");
    let errors = parse_value(&document).expect_err("no number");
    assert_eq!((errors[0].key.as_str(), errors[0].error.code().as_str()), ("metadata.gpu", "wrong_kind"));
}

#[test]
fn streams_keep_to_their_caches() {
    for id in ["vllm", "sglang", "llama_cpp"] {
        let template = template(id).expect("there is one");
        let document = template.document(Way::Process, "a", &examples(template)).expect("is filled in");
        let traffic = parse_value(&document).expect("is a service").spec.traffic;
        assert!(
            traffic.observe && matches!(traffic.balance, Some(crate::snapshot::Balance::PrefixAffinity { .. })),
            "{id}"
        );
    }
}

proptest! {
    /// Nothing that is filled in becomes another word, or a command.
    #[test]
    fn values_stay_values(value in "[^\\x00\\s][^\\x00]{0,20}[^\\x00\\s]") {
        let template = template("vllm").expect("there is one");
        let values = [("model".to_owned(), value.clone())].into();
        let document = template.document(Way::Process, "a", &values).expect("is filled in");
        if let Ok(service) = parse_value(&document) {
            prop_assert_eq!(&service.spec.workload.command[2], &value);
        }
        let template = super::template("torchserve").expect("there is one");
        let values = [("model_store".to_owned(), value.clone())].into();
        let document = template.document(Way::Process, "a", &values).expect("is filled in");
        let script = document["process"]["script"].as_str().expect("has one").to_owned();
        let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c));
        let quoted = format!("'{}'", value.replace('\'', r"'\''"));
        prop_assert!(script.contains(&quoted) || plain);
    }
}
