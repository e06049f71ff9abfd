//! A product, and an ACME server that looks for answers on its ports.

use crate::common::curl::curl;
use crate::common::{Console, Product, within};
use crate::harness::pebble::{Options, Pebble};
use crate::relay::Relay;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use std::time::Duration;

pub struct Stage {
    pub product: Product,
    pub console: Console,
    pub pebble: Pebble,
    /// With `pebble`.
    pub account: String,
    /// Asks the product's own DNS server, by way of `relay`.
    second: Pebble,
    pub relay: Relay,
}

impl Stage {
    /// `None` where there is no Pebble.
    pub fn open(test: &str, options: &Options) -> Option<Self> {
        let mut product = Product::prepared();
        let looks_at = Some((product.ports.http().port(), product.ports.https().port()));
        let pebble = Pebble::start(test, &Options { looks_at, ..*options })?;
        let relay = Relay::start(product.ports.dns());
        let second = Pebble::start(test, &Options { resolver: Some(relay.address), ..Options::default() })?;
        let roots = product.home().join("acme-roots.pem");
        std::fs::write(&roots, format!("{}{}", pebble.root, second.root)).unwrap();
        product.options.push(format!("--acme-ca={}", roots.display()));
        product.serve();
        let console = product.administrator();
        let mut stage = Self { product, console, pebble, account: String::new(), second, relay };
        let issuers: String = [&stage.pebble, &stage.second].map(|each| stage.issuer(each)).join("\n");
        std::fs::write(stage.root(), issuers).unwrap();
        stage.account = stage.register(&stage.pebble.url.clone());
        Some(stage)
    }

    /// What an ACME server signs with, which it made when it started.
    fn issuer(&self, pebble: &Pebble) -> String {
        let url = format!("https://127.0.0.1:{}/roots/0", pebble.management);
        // curl looks at one of several roots with the same name only.
        let root = self.product.home().join("acme-root.pem");
        std::fs::write(&root, &pebble.root).unwrap();
        let issuer = curl(&["--cacert", root.to_str().unwrap(), &url]);
        assert_eq!(issuer.status, "200");
        issuer.body
    }

    fn root(&self) -> String {
        self.product.home().join("issuers.pem").to_str().unwrap().to_owned()
    }

    /// An account with a server that asks the product's own DNS server about names.
    pub fn second(&mut self) -> String {
        self.register(&self.second.url.clone())
    }

    pub fn register(&mut self, directory: &str) -> String {
        let fields = [("directory", directory), ("contact", "ops@example.com")];
        let refused = self.console.call("acme.register", &fields);
        assert!(refused.answer.body.contains("terms_not_agreed"), "{}", refused.answer.body);
        let agreed = [fields[0], fields[1], ("terms_agreed", "true")];
        self.console.call("acme.register", &agreed).ok();
        let start = self.console.call("acme.start", &[]).ok();
        let accounts = start["accounts"].as_array().unwrap();
        let own = accounts.iter().find(|account| account["directory"] == directory).expect("the account");
        own["id"].as_str().unwrap().to_owned()
    }

    /// Open to the Internet, and nobody is on its whitelist.
    pub fn gateway(&mut self) -> String {
        let gateway = self.console.buy("first").id();
        self.console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
        gateway
    }

    pub fn order(&mut self, account: &str, name: &str, names: &str, challenge: &str) -> String {
        let fields = [("account", account), ("name", name), ("names", names), ("challenge", challenge)];
        self.console.call("acme.order", &fields).id()
    }

    pub fn certificate(&mut self, id: &str) -> Value {
        self.console.call("certificate.read", &[("id", id)]).ok()
    }

    pub fn certificates(&mut self) -> Vec<Value> {
        self.console.call("certificate.list", &[]).ok().as_array().unwrap().clone()
    }

    #[track_caller]
    pub fn issued(&mut self, id: &str, patience: Duration) -> Value {
        let mut last = Value::Null;
        let issued = within(patience, "the certificate", || {
            last = self.certificate(id);
            let is_hopeless = last["acme"]["order"]["failed"].as_u64().unwrap() > 2;
            assert!(!is_hopeless, "{last}");
            (!last["facts"].is_null()).then(|| last.clone())
        });
        println!("issued {}", issued["facts"]["names"]);
        issued
    }

    pub fn bind(&mut self, gateway: &str, host: &str, certificate: &str) {
        let fields = [("id", gateway), ("host", host), ("side", "public"), ("certificate", certificate)];
        self.console.call("domain.create", &fields).ok();
    }

    /// Words for curl: the bare root over HTTPS, trusting the ACME server's authority alone.
    pub fn visit(&self, host: &str) -> Vec<String> {
        let mut words = self.visit_without_root(host);
        words.extend(["--cacert".into(), self.root()]);
        words
    }

    pub fn visit_without_root(&self, host: &str) -> Vec<String> {
        let port = self.product.ports.https().port();
        let url = format!("https://{host}:{port}/");
        vec!["--resolve".into(), format!("{host}:{port}:127.0.0.1"), url]
    }
}

/// Of the first certificate in a PEM text.
pub fn fingerprint(pem: &str) -> String {
    let start = pem.find("-----BEGIN").unwrap();
    let der = CertificateDer::from_pem_slice(&pem.as_bytes()[start..]).unwrap();
    domain::secret::Digest256::of(&der).to_string()
}
