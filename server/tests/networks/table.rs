//! What is expected, as `expectations.txt` has it.

use std::net::{IpAddr, SocketAddr};

pub struct Section {
    pub state: String,
    pub rows: Vec<Row>,
}

/// One attempt.
#[derive(Debug)]
pub struct Row {
    /// Where it stands in the file.
    pub line: usize,
    /// The machine.
    pub from: String,
    /// `None`: the one that the system takes.
    pub source: Option<IpAddr>,
    pub by: By,
    /// `None`: by the address alone.
    pub name: Option<String>,
    pub to: SocketAddr,
    pub expected: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Http,
    Https,
    /// HTTP over a connection that stays open from row to row.
    Kept,
    /// The name's IPv4 addresses asked of a DNS server at that address.
    Dns,
    /// Its IPv6 addresses.
    Dns6,
}

impl Row {
    pub fn parse(line: usize, text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let mut word = || words.next();
        let (from, source, by, name, to) = (word()?, word()?, word()?, word()?, word()?);
        let source = if source == "-" { None } else { Some(source.parse().ok()?) };
        let (by, port) = match by {
            "http" => (By::Http, 80),
            "https" => (By::Https, 443),
            "dns" => (By::Dns, 53),
            "dns6" => (By::Dns6, 53),
            "kept" => (By::Kept, 80),
            _ => return None,
        };
        let to = to.parse().or_else(|_| to.parse().map(|address| SocketAddr::new(address, port))).ok()?;
        let expected = words.collect::<Vec<_>>().join(" ");
        let name = (name != "-").then(|| name.to_owned());
        (!expected.is_empty()).then(|| Self { line, from: from.into(), source, by, name, to, expected })
    }

    /// The same for rows that share a kept connection.
    pub fn way(&self) -> String {
        let source = self.source.map_or("-".to_owned(), |source| source.to_string());
        let by = format!("{:?}", self.by).to_lowercase();
        let Self { from, name, to, .. } = self;
        format!("{from:<10} {source:<12} {by:<6} {:<11} {to:<18}", name.as_deref().unwrap_or("-"))
    }

    pub const HEAD: &str = "line  from       source       how    name        to                 expected, but got";

    /// With what was told instead.
    pub fn beside(&self, told: &str) -> String {
        format!("{:>4}  {} {}, but got {told}", self.line, self.way(), self.expected)
    }
}

/// A line that is not understood fails the test: it would be an expectation that nobody tries.
pub fn read(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(state) = line.strip_prefix("== ") {
            sections.push(Section { state: state.into(), rows: Vec::new() });
            continue;
        }
        let row = Row::parse(number, line).unwrap_or_else(|| panic!("line {number} is no row: {line}"));
        sections.last_mut().expect("a state before the first row").rows.push(row);
    }
    sections
}
