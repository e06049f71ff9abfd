//! Trying a row, and what came of it in the words of the table.

use super::common::http::{Answer, Http};
use super::machines::Machines;
use super::table::{By, Row};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

/// From the console's answer until open connections know.
pub const ENFORCED: Duration = Duration::from_secs(1);
/// Connections of a door that closes are left alone for a second, and looked at now and then.
const DRAINED: Duration = Duration::from_secs(4);

pub struct Names<'n> {
    /// Gateways by what the table calls them.
    pub gateways: &'n BTreeMap<String, String>,
    /// File of the certificate authority.
    pub root: std::path::PathBuf,
}

impl Names<'_> {
    /// The name that is meant by `first` or `first-vpc`, or what was given.
    fn host(&self, name: &str) -> String {
        let (gateway, private) = name.strip_suffix("-vpc").map_or((name, ""), |gateway| (gateway, "-vpc"));
        let id = self.gateways.get(gateway).unwrap_or_else(|| panic!("no gateway {gateway}"));
        format!("{id}{private}.local.gw.test")
    }

    /// Status, and who greeted or why not.
    fn told(&self, status: &str, body: &str) -> String {
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let greeted =
            self.gateways.iter().find(|(_, id)| body["gateway"] == id.as_str()).map(|(name, _)| name.as_str());
        let who = if status == "200" { greeted } else { body["code"].as_str() };
        format!("{status} {}", who.unwrap_or("?"))
    }

    /// The addresses of the name in their order, why there are none, or that nobody answers.
    fn dig(&self, machines: &Machines, row: &Row) -> String {
        let host = self.host(row.name.as_ref().expect("a question is about a name"));
        let mut command = Command::new("dig");
        command.args([&format!("@{}", row.to.ip()), "-p", &row.to.port().to_string(), "+time=1", "+tries=1"]);
        if let Some(source) = row.source {
            command.arg("-b").arg(source.to_string());
        }
        command.args([host.as_str(), if row.by == By::Dns6 { "AAAA" } else { "A" }]);
        let output = machines.named(&row.from).within(|| command.output().unwrap());
        let text = String::from_utf8_lossy(&output.stdout);
        let status = text.split("status: ").nth(1).and_then(|rest| rest.split(',').next());
        match status {
            None => "nobody".into(),
            Some("NOERROR") => {
                let records = text.lines().filter(|line| line.starts_with(&host));
                let addresses: Vec<&str> = records.filter_map(|line| line.split_whitespace().last()).collect();
                if addresses.is_empty() { "none".into() } else { addresses.join(" ") }
            }
            Some(other) => other.into(),
        }
    }

    /// With a real client.
    pub fn ask(&self, machines: &Machines, row: &Row) -> String {
        if matches!(row.by, By::Dns | By::Dns6) { self.dig(machines, row) } else { self.curl(machines, row) }
    }

    fn curl(&self, machines: &Machines, row: &Row) -> String {
        let scheme = if row.by == By::Https { "https" } else { "http" };
        let mut command = Command::new("curl");
        command.env("LC_ALL", "C");
        // Nothing of the machine's own configuration may leak in. A handshake counts as connecting.
        command.args(["-q", "-sSv", "--noproxy", "*", "--connect-timeout", "2", "--max-time", "10"]);
        command.arg("--cacert").arg(&self.root).args(["-w", "\n%{http_code}"]);
        if let Some(source) = row.source {
            command.arg("--interface").arg(source.to_string());
        }
        let address = match row.to.ip() {
            IpAddr::V4(four) => four.to_string(),
            IpAddr::V6(six) => format!("[{six}]"),
        };
        let host = row.name.as_ref().map_or(address.clone(), |name| self.host(name));
        if row.name.is_some() {
            command.arg("--resolve").arg(format!("{host}:{}:{address}", row.to.port()));
        }
        command.arg(format!("{scheme}://{host}:{}/", row.to.port()));
        let output = machines.named(&row.from).within(|| command.output().unwrap());
        let (told, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        match (output.status.code(), told.rsplit_once('\n')) {
            (Some(0), Some((body, status))) => self.told(status, body),
            (Some(7), _) if error.contains("Connection refused") => "refused".into(),
            (Some(7), _) if error.contains("unreachable") || error.contains("No route to host") => "unreachable".into(),
            (Some(28), _) => "timeout".into(),
            (code, _) => format!("curl ended with {code:?}: {}", error.lines().last().unwrap_or_default()),
        }
    }

    /// Over a connection that was opened before, or is now; asks until it is as expected, or the time is over.
    pub fn kept(&self, machines: &Machines, row: &Row, open: &mut Option<Http>, until: Instant) -> String {
        if row.expected == "closed" {
            let ended = open.take().is_some_and(|mut connection| connection.ends_within(DRAINED));
            return if ended { "closed" } else { "still open" }.into();
        }
        let host = row.name.as_ref().map_or(row.to.to_string(), |name| self.host(name));
        loop {
            let asked = match open {
                Some(connection) => connection.get("/", &[("Host", &host)]),
                None => connect(machines, row).and_then(|new| open.insert(new).get("/", &[("Host", &host)])),
            };
            let told = match asked {
                Ok(Answer { status, body, .. }) => self.told(&status.to_string(), &body),
                Err(error) => error.to_string(),
            };
            // One that broke is not opened again: it was to be kept.
            if told == row.expected || Instant::now() > until {
                return told;
            }
        }
    }
}

fn connect(machines: &Machines, row: &Row) -> io::Result<Http> {
    let source = row.source.expect("kept connections name their source");
    let stream = machines.named(&row.from).within(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let stream = runtime.block_on(async {
            let socket = match source {
                IpAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
                IpAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
            };
            socket.bind(SocketAddr::new(source, 0))?;
            socket.connect(row.to).await
        });
        stream?.into_std()
    })?;
    TcpStream::set_nonblocking(&stream, false)?;
    Http::over(stream, row.to)
}
