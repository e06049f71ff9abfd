//! Who arrives at a gateway: what strangers get, and which proxies in front of it are believed.

use crate::cidr::Cidr;
use crate::error::{FieldErrors, Invalid};
use crate::whitelist::parse_blocks;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArrivalSettings {
    /// A connection from an address that is not on the list is closed without an answer; otherwise it gets 403.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drop_strangers: bool,
    /// They say with the PROXY protocol whose connection they bring, on the gateway's own port and on addresses that are
    /// its alone; they have to. Nobody else is believed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<Cidr>,
}

/// What somebody typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalDraft {
    /// One of [`STRANGERS`].
    pub strangers: String,
    /// Blocks, separated by commas or line feeds.
    pub proxies: String,
}

/// What strangers get, in forms: an answer, or none.
pub const STRANGERS: [&str; 2] = ["refuse", "drop"];

impl ArrivalSettings {
    pub fn draft(&self) -> ArrivalDraft {
        let [refuse, drop] = STRANGERS;
        let proxies: Vec<String> = self.trusted_proxies.iter().map(ToString::to_string).collect();
        let strangers = if self.drop_strangers { drop } else { refuse };
        ArrivalDraft { strangers: strangers.into(), proxies: proxies.join("\n") }
    }
}

impl ArrivalDraft {
    pub fn validate(&self) -> Result<ArrivalSettings, FieldErrors> {
        let mut errors = FieldErrors::default();
        let place = STRANGERS.iter().position(|word| *word == self.strangers);
        let strangers = errors.take("strangers", place.ok_or(Invalid::Choice));
        let proxies = errors.take("proxies", trusted_proxies(&self.proxies));
        let both = strangers.zip(proxies);
        errors.finish(
            both.map(|(place, trusted_proxies)| ArrivalSettings { drop_strangers: place == 1, trusted_proxies }),
        )
    }
}

/// Blocks of proxies that are believed, separated by commas or line feeds; none is fine.
///
/// # Errors
/// If one is no block, or if everybody would be believed.
pub fn trusted_proxies(typed: &str) -> Result<Vec<Cidr>, Invalid> {
    let blocks = match parse_blocks(typed) {
        Err(Invalid::Required) => return Ok(Vec::new()),
        blocks => blocks?,
    };
    for (at, block) in blocks.iter().enumerate() {
        if block.is_everyone() {
            // Whoever comes could say to be anybody: no list of addresses would mean anything.
            return Err(Invalid::TrustsEveryone { entry: block.to_string() });
        }
        if blocks.iter().take(at).any(|earlier| earlier == block) {
            return Err(Invalid::DuplicateCidr { entry: block.to_string() });
        }
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(strangers: &str, proxies: &str) -> ArrivalDraft {
        ArrivalDraft { strangers: strangers.into(), proxies: proxies.into() }
    }

    #[test]
    fn what_was_typed_and_typed_again() {
        let settings = draft("drop", " 192.0.2.7, 10.0.0.0/8\r\n2001:db8::/32 ").validate().expect("is fine");
        assert!(settings.drop_strangers);
        assert_eq!(settings.draft().proxies, "192.0.2.7/32\n10.0.0.0/8\n2001:db8::/32");
        assert_eq!(settings.draft().validate(), Ok(settings));
        assert_eq!(ArrivalSettings::default().draft().validate(), Ok(ArrivalSettings::default()));
        assert_eq!(serde_json::to_string(&ArrivalSettings::default()).expect("is written"), "{}");
    }

    #[test]
    fn what_is_refused() {
        let wrong = |strangers: &str, proxies: &str| draft(strangers, proxies).validate().expect_err("is wrong");
        assert_eq!(wrong("", "").get("strangers"), Some(&Invalid::Choice));
        for everyone in ["0.0.0.0/0", "::/0", "10.0.0.1/0", "::ffff:0.0.0.0/96"] {
            let error = wrong("refuse", everyone);
            assert!(matches!(error.get("proxies"), Some(Invalid::TrustsEveryone { .. })), "{everyone}: {error:?}");
        }
        let twice = wrong("refuse", "10.0.0.0/8,10.1.2.3/8");
        assert!(matches!(twice.get("proxies"), Some(Invalid::DuplicateCidr { .. })), "{twice:?}");
        let many = wrong("refuse", &"10.0.0.1\n".repeat(16));
        assert!(matches!(many.get("proxies"), Some(Invalid::TooManyCidrs { .. })), "{many:?}");
        assert!(wrong("refuse", "proxy.example.com").get("proxies").is_some());
    }
}
