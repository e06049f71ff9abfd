//! The two hosts, and what an operator does.

use crate::common::model::{deploy_command, token};
use crate::common::{Console, Product, http, until, within};
use crate::namespace::Namespace;
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

pub const ONE: &str = "10.77.0.1";
pub const TWO: &str = "10.77.0.2";

/// Says on which address it listens.
const WHERE: &str = "python3 -c \"import http.server,os;b=os.environ['HOST'].encode();http.server.ThreadingHTTPServer((os.environ['HOST'],int(os.environ['PORT'])),type('H',(http.server.BaseHTTPRequestHandler,),{'protocol_version':'HTTP/1.1','log_message':lambda *a:None,'do_GET':lambda s:[s.send_response(200),s.send_header('content-length',str(len(b))),s.end_headers(),s.wfile.write(b)]})).serve_forever()\"";

pub struct Stage {
    console: Console,
    one: Product,
    two: Product,
    gateway: String,
    service: String,
    pub token: String,
}

fn product(address: &str) -> Product {
    let mut product = Product::prepared();
    for option in ["http-addr", "dns-addr"] {
        product.options.push(format!("--{option}={address}:{}", if option == "http-addr" { 80 } else { 53 }));
    }
    product.options.extend(["--https-addr=off".into(), "--base-domain=gw.test".into()]);
    product
}

impl Stage {
    /// To be called on the first host.
    pub fn new() -> Self {
        let (mut one, two) = (product(ONE), product(TWO));
        one.options.push(format!("--link-addr={ONE}:7443"));
        one.serve();
        let console = one.administrator();
        Self { console, one, two, gateway: String::new(), service: String::new(), token: String::new() }
    }

    pub fn invite(&mut self) -> String {
        let command = self.console.call("host.invite", &[("name", "two"), ("zone", "local-b")]).ok();
        let command = command.as_str().unwrap().to_owned();
        let (start, token) = command.rsplit_once(' ').unwrap();
        assert_eq!(start, format!("inference-gateway join {ONE}:7443"));
        token.to_owned()
    }

    pub fn let_join(&mut self, host: &Namespace, token: &str) {
        let two = &mut self.two;
        host.within(|| {
            let wrong = format!("{}x", &token[..token.len() - 1]);
            let told = two.run(&["join", &format!("{ONE}:7443"), &wrong]);
            assert!(!told.status.success(), "{told:?}");
            let told = two.run(&["join", &format!("{ONE}:7443"), token]);
            assert!(told.status.success(), "{told:?}");
            two.spawn("serve");
        });
        assert!(!two.data.join("console.db").exists(), "there is no console");
    }

    pub fn cannot_join_again(&self, token: &str) {
        let other = Product::prepared();
        let told = other.run(&["join", &format!("{ONE}:7443"), token]);
        assert!(String::from_utf8_lossy(&told.stderr).contains("get a new one"), "{told:?}");
    }

    pub fn host(&mut self, name: &str) -> Option<Value> {
        let all = self.console.call("host.list", &[]).ok();
        all["hosts"].as_array().unwrap().iter().find(|host| host["name"] == name).cloned()
    }

    /// To the second.
    pub fn change(&mut self, endpoint: &str, fields: &[(&str, &str)]) {
        let host = self.host("two").unwrap();
        let revision = host["revision"].to_string();
        let mut all = vec![("id", host["id"].as_str().unwrap()), ("revision", revision.as_str())];
        all.extend(fields);
        self.console.call(endpoint, &all).ok();
    }

    pub fn refused(&mut self, endpoint: &str, status: u16, code: &str) {
        let host = self.host("two").unwrap();
        let revision = host["revision"].to_string();
        self.console
            .call(endpoint, &[("id", host["id"].as_str().unwrap()), ("revision", &revision)])
            .refused(status, code);
    }

    pub fn open_gateway(&mut self) {
        let console = &mut self.console;
        self.gateway = console.buy("first").id();
        console.change("gateway.set_portal", &self.gateway, &[("on", "true")]).ok();
        let fields = [("blocks", "10.77.0.0/24"), ("comment", "")];
        console.change("gateway.whitelist_add", &self.gateway, &fields).ok();
        until("the gateway", || (self.status() == "running").then_some(()));
    }

    pub fn deploy(&mut self) {
        self.service = deploy_command(&mut self.console, &self.gateway, ("where", WHERE), "2");
        within(Duration::from_secs(60), "a replica on each", || (self.replicas() == [ONE, TWO]).then_some(()));
        self.token = token(&mut self.console, &self.service);
    }

    pub fn status(&mut self) -> String {
        self.console.gateway(&self.gateway)["summary"]["status"].as_str().unwrap().into()
    }

    /// The hosts of the gateway's nodes.
    pub fn nodes(&mut self) -> Vec<String> {
        let read = self.console.gateway(&self.gateway);
        let mut hosts: Vec<String> =
            read["nodes"].as_array().unwrap().iter().map(|node| node["host"].as_str().unwrap().into()).collect();
        hosts.sort();
        hosts
    }

    /// Where ready replicas are, on hosts that answer.
    pub fn replicas(&mut self) -> Vec<String> {
        let lost = self.host("two").is_none_or(|host| host["status"] == "unknown");
        let read = self.console.service(&self.service);
        let ready = read["replicas"].as_array().unwrap().iter().filter(|each| each["state"] == "ready");
        let address = |each: &Value| each["address"].as_str().unwrap().split(':').next().unwrap().to_owned();
        let mut all: Vec<String> = ready.map(address).filter(|address| !lost || address != TWO).collect();
        all.sort();
        all
    }

    pub fn host_name(&self) -> String {
        format!("{}.local.gw.test", self.gateway)
    }

    pub fn door(&self, host: &str) -> SocketAddr {
        format!("{host}:80").parse().unwrap()
    }

    /// What the model says behind this host's door.
    pub fn ask(&self, host: &str) -> Result<String, String> {
        let headers = [("authorization", self.token.as_str()), ("host", &self.host_name())];
        match http::get_with(self.door(host), "/api/predict/where/", &headers) {
            Ok(answer) if answer.status == 200 => Ok(answer.body),
            Ok(answer) => Err(format!("{} {}", answer.status, answer.body)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// That the public name leads to these, as the first host's DNS says; skipped where there is no `dig`.
    pub fn leads_to(&self, addresses: &[&str]) {
        let asked = || Command::new("dig").args([&format!("@{ONE}"), "+short", "A", &self.host_name()]).output();
        if asked().is_err() {
            println!("names are not looked at: there is no dig; install Debian's bind9-dnsutils");
            return;
        }
        until("the name to lead there", || {
            let said = String::from_utf8(asked().unwrap().stdout).unwrap();
            let mut said: Vec<&str> = said.lines().collect();
            said.sort_unstable();
            (said == addresses).then_some(())
        });
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("== first host\n{}\n== second host\n{}", self.one.log(), self.two.log());
        }
    }
}
