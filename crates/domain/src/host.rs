//! Machines that serve: each has an engine and an agent. The console's own is one of them from the beginning; others join.

use crate::error::{FieldErrors, Invalid};
use crate::id::{AgentId, EngineId, HostId};
use crate::name::GatewayName;
use crate::secret::Digest256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

pub type Hosts = BTreeMap<HostId, Host>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    pub id: HostId,
    /// For people.
    pub name: String,
    pub zone: String,
    /// How it is known when it calls; `None` of the console's own, which calls over a socket that only the product's
    /// user can open.
    pub member: Option<Member>,
    /// Gets no nodes and no replicas, and loses those that it has.
    pub draining: bool,
    /// What is there shall end; the row stays, so that a host that comes back late is told so.
    pub removed: bool,
    pub revision: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub engine_id: EngineId,
    pub agent_id: AgentId,
    /// Of its certificate.
    pub fingerprint: Digest256,
    /// As it said last.
    pub public: HostDoors,
}

/// Where a host's engine takes what comes from outside: explicit addresses, as its own configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostDoors {
    /// Shared public listeners.
    pub http: Vec<SocketAddr>,
    /// The same over TLS; may be none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub https: Vec<SocketAddr>,
    /// The DNS server's public side; may be none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<SocketAddr>,
}

impl Host {
    /// Whether it may be given nodes and replicas.
    pub fn takes_work(&self) -> bool {
        !self.draining && !self.removed
    }
}

impl HostDoors {
    /// Whether it names addresses, and not "any": that would put the public doors onto private addresses as well.
    pub fn is_explicit(&self) -> bool {
        let all = || self.http.iter().chain(&self.https).chain(&self.dns);
        !self.http.is_empty() && all().all(|each| !each.ip().to_canonical().is_unspecified() && each.port() != 0)
    }

    /// Of gateways' own ports.
    pub fn own_address(&self) -> Option<IpAddr> {
        self.http.first().map(SocketAddr::ip)
    }
}

/// What an operator says of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostDraft {
    pub name: String,
    pub zone: String,
}

impl HostDraft {
    /// What it means; `taken` says which names are, `zones` are the region's.
    ///
    /// # Errors
    /// What is wrong, at its field.
    pub fn validate(&self, taken: impl Fn(&str) -> bool, zones: &[&str]) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = GatewayName::parse(&self.name).map(|name| name.to_string());
        let name = name.and_then(|name| if taken(&name) { Err(Invalid::NameTaken { name }) } else { Ok(name) });
        let name = errors.take("name", name);
        if !zones.contains(&self.zone.as_str()) {
            errors.push("zone", Invalid::Choice);
        }
        match name {
            Some(name) if errors.0.is_empty() => Ok(Self { name, zone: self.zone.clone() }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_free_name_and_a_zone_that_exists() {
        let codes = |name: &str, zone: &str| {
            let draft = HostDraft { name: name.into(), zone: zone.into() };
            let checked = draft.validate(|taken| taken == "gpu-1", &["local-a"]);
            checked.map_err(|errors| errors.0.iter().map(|each| each.error.code()).collect::<Vec<_>>())
        };
        assert_eq!(codes(" gpu-2 ", "local-a").map(|draft| draft.name), Ok("gpu-2".into()));
        assert_eq!(codes("gpu-1", "local-a"), Err(vec!["name_taken".to_owned()]));
        assert_eq!(codes("", "mars"), Err(vec!["required".to_owned(), "choice".to_owned()]));
    }
}
