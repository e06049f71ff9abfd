//! Each template, as the console's user deploys it: its program (played by the recorder, which takes the flags that the
//! program has and no others) becomes ready and answers through the gateway; with a flag that it lacks it says so.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::http::{Answer, Http};
use common::model::{open_gateway, token};
use common::services::{deploy, running};
use common::{Console, Product, until};
use domain::service::templates::{TEMPLATES, Template, Way};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, symlink};

const RECORDER: &str = env!("CARGO_BIN_EXE_played-model");
const PROGRAMS: [&str; 6] = ["vllm", "python3", "llama-server", "tritonserver", "text-embeddings-router", "torchserve"];

/// A folder in which the recorder goes by the name of each program, where every user may look.
fn programs(product: &Product) -> String {
    let folder = product.home().join("programs");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(RECORDER, folder.join("recorder")).unwrap();
    for path in [folder.clone(), folder.join("recorder")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    PROGRAMS.iter().for_each(|program| symlink("recorder", folder.join(program)).unwrap());
    folder.display().to_string()
}

/// Filled in with its own examples, on a host without GPUs.
fn filled(template: &Template, way: Way, name: &str, gateway: &str) -> Value {
    let values = template.parameters.iter().filter(|each| each.only.is_none_or(|only| only == way));
    let values = values.map(|each| (each.name.to_owned(), each.example.to_owned())).collect();
    let mut document = template.document(way, name, &values).unwrap();
    document["networking"]["gateway"] = json!(gateway);
    document["metadata"].as_object_mut().unwrap().remove("gpu");
    document
}

/// The played programs are found before all others.
fn played(document: &mut Value, programs: &str) {
    let path = json!({ "name": "PATH", "value": format!("{programs}:/usr/bin:/bin") });
    match document["process"]["env"].as_array_mut() {
        Some(env) => env.push(path),
        None => document["process"]["env"] = json!([path]),
    }
}

fn ask(console: &mut Console, door: SocketAddr, service: &str, path: &str) -> Answer {
    let name = console.service(service)["summary"]["name"].as_str().unwrap().to_owned();
    let token = token(console, service);
    let path = format!("/api/predict/{name}{path}");
    until(&format!("{name} to answer"), || {
        let answer = Http::connect(door).ok()?.get(&path, &[("Authorization", &token)]).ok()?;
        (answer.status == 200).then_some(answer)
    })
}

#[test]
fn each_starts_and_answers_or_says_what_is_wrong() {
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let programs = programs(&product);
    let of_process = TEMPLATES.iter().filter(|template| template.ways.contains(&Way::Process));
    let (mut good, mut bad) = (Vec::new(), BTreeMap::new());
    for template in of_process {
        let document = filled(template, Way::Process, template.id, &gateway);
        if template.id == "sample" {
            good.push((template, deploy(&mut console, &document)));
            continue;
        }
        let mut right = document.clone();
        played(&mut right, &programs);
        good.push((template, deploy(&mut console, &right)));

        let key = if document["process"]["script"].is_string() { "script" } else { "command" };
        let command = document["process"][key].as_str().unwrap();
        let flag = command.split([' ', '=', '\'', '\n']).find(|word| word.starts_with("--")).unwrap();
        let typo = format!("{flag}-typo");
        let mut wrong = document.clone();
        wrong["metadata"]["name"] = json!(format!("{}_wrong", template.id));
        wrong["process"][key] = json!(command.replacen(flag, &typo, 1));
        played(&mut wrong, &programs);
        bad.insert(deploy(&mut console, &wrong), typo);
    }
    assert_eq!((good.len(), bad.len()), (7, 6), "a template is missing");

    let mut sample = None;
    for (template, service) in good {
        let read = running(&mut console, &service, 1);
        println!("{} is ready", template.id);
        if template.id == "sample" {
            sample = Some(read["replicas"][0]["address"].as_str().unwrap().to_owned());
            assert!(ask(&mut console, door, &service, "/v1/models").body.contains("sample"));
            continue;
        }
        let recorded = ask(&mut console, door, &service, "/recorded").body;
        let example = template.parameters.iter().find(|each| each.required).unwrap().example;
        assert!(recorded.contains(example), "{}: {recorded}", template.id);
    }
    for (service, typo) in bad {
        let mut seen = Value::Null;
        until(&format!("{typo} to be refused"), || {
            seen = console.service(&service);
            let replica = &seen["replicas"][0];
            let said = format!("{} {}", replica["detail"], replica["last_lines"]);
            (replica["state"] == "back_off" && said.contains(&typo)).then_some(())
        });
        assert_eq!(seen["summary"]["status"], "failed", "{seen:#}");
        println!("{}: {}", seen["summary"]["name"], seen["replicas"][0]["detail"]);
    }

    // What runs elsewhere already: the sample, by its address alone.
    let elsewhere = TEMPLATES.iter().find(|template| template.ways == [Way::External]).unwrap();
    let values = [("addresses", sample.unwrap()), ("health_path", "/health".into())];
    let values = values.map(|(name, value)| (name.to_owned(), value)).into();
    let mut document = elsewhere.document(Way::External, elsewhere.id, &values).unwrap();
    document["networking"]["gateway"] = json!(gateway);
    let service = deploy(&mut console, &document);
    running(&mut console, &service, 1);
    assert!(ask(&mut console, door, &service, "/v1/models").body.contains("sample"));
}
