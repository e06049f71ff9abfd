//! The options as they are typed.

use serde::{Deserialize, Serialize};

macro_rules! options {
    ($($(#[doc = $doc:literal])* $key:ident = $default:expr, $placeholder:literal;)*) => {
        /// Every option, as text.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Raw {
            $(#[serde(deserialize_with = "text")] pub $key: String,)*
        }

        /// Options given on the command line.
        #[derive(Clone, Debug, Default, Serialize, clap::Args)]
        pub struct Overrides {
            $(
                $(#[doc = $doc])*
                #[arg(long, global = true, value_name = $placeholder)]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $key: Option<String>,
            )*
        }

        impl Default for Raw {
            fn default() -> Self {
                Self { $($key: String::from($default),)* }
            }
        }

        impl Raw {
            pub fn pairs(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($key), self.$key.as_str()),)*]
            }
        }

        pub const KEYS: &[&str] = &[$(stringify!($key),)*];
    };
}

options! {
    /// Folder for the database, keys and everything else that is kept [default: data]
    data_dir = "data", "FOLDER";
    /// Where the console listens [default: 127.0.0.1:3000]
    console_addr = "127.0.0.1:3000", "ADDR";
    /// The console's address as browsers see it, where a proxy stands in front of it
    console_url = "", "URL";
    /// Encrypt the console's connections: off, local-ca or files [default: off]
    console_tls = "off", "MODE";
    /// Certificate chain (PEM) for --console-tls files
    console_cert = "", "FILE";
    /// Private key (PEM) for --console-tls files
    console_key = "", "FILE";
    /// Shared public listeners of the gateways, separated by commas [default: 127.0.0.1:8080]
    http_addr = "127.0.0.1:8080", "ADDR";
    /// The same over TLS, with the local authority's certificate; off for none [default: 127.0.0.1:8443]
    https_addr = "127.0.0.1:8443", "ADDR";
    /// Where the DNS server is asked for the gateways' names, separated by commas; off for nowhere [default: 127.0.0.1:8053]
    dns_addr = "127.0.0.1:8053", "ADDR";
    /// Load balancers in front of the shared public listeners, which say with the PROXY protocol whose connections they
    /// bring: addresses and blocks, separated by commas
    trusted_proxies = "", "CIDR";
    /// Where engines and agents of other hosts call this console; off for nowhere [default: off]
    link_addr = "off", "ADDR";
    /// Ports for the gateways' own public listeners [default: 18100-18999]
    own_ports = "18100-18999", "RANGE";
    /// Name of this region [default: local]
    region = "local", "NAME";
    /// Domain that the gateways' names end with [default: gw.localhost]
    base_domain = "gw.localhost", "DOMAIN";
    /// Ports for replicas [default: 20000-29999]
    replica_ports = "20000-29999", "RANGE";
    /// Where replicas listen: an address of this host, or auto [default: auto]
    replica_addr = "auto", "ADDR";
    /// Unprivileged user that replicas run as [default: nobody]
    replica_user = "nobody", "USER";
    /// Socket of Docker Engine or Podman, for services in containers; auto looks for it, off for none [default: auto]
    container_socket = "auto", "PATH";
    /// Where the engine answers /live, /ready and /metrics (Prometheus); off for nowhere [default: 127.0.0.1:9180]
    admin_addr = "127.0.0.1:9180", "ADDR";
    /// Threads of the engine; 0 means one for each core [default: 0]
    workers = "0", "NUMBER";
    /// Seconds that the connections of a door that closes have, at least and at most [default: 1-600]
    drain = "1-600", "RANGE";
    /// How much of the gateways' capacity table is enforced [default: 1]
    capacity_scale = "1", "FACTOR";
    /// Threads that an ALB gateway may have while its load asks for them [default: 16]
    alb_max_workers = "16", "NUMBER";
    /// Collector that gets the requests as spans, over OTLP/gRPC; off for none [default: off]
    otlp_endpoint = "off", "URL";
    /// DNS servers that are asked whether public domains lead to their gateways, separated by commas; system for those
    /// of the host [default: system]
    resolver = "system", "ADDR";
    /// Currency of prices and amounts, an ISO 4217 code; nothing is converted [default: USD]
    currency = "USD", "CODE";
    /// Root certificates (PEM) of ACME servers that no public authority vouches for
    acme_ca = "", "FILE";
    /// What is logged, as in RUST_LOG [default: info]
    log = "info", "FILTER";
}

/// A number in a file or the environment is as good as its text.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value: figment::value::Value = Deserialize::deserialize(deserializer)?;
    match value {
        figment::value::Value::String(_, text) => Ok(text),
        figment::value::Value::Num(_, number) => {
            let whole = number.to_u128().map(|n| n.to_string()).or(number.to_i128().map(|n| n.to_string()));
            whole.or(number.to_f64().map(|n| n.to_string())).ok_or_else(|| serde::de::Error::custom("expected a text"))
        }
        figment::value::Value::Bool(_, yes) => Ok(yes.to_string()),
        figment::value::Value::Array(_, items) => {
            let items: Option<Vec<String>> = items.into_iter().map(|item| item.into_string()).collect();
            items.map(|items| items.join(",")).ok_or_else(|| serde::de::Error::custom("expected a list of texts"))
        }
        _ => Err(serde::de::Error::custom("expected a text")),
    }
}
