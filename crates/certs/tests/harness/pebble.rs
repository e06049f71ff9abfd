//! Pebble, an ACME server for tests, with its DNS server, on loopback ports of this test's own.

use super::{authority, sign};
use certs::acme::Server;
use rcgen::{CertificateParams, DnType};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct Pebble {
    children: Vec<Child>,
    dir: TempDir,
    pub url: String,
    /// PEM: signs the server's own TLS certificate.
    pub root: String,
    /// Where it looks for answers.
    pub http_port: u16,
    pub tls_port: u16,
    /// Of the DNS server, HTTP.
    pub dns_management: u16,
    /// HTTPS with the same certificate as `url`: tells what it signs with, at `/roots/0`.
    pub management: u16,
}

#[derive(Default)]
pub struct Options {
    /// Percent of good nonces that are refused.
    pub refused_nonces: u8,
    /// Key id and base64url key.
    pub external: Option<(&'static str, &'static str)>,
    /// Percent of proofs that are used again.
    pub reused_proofs: u8,
    pub blocked: &'static [&'static str],
    /// Where it looks for answers over HTTP and TLS, if not on ports of its own choice.
    pub looks_at: Option<(u16, u16)>,
    /// A DNS server that it asks instead of its own.
    pub resolver: Option<SocketAddr>,
    /// Of its certificates, seconds.
    pub validity: Option<u64>,
    /// It takes up to so many seconds before it looks.
    pub hesitates: Option<u8>,
}

/// Free ports below those that systems give to outgoing connections (from 32768), since nothing holds them until a
/// server is started; other processes that run these tests start looking elsewhere.
pub fn ports<const N: usize>() -> [u16; N] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id() % 100 * 100;
    let port = |turn: u32| 20_000 + u16::try_from((first + turn) % 10_000).unwrap();
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    std::array::from_fn(|_| {
        (0..10_000).map(|_| port(NEXT.fetch_add(1, Ordering::Relaxed))).find(is_free).expect("a free port")
    })
}

/// A TLS certificate for 127.0.0.1 below a root of its own: root, chain and key as PEM.
pub fn tls() -> (String, String, String) {
    let root = authority("Test root", None);
    let mut params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let made = sign(params, Some(&root));
    (root.pem.clone(), made.pem.clone(), made.key_pem())
}

impl Pebble {
    /// `None`, and a line that says why, where the programs are not installed.
    pub fn start(test: &str, options: &Options) -> Option<Self> {
        let there =
            |program| Command::new(program).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        if !there("pebble") || !there("pebble-challtestsrv") {
            println!("{test}: skipped, no pebble and pebble-challtestsrv (apt-get install pebble)");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let (root, chain, key) = tls();
        let [acme, management, http_port, tls_port, dns, dns_management] = ports();
        let (http_port, tls_port) = options.looks_at.unwrap_or((http_port, tls_port));
        let keys: serde_json::Map<_, _> = options.external.iter().map(|(id, key)| ((*id).into(), json!(key))).collect();
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{acme}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": dir.path().join("cert.pem"),
            "privateKey": dir.path().join("key.pem"),
            "httpPort": http_port,
            "tlsPort": tls_port,
            "externalAccountBindingRequired": options.external.is_some(),
            "externalAccountMACKeys": keys,
            "domainBlocklist": options.blocked,
            "certificateValidityPeriod": options.validity.unwrap_or(0),
        }});
        for (name, text) in [("cert.pem", chain), ("key.pem", key), ("config.json", config.to_string())] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let mut names = Command::new("pebble-challtestsrv");
        names.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]);
        names.args(["-dns01", &format!("127.0.0.1:{dns}"), "-management", &format!("127.0.0.1:{dns_management}")]);
        let mut pebble = Command::new("pebble");
        pebble.arg("-config").arg(dir.path().join("config.json")).args([
            "-dnsserver",
            &options.resolver.map_or_else(|| format!("127.0.0.1:{dns}"), |resolver| resolver.to_string()),
        ]);
        match options.hesitates {
            Some(seconds) => pebble.env("PEBBLE_VA_SLEEPTIME", seconds.to_string()),
            None => pebble.env("PEBBLE_VA_NOSLEEP", "1"),
        };
        pebble.env("PEBBLE_AUTHZREUSE", options.reused_proofs.to_string());
        pebble.env("PEBBLE_WFE_NONCEREJECT", options.refused_nonces.to_string());
        let children = vec![spawn(&mut names, &dir, "dns.log"), spawn(&mut pebble, &dir, "pebble.log")];
        let url = format!("https://127.0.0.1:{acme}/dir");
        let this = Self { children, dir, url, root, http_port, tls_port, dns_management, management };
        this.wait_for(dns_management);
        this.wait_for(acme);
        Some(this)
    }

    pub fn server(&self) -> Server {
        Server::new(&self.url, &self.root).unwrap()
    }

    fn wait_for(&self, port: u16) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
            let log = || std::fs::read_to_string(self.dir.path().join("pebble.log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "nobody listens on {port}: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Tells the DNS server something: `set-txt`, `clear-txt`, `set-servfail`.
    pub fn tell_dns(management: u16, what: &str, body: &serde_json::Value) {
        let body = body.to_string();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, management)).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /{what} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{what}: {answer}");
    }
}

fn spawn(command: &mut Command, dir: &TempDir, log: &str) -> Child {
    let log = std::fs::File::create(dir.path().join(log)).unwrap();
    command.stdout(log.try_clone().unwrap()).stderr(log).stdin(Stdio::null()).spawn().unwrap()
}

impl Drop for Pebble {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
