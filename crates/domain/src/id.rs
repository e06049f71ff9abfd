//! Identifiers: a prefix that says what it names, then lower-case letters and digits.
//!
//! Public clouds use `gw-` with 18 of them; all kinds here follow that. They are made from random bytes by whoever
//! has a source of randomness (this crate has none).

use crate::error::Invalid;
use serde::{Deserialize, Serialize};

/// Characters behind the prefix.
pub const RANDOM_LEN: usize = 18;
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Maps random bytes onto the alphabet. The bias (256 is no multiple of 36) costs less than a tenth of a bit a
/// character, of 93 bits in all.
pub fn random_part(bytes: [u8; RANDOM_LEN]) -> String {
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

fn is_random_part(text: &str) -> bool {
    !text.is_empty() && text.len() <= 32 && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn from_random(bytes: [u8; RANDOM_LEN]) -> Self {
                Self(format!("{}{}", $prefix, random_part(bytes)).into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                match text.strip_prefix($prefix) {
                    Some(rest) if is_random_part(rest) => Ok(Self(text.into())),
                    _ => Err(Invalid::Id { prefix: $prefix.into() }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }
    )*};
}

ids! {
    /// A dedicated gateway.
    GatewayId = "gw-";
    /// A model service.
    ServiceId = "svc-";
    /// Several services behind one name.
    GroupId = "grp-";
    /// A token of a service.
    TokenId = "tok-";
    /// A running copy of a service.
    ReplicaId = "rep-";
    /// A tenant's billing identity.
    AccountId = "acc-";
    /// A tenant inside an account.
    WorkspaceId = "ws-";
    UserId = "usr-";
    /// A sign-in, as listed and revoked; not the secret in the cookie.
    SessionId = "ses-";
    InvitationId = "inv-";
    OrderId = "ord-";
    VpcId = "vpc-";
    CertificateId = "cert-";
    VSwitchId = "vsw-";
    /// What serves an ALB gateway while it has an access.
    AlbId = "alb-";
    /// An account with an ACME server.
    AcmeAccountId = "acme-";
    /// A custom domain of a gateway.
    DomainId = "dom-";
    /// A data plane process.
    EngineId = "eng-";
    /// A process that runs replicas.
    AgentId = "agt-";
    /// A machine with an engine and an agent.
    HostId = "host-";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_id_has_the_documented_shape() {
        let id = GatewayId::from_random([7; RANDOM_LEN]);
        assert_eq!(id.as_str().len(), 3 + 18);
        assert_eq!(id.as_str().parse::<GatewayId>().as_ref(), Ok(&id));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "gw-", "gw-ABC", "gw-a b", "svc-abc", "gw-../../etc", "gw-\u{0}"] {
            assert!(text.parse::<GatewayId>().is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<GatewayId>("\"nonsense\"").is_err());
    }
}
