//! Several services behind one name.

use super::policy::is_default;
use super::resource::TokenConfig;
use serde::{Deserialize, Serialize};

/// A service's place in a group of its gateway. The group is there as long as a service is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The group's: named like a service, and like none of the gateway.
    pub name: String,
    /// The service's part of what is sent to the group, compared with the other services'; 0 for nothing. By default
    /// it is the number of its ready replicas.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weight: Option<u32>,
    /// What opens the group, whichever of its services gets the request; so all of them have the same.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tokens: Vec<TokenConfig>,
    /// Requests to the group with this header go to the service, whatever its weight and whether it has a replica.
    #[serde(default, skip_serializing_if = "is_default")]
    pub header: Option<HeaderMatch>,
}

/// A header that a request has. It is no secret: who knows it may send it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderMatch {
    /// In any case.
    pub name: String,
    /// All of it, exactly.
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_later_is_left_out_until_it_is_used() {
        let mut member = Membership { name: "g".into(), weight: None, tokens: Vec::new(), header: None };
        assert_eq!(serde_json::to_string(&member).expect("serialises"), r#"{"name":"g"}"#);
        member.header = Some(HeaderMatch { name: "x-canary".into(), value: "yes".into() });
        let text = serde_json::to_string(&member).expect("serialises");
        assert_eq!(text, r#"{"name":"g","header":{"name":"x-canary","value":"yes"}}"#);
        assert_eq!(serde_json::from_str::<Membership>(&text).expect("parses"), member);
    }
}
