//! The options as the program uses them.

use super::containers;
use super::hosts::{self, ReplicaAddr};
use super::otlp;
use super::raw::Raw;
use super::resolver;
use control::{Resolver, Scale};
use domain::cidr::Cidr;
use domain::money::Currency;
use http::Uri;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Config {
    pub data_dir: PathBuf,
    pub console_addr: SocketAddr,
    pub console_url: Option<String>,
    pub console_tls: ConsoleTls,
    pub http_addr: Vec<SocketAddr>,
    /// May be none.
    pub https_addr: Vec<SocketAddr>,
    /// May be none.
    pub dns_addr: Vec<SocketAddr>,
    /// In front of the shared listeners.
    pub trusted_proxies: Vec<Cidr>,
    /// Where other hosts call; `None` for nowhere.
    pub link_addr: Option<SocketAddr>,
    pub own_ports: RangeInclusive<u16>,
    pub region: String,
    pub base_domain: String,
    pub replica_ports: RangeInclusive<u16>,
    pub replica_addr: ReplicaAddr,
    pub replica_user: String,
    /// Of Docker Engine or Podman; `None`: no containers here.
    pub container_socket: Option<PathBuf>,
    /// Of the engine.
    pub admin_addr: Option<SocketAddr>,
    pub workers: usize,
    /// Seconds, at least and at most.
    pub drain: RangeInclusive<u16>,
    pub capacity_scale: Scale,
    /// At least 1.
    pub alb_max_workers: u16,
    /// Of the collector that spans go to.
    pub otlp_endpoint: Option<Uri>,
    /// Of the console.
    pub resolver: Resolver,
    /// Of prices and amounts.
    pub currency: Currency,
    /// PEM.
    pub acme_roots: String,
    pub log: String,
    raw: Raw,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsoleTls {
    Off,
    /// A certificate of the installation's own authority.
    LocalCa,
    Files {
        cert: PathBuf,
        key: PathBuf,
    },
}

impl Config {
    /// For the environment of the processes that the supervisor starts.
    pub fn environment(&self) -> impl Iterator<Item = (String, String)> {
        let name = |key: &str| format!("{}{}", super::ENV_PREFIX, key.to_uppercase());
        self.raw.pairs().into_iter().map(move |(key, value)| (name(key), value.to_owned()))
    }

    pub fn installation(&self) -> control::Installation {
        control::Installation {
            region: self.region.clone(),
            base_domain: self.base_domain.clone(),
            http: self.http_addr.clone(),
            https: self.https_addr.clone(),
            trusted_proxies: self.trusted_proxies.clone(),
            dns: self.dns_addr.clone(),
            own_ports: self.own_ports.clone(),
            capacity_scale: self.capacity_scale,
            alb_max_workers: self.alb_max_workers,
            resolver: self.resolver.clone(),
            currency: self.currency,
            acme_roots: self.acme_roots.clone(),
        }
    }
}

/// Of region and base domain together. A DNS name has 253 characters; gateways' ids, what is between the parts, and
/// whatever ACME will put in front have their place beside them.
const LONGEST_NAMES: usize = 180;

type Problem = (&'static str, String);

pub(super) fn parse(raw: &Raw) -> Result<Config, Problem> {
    let tls = match raw.console_tls.as_str() {
        "off" => ConsoleTls::Off,
        "local-ca" => ConsoleTls::LocalCa,
        "files" if raw.console_cert.is_empty() => return problem("console_cert", "name the certificate's file"),
        "files" if raw.console_key.is_empty() => return problem("console_key", "name the private key's file"),
        "files" => ConsoleTls::Files { cert: (&raw.console_cert).into(), key: (&raw.console_key).into() },
        other => return problem("console_tls", format!("{other:?} is none of off, local-ca, files")),
    };
    if raw.data_dir.is_empty() {
        return problem("data_dir", "name a folder");
    }
    if !raw.console_url.is_empty() && !["http://", "https://"].iter().any(|scheme| raw.console_url.starts_with(scheme))
    {
        return problem("console_url", format!("{:?} does not start with https://", raw.console_url));
    }
    let (console_addr, http_addr) =
        (address("console_addr", &raw.console_addr)?, addresses("http_addr", &raw.http_addr)?);
    let https_addr = match raw.https_addr.trim() {
        "off" => Vec::new(),
        some => addresses("https_addr", some)?,
    };
    let dns_addr = match raw.dns_addr.trim() {
        "off" => Vec::new(),
        some => addresses("dns_addr", some)?,
    };
    let (own_ports, replica_ports) = (range("own_ports", &raw.own_ports)?, range("replica_ports", &raw.replica_ports)?);
    let admin_addr = match raw.admin_addr.trim() {
        "off" => None,
        some => Some(address("admin_addr", some)?),
    };
    let link_addr = hosts::link(&raw.link_addr).map_err(|problem| ("link_addr", problem))?;
    apart(console_addr, admin_addr, link_addr, &http_addr, &https_addr, &own_ports, &replica_ports)?;
    let listeners: Vec<SocketAddr> = http_addr
        .iter()
        .chain(&https_addr)
        .chain([&console_addr])
        .chain(&admin_addr)
        .chain(&link_addr)
        .copied()
        .collect();
    dns_apart(&dns_addr, &listeners, [("--own-ports", &own_ports), ("--replica-ports", &replica_ports)])?;
    let (region, base_domain) = names(raw)?;
    Ok(Config {
        data_dir: std::path::absolute(&raw.data_dir).map_err(|error| ("data_dir", error.to_string()))?,
        console_addr,
        console_url: Some(raw.console_url.trim_end_matches('/').to_owned()).filter(|url| !url.is_empty()),
        console_tls: tls,
        http_addr,
        https_addr,
        trusted_proxies: domain::arrival::trusted_proxies(&raw.trusted_proxies)
            .map_err(|wrong| ("trusted_proxies", wrong.to_string()))?,
        dns_addr,
        link_addr,
        own_ports,
        region,
        base_domain,
        replica_ports,
        replica_addr: hosts::replicas(&raw.replica_addr).map_err(|problem| ("replica_addr", problem))?,
        replica_user: raw.replica_user.clone(),
        container_socket: containers::socket(&raw.container_socket).map_err(|problem| ("container_socket", problem))?,
        admin_addr,
        workers: number("workers", &raw.workers)?,
        drain: seconds("drain", &raw.drain)?,
        capacity_scale: Scale::parse(&raw.capacity_scale)
            .ok_or_else(|| ("capacity_scale", format!("{:?} is not a positive number", raw.capacity_scale)))?,
        alb_max_workers: match number("alb_max_workers", &raw.alb_max_workers)? {
            0 => return problem("alb_max_workers", "an ALB gateway needs at least 1 thread"),
            // No larger than what `number` takes.
            some => u16::try_from(some).unwrap_or(u16::MAX),
        },
        otlp_endpoint: otlp::endpoint(&raw.otlp_endpoint).map_err(|problem| ("otlp_endpoint", problem))?,
        resolver: resolver::resolver(&raw.resolver).map_err(|problem| ("resolver", problem))?,
        currency: Currency::parse(&raw.currency).map_err(|_| {
            ("currency", format!("{:?} is not a code of three capital letters such as USD", raw.currency))
        })?,
        acme_roots: acme_roots(&raw.acme_ca)?,
        log: raw.log.clone(),
        raw: raw.clone(),
    })
}

/// A port that two parts of the product want is found out now, not when one of them cannot have it.
fn apart(
    console: SocketAddr,
    admin: Option<SocketAddr>,
    link: Option<SocketAddr>,
    http: &[SocketAddr],
    https: &[SocketAddr],
    own: &RangeInclusive<u16>,
    replicas: &RangeInclusive<u16>,
) -> Result<(), Problem> {
    if let Some(address) = http.iter().find(|address| **address == console) {
        return problem("http_addr", format!("{address} is the console's address; choose another one"));
    }
    if let Some(address) = https.iter().find(|address| **address == console || http.contains(address)) {
        let whose = if *address == console { "the console's address" } else { "in --http-addr, too" };
        return problem("https_addr", format!("{address} is {whose}; choose another one"));
    }
    let taken = |address| address == console || http.contains(&address) || https.contains(&address);
    if let Some(address) = admin.filter(|address| taken(*address)) {
        return problem(
            "admin_addr",
            format!("{address} is used by something else of this product; choose another one"),
        );
    }
    if let Some(address) = link.filter(|address| taken(*address) || admin == Some(*address)) {
        return problem(
            "link_addr",
            format!("{address} is used by something else of this product; choose another one"),
        );
    }
    let all = || http.iter().chain(https).chain([&console]).chain(&admin).chain(&link);
    if let Some(address) = all().find(|address| own.contains(&address.port())) {
        return problem("own_ports", format!("{address} lies in this range; choose another range"));
    }
    if let Some(address) = all().find(|address| replicas.contains(&address.port())) {
        return problem("replica_ports", format!("{address} lies in this range; choose another range"));
    }
    if own.start() <= replicas.end() && replicas.start() <= own.end() {
        return problem("replica_ports", "overlaps --own-ports; choose another range");
    }
    Ok(())
}

/// Inside VPCs the DNS server has the gateways' addresses, on which the other ports may be in use: so its port is its
/// own, whatever the addresses.
fn dns_apart(
    dns: &[SocketAddr],
    listeners: &[SocketAddr],
    ranges: [(&str, &RangeInclusive<u16>); 2],
) -> Result<(), Problem> {
    for (at, address) in dns.iter().enumerate() {
        let port = address.port();
        if dns.iter().take(at).any(|before| before == address) {
            return problem("dns_addr", format!("{address} is named twice; name it once"));
        }
        if port != dns.first().map_or(port, SocketAddr::port) {
            return problem(
                "dns_addr",
                "the addresses have different ports; give them the same, for VPCs have it, too",
            );
        }
        if let Some(taken) = listeners.iter().find(|taken| taken.port() == port) {
            return problem("dns_addr", format!("port {port} is that of {taken}, too; choose another port"));
        }
        if let Some((option, _)) = ranges.iter().find(|(_, range)| range.contains(&port)) {
            return problem("dns_addr", format!("{address} lies in the range of {option}; choose another port"));
        }
    }
    Ok(())
}

fn problem<T>(key: &'static str, text: impl Into<String>) -> Result<T, Problem> {
    Err((key, text.into()))
}

fn address(key: &'static str, text: &str) -> Result<SocketAddr, Problem> {
    text.trim().parse().or_else(|_| problem(key, format!("{text:?} is not an address and port such as 127.0.0.1:3000")))
}

/// A wildcard would put the public doors onto private addresses as well.
fn addresses(key: &'static str, text: &str) -> Result<Vec<SocketAddr>, Problem> {
    let all: Vec<SocketAddr> = text.split(',').map(|each| address(key, each)).collect::<Result<_, _>>()?;
    if all.iter().any(|address| address.port() == 0) {
        return problem(key, "port 0 is no port that clients could know; name one");
    }
    match all.iter().find(|address| address.ip().is_unspecified()) {
        Some(wildcard) => problem(key, format!("{wildcard} means every address; name the public ones")),
        None => Ok(all),
    }
}

fn range(key: &'static str, text: &str) -> Result<RangeInclusive<u16>, Problem> {
    let parsed =
        text.split_once('-').and_then(|(first, last)| Some(first.trim().parse().ok()?..=last.trim().parse().ok()?));
    match parsed {
        Some(range) if !range.is_empty() && *range.start() >= 1024 => Ok(range),
        _ => problem(key, format!("{text:?} is not a range of ports such as 18100-18999 (from 1024 up)")),
    }
}

fn seconds(key: &'static str, text: &str) -> Result<RangeInclusive<u16>, Problem> {
    let parsed =
        text.split_once('-').and_then(|(least, most)| Some(least.trim().parse().ok()?..=most.trim().parse().ok()?));
    match parsed {
        Some(range) if !range.is_empty() => Ok(range),
        _ => problem(key, format!("{text:?} is not at least and at most so many seconds, such as 1-600")),
    }
}

fn number(key: &'static str, text: &str) -> Result<usize, Problem> {
    text.trim().parse().ok().filter(|n| *n <= 1024).ok_or((key, format!("{text:?} is not a number up to 1024")))
}

/// Read once, at the start; that it can be used is found out before anybody waits for a certificate.
fn acme_roots(file: &str) -> Result<String, Problem> {
    if file.is_empty() {
        return Ok(String::new());
    }
    match std::fs::read_to_string(file) {
        Ok(roots) if roots.contains("-----BEGIN CERTIFICATE-----") => Ok(roots),
        Ok(_) => problem("acme_ca", format!("{file} holds no certificate in PEM; name the ACME server's root")),
        Err(error) => problem("acme_ca", format!("{file} cannot be read ({error}); name the ACME server's root")),
    }
}

fn label(key: &'static str, text: &str) -> Result<String, Problem> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 63 || !text.chars().all(fine) || text.starts_with('-') || text.ends_with('-') {
        return problem(key, format!("{text:?} is not lower-case letters, digits and -"));
    }
    Ok(text.into())
}

/// Region and base domain. A gateway's own part of its names is in front.
fn names(raw: &Raw) -> Result<(String, String), Problem> {
    let (region, base_domain) = (label("region", &raw.region)?, domain("base_domain", &raw.base_domain)?);
    if region.len() + base_domain.len() > LONGEST_NAMES {
        let most = LONGEST_NAMES - region.len();
        return problem("base_domain", format!("names of gateways would be too long; keep it to {most} characters"));
    }
    Ok((region, base_domain))
}

fn domain(key: &'static str, text: &str) -> Result<String, Problem> {
    for part in text.split('.') {
        label(key, part)?;
    }
    Ok(text.into())
}
