//! Names, and `dig` to ask for them.

use super::vpc::vpc;
use domain::snapshot::Resource;
use domain::snapshot::dns::{DnsConfig, DnsListener, NameAddress, NameConfig, NameData};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use tokio::process::Command;

/// Whether `dig` is there. Says so if not.
pub fn has_dig() -> bool {
    let found = std::process::Command::new("dig").arg("-v").output().is_ok();
    if !found {
        println!("skipped: there is no dig; install Debian's bind9-dnsutils");
    }
    found
}

/// Free on all addresses, for UDP and TCP.
pub fn free_port() -> u16 {
    let free = || {
        let tcp = TcpListener::bind("0.0.0.0:0").ok()?;
        let port = tcp.local_addr().ok()?.port();
        UdpSocket::bind(("0.0.0.0", port)).ok().map(|_| port)
    };
    (0..100).find_map(|_| free()).unwrap()
}

pub fn config(listeners: Vec<DnsListener>) -> DnsConfig {
    DnsConfig {
        zone: "gw.example".into(),
        name_server: "ns.gw.example".into(),
        contact: "hostmaster@gw.example".into(),
        ttl: 10,
        negative_ttl: 1,
        listeners,
        blocks: Vec::new(),
    }
}

/// Of the public side, or of a VPC.
pub fn listener(address: SocketAddr, number: Option<u8>) -> DnsListener {
    DnsListener { vpc: number.map(vpc), ..DnsListener::new(address) }
}

pub fn name(name: &str, number: Option<u8>, addresses: &[&str]) -> Resource {
    let address = |text: &&str| NameAddress { address: text.parse().unwrap(), zone: None };
    let data = NameData::Addresses(addresses.iter().map(address).collect());
    Resource::Name(NameConfig { name: name.into(), vpc: number.map(vpc), data })
}

/// What `dig` prints; blanks between words are single.
pub async fn dig(at: SocketAddr, words: &str) -> String {
    dig_by("dig", at, words).await
}

/// By a command that ends in `dig`.
pub async fn dig_by(command: &str, at: SocketAddr, words: &str) -> String {
    let mut all = command.split(' ');
    let output = Command::new(all.next().unwrap())
        .args(all)
        .args([&format!("@{}", at.ip()), "-p", &at.port().to_string(), "+time=1", "+tries=2"])
        .args(words.split(' '))
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// The addresses of a name, or why there are none.
pub async fn addresses(at: SocketAddr, name: &str) -> Result<Vec<IpAddr>, String> {
    let said = dig(at, name).await;
    let status = said.split("status: ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or(said.as_str());
    if status != "NOERROR" {
        return Err(status.trim().to_owned());
    }
    Ok(said.lines().filter_map(|line| line.split_once(" IN A ")?.1.parse().ok()).collect())
}
