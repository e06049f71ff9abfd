//! What a certificate authority looks for on a host before it issues a certificate for it.

use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// Answered on listeners of the public side, whoever asks and whether or not a gateway has this host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeConfig {
    /// Lower case, without port and dot at the end.
    pub host: String,
    pub proof: Proof,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// HTTP-01 (RFC 8555, section 8.3): `answer` is the body for `/.well-known/acme-challenge/<token>`, in clear.
    Http { token: String, answer: String },
    /// TLS-ALPN-01 (RFC 8737): shown to who offers the protocol `acme-tls/1` and nothing else. PEM both.
    Tls { certificate: String, key: Secret },
}

impl ChallengeConfig {
    /// Of HTTP-01; a host may have several at once.
    pub fn token(&self) -> Option<&str> {
        match &self.proof {
            Proof::Http { token, .. } => Some(token),
            Proof::Tls { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{Resource, ResourceKey};

    #[test]
    fn each_has_a_key_of_its_own_and_no_secret_is_printed() {
        let http = |token: &str| Proof::Http { token: token.into(), answer: "a".into() };
        let tls = Proof::Tls { certificate: "c".into(), key: Secret::new("private") };
        let of = |proof| Resource::Challenge(ChallengeConfig { host: "a.example".into(), proof });
        let all = [of(http("1")), of(http("2")), of(tls)];
        let said = all.each_ref().map(|each| each.key().to_string());
        assert_eq!(said, ["challenge 1 for a.example", "challenge 2 for a.example", "TLS challenge for a.example"]);
        for each in all {
            assert!(!format!("{each:?}").contains("private"));
            let text = serde_json::to_string(&each).expect("serialises");
            assert_eq!(serde_json::from_str::<Resource>(&text).expect("parses"), each);
            let text = serde_json::to_string(&each.key()).expect("serialises");
            assert_eq!(serde_json::from_str::<ResourceKey>(&text).expect("parses"), each.key());
        }
    }
}
