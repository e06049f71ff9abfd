//! The shared listener over TLS, with the certificate that the installation makes itself.
#![allow(clippy::unwrap_used)]

mod common;

use common::curl::curl;
use common::model::{deploy, token};
use common::{Product, until};

#[test]
fn the_root_is_all_that_a_client_needs() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let gateway = console.buy("first").id();
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    console.change("gateway.whitelist_add", &gateway, &[("blocks", "127.0.0.1/32"), ("comment", "")]).ok();
    let service = deploy(&mut console, &gateway, "sample", "1");
    let token = format!("Authorization: {}", token(&mut console, &service));

    let urls = console.gateway(&gateway)["internet"]["endpoints"].clone();
    let url = urls.as_array().unwrap().iter().find(|each| each["door"] == "name_tls").unwrap()["url"].clone();
    let url = format!("{}/api/predict/sample", url.as_str().unwrap());
    // As somebody without an account: the root is public.
    let root = product.home().join("downloaded.pem");
    let root = root.to_str().unwrap();
    let download = format!("http://{}/local-ca.pem", product.console_address());
    assert_eq!(curl(&["-o", root, &download]).status, "200");

    let trusting = ["--cacert", root, "-H", &token, &url];
    until("the model", || (curl(&trusting).body.trim() == "True").then_some(()));
    assert_eq!(curl(&["-H", &token, &url]).exit, 60, "nobody else vouches for it");
    assert_eq!(curl(&["--cacert", root, &url]).status, "401");
    // By address there is no name to choose a gateway by, but it is encrypted all the same.
    let by_address = format!("https://{}/", product.ports.https());
    assert!(curl(&["--cacert", root, &by_address]).body.contains("NoSuchGateway"));

    // A console that comes again has made neither another authority nor another certificate.
    let shown = certificate(root, &url);
    assert!(shown.contains("BEGIN CERTIFICATE"), "{shown}");
    product.kill9_and_wait("console");
    product.wait_for_console();
    assert_eq!(curl(&trusting).body.trim(), "True");
    product.stop();
    product.serve();
    product.wait_for_console();
    until("the model again", || (curl(&trusting).body.trim() == "True").then_some(()));
    assert_eq!(certificate(root, &url), shown);
    assert_eq!(common::read(&product.home().join("data/tls/local-ca.pem")), std::fs::read_to_string(root).unwrap());
    for secret in ["local-ca.sealed", "gateways.sealed"] {
        assert!(!common::read(&product.home().join("data/tls").join(secret)).contains("PRIVATE KEY"), "{secret}");
    }
}

fn certificate(root: &str, url: &str) -> String {
    curl(&["--cacert", root, "-w", "%{certs}\n%{http_code}", "-o", "/dev/null", url]).body
}

#[test]
fn off_means_off() {
    let product = Product::with(&["--https-addr=off"]);
    let mut console = product.administrator();
    let gateway = console.buy("first").id();
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    until("the portal", || (console.gateway(&gateway)["internet"]["status"] == "activated").then_some(()));
    let urls = console.gateway(&gateway)["internet"]["endpoints"].to_string();
    assert!(urls.contains("http://") && !urls.contains("https://"), "{urls}");
    assert_eq!(curl(&[&format!("https://{}/", product.ports.https())]).exit, 7);
}
