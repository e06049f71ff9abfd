//! Gateways by the names that clients call them: a host's own name before a wildcard, as certificates have it.

use super::{ConfigError, Gateway, Parted};
use crate::route::host;
use std::borrow::Cow;
use std::sync::Arc;

/// Cloning copies little.
#[derive(Clone, Default)]
pub struct Hosts {
    exact: Parted<Arc<str>, Arc<Gateway>>,
    /// By what stands behind `*.`.
    wildcard: Parted<Arc<str>, Arc<Gateway>>,
}

impl Hosts {
    /// For a host as [`host::normalise`] gives it. One look-up, or two if no gateway has this very name.
    pub fn get(&self, host: &str) -> Option<&Arc<Gateway>> {
        self.exact.get(host).or_else(|| {
            // The label that the asterisk stands for is there; which one it is does not matter.
            let (label, behind) = host.split_once('.')?;
            if label.is_empty() { None } else { self.wildcard.get(behind) }
        })
    }

    pub(super) fn remove(&mut self, name: &str) {
        let (map, key) = self.place(name);
        map.remove(key);
    }

    /// # Errors
    /// If another gateway has it.
    pub(super) fn insert(&mut self, name: &str, gateway: &Arc<Gateway>) -> Result<(), ConfigError> {
        let (map, key) = self.place(name);
        let before = map.insert(key.into(), gateway.clone());
        match before.filter(|before| before.id != gateway.id) {
            Some(first) => {
                let (first, second) = (first.id.clone(), gateway.id.clone());
                Err(ConfigError::SharedHost { host: name.into(), first, second })
            }
            None => Ok(()),
        }
    }

    fn place<'n>(&mut self, name: &'n str) -> (&mut Parted<Arc<str>, Arc<Gateway>>, &'n str) {
        match name.strip_prefix("*.") {
            Some(behind) => (&mut self.wildcard, behind),
            None => (&mut self.exact, name),
        }
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub fn iter(&self) -> impl Iterator<Item = (String, &Arc<Gateway>)> {
        let exact = self.exact.iter().map(|(name, gateway)| (name.to_string(), gateway));
        exact.chain(self.wildcard.iter().map(|(behind, gateway)| (format!("*.{behind}"), gateway)))
    }
}

/// Whether a gateway can be given this name: lower case, without port; a wildcard in front of a name, not an address.
pub(super) fn is_name(name: &str) -> bool {
    let behind = name.strip_prefix("*.");
    let plain = behind.unwrap_or(name);
    let is_normal = matches!(host::normalise(plain), Some(Cow::Borrowed(normal)) if normal == plain);
    let is_named = |plain: &str| !plain.starts_with(['.', '[']) && plain.parse::<std::net::Ipv4Addr>().is_err();
    is_normal && behind.is_none_or(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::trial::table;
    use crate::config::{EndpointBook, Table};
    use domain::id::{GatewayId, RANDOM_LEN};
    use domain::snapshot::{GatewayConfig, PublicDoor, Resource, Snapshot};
    use proptest::prelude::*;

    fn gateway(number: u8, hosts: &[String]) -> Resource {
        Resource::Gateway(GatewayConfig {
            id: GatewayId::from_random([number; RANDOM_LEN]),
            name: "g".into(),
            public: Some(PublicDoor { hosts: hosts.to_vec(), own: None, whitelist: vec![], drop_strangers: false }),
            private: Vec::new(),
            capacity: Default::default(),
            tls: Default::default(),
            trusted_proxies: Vec::new(),
        })
    }

    #[test]
    fn names_a_gateway_can_have() {
        for name in ["gw.example", "*.gw.example", "*.example", "127.0.0.1", "[::1]", "a_b.example"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "*",
            "*.",
            "*.*.example",
            "a.*.example",
            "*example",
            "*.Example",
            "*.example.",
            "*.example:80",
            "*..example",
            "*.127.0.0.1",
            "*.[::1]",
            "GW.example",
            "gw.example:80",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    /// What a name means, said slowly.
    fn owner(given: &[Vec<String>], host: &str) -> Option<usize> {
        let has = |name: &str| given.iter().position(|hosts| hosts.iter().any(|host| host == name));
        let wildcard = || has(&format!("*.{}", host.split_once('.').filter(|(label, _)| !label.is_empty())?.1));
        has(host).or_else(wildcard)
    }

    proptest! {
        /// Whatever gateways exchange among each other: looked up is what was given last, or all was refused.
        #[test]
        fn looked_up_is_what_was_given(steps in prop::collection::vec(prop::collection::vec(
            prop::collection::vec("(\\*\\.)?[ab](\\.[ab]){0,2}", 0..3), 2), 1..5)) {
            let (mut now, mut snapshot) = (Table::default(), Snapshot::default());
            for given in steps {
                let resources = given.iter().zip(1..).map(|(hosts, number)| gateway(number, hosts));
                let next = Snapshot::from_resources(snapshot.version + 1, resources);
                let is_shared = given[0].iter().any(|host| given[1].contains(host));
                match table(&now, &snapshot, &next, &EndpointBook::default()) {
                    Ok(table) => {
                        prop_assert!(!is_shared);
                        for host in ["a", "b", "a.a", "a.b", "b.a", "b.b", ".a", "a.", "c.a", "c.b", "a.a.a", "a.a.b",
                            "a.b.a", "b.a.a", "c.a.a", "c.b.a", "a.a.a.a", "c.a.b.a", "*.a"] {
                            let found = table.sides.named(None, host).map(|gateway| gateway.id.clone());
                            let meant = owner(&given, host)
                                .map(|at| GatewayId::from_random([at as u8 + 1; RANDOM_LEN]));
                            prop_assert_eq!(found, meant, "{}", host);
                        }
                        (now, snapshot) = (table, next);
                    }
                    Err(error) => {
                        prop_assert!(is_shared, "{}", error);
                        let told = matches!(error, ConfigError::SharedHost { .. });
                        prop_assert!(told);
                    }
                }
            }
        }
    }
}
