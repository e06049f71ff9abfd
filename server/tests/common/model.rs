//! A gateway that is open to this host, and the sample model behind it.

use super::http::{Answer, Http, get};
use super::{Console, Product, until};
use std::io;
use std::net::SocketAddr;

pub struct Model {
    pub gateway: String,
    pub service: String,
    pub token: String,
    /// The gateway's own port.
    pub door: SocketAddr,
}

/// A gateway whose portal is on and whose list lets loopback in, served by the engine.
pub fn open_gateway(console: &mut Console, name: &str) -> (String, SocketAddr) {
    let gateway = console.buy(name).id();
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    console.change("gateway.whitelist_add", &gateway, &[("blocks", "127.0.0.1/32"), ("comment", "tests")]).ok();
    until("the portal", || (console.gateway(&gateway)["internet"]["status"] == "activated").then_some(()));
    let door = own_door(console, &gateway);
    until("the gateway to greet", || get(door, "/").ok().filter(|answer| answer.status == 200));
    (gateway, door)
}

pub fn own_door(console: &mut Console, gateway: &str) -> SocketAddr {
    let read = console.gateway(gateway);
    let endpoints = read["internet"]["endpoints"].as_array().unwrap();
    let port = endpoints.iter().find(|endpoint| endpoint["door"] == "port").unwrap();
    port["url"].as_str().unwrap().trim_start_matches("http://").parse().unwrap()
}

pub fn deploy(console: &mut Console, gateway: &str, name: &str, replicas: &str) -> String {
    deploy_command(console, gateway, (name, "inference-gateway sample-model"), replicas)
}

/// Another program; it answers on `/health`.
pub fn deploy_command(console: &mut Console, gateway: &str, of: (&str, &str), replicas: &str) -> String {
    let draft = [
        ("draft[name]", of.0),
        ("draft[command]", of.1),
        ("draft[env]", ""),
        ("draft[port]", ""),
        ("draft[replicas]", replicas),
        ("draft[readiness_method]", "http"),
        ("draft[readiness_path]", "/health"),
        ("draft[gateway]", gateway),
    ];
    console.call("service.deploy", &draft).id()
}

pub fn token(console: &mut Console, service: &str) -> String {
    let id = console.service(service)["invocation"]["tokens"][0]["id"].as_str().unwrap().to_owned();
    console.call("token.reveal", &[("service", service), ("id", &id)]).ok().as_str().unwrap().to_owned()
}

impl Model {
    pub fn start(_product: &Product, console: &mut Console) -> Self {
        let (gateway, door) = open_gateway(console, "first");
        let service = deploy(console, &gateway, "sample", "2");
        until("both replicas", || (console.service(&service)["summary"]["status"] == "running").then_some(()));
        let model = Self { token: token(console, &service), gateway, service, door };
        until("the model", || model.ask().ok().filter(|answer| answer.status == 200));
        model
    }

    /// One question over a connection of its own.
    pub fn ask(&self) -> io::Result<Answer> {
        Http::connect(self.door)?.get("/api/predict/sample", &[("Authorization", &self.token)])
    }

    pub fn answers(&self) -> bool {
        self.ask().is_ok_and(|answer| answer.status == 200 && answer.body == "True\n")
    }
}
