//! Several services behind one name: `/api/predict/<group>`, and `/api/predict/<group>.<service>` for one of them.

use crate::error::Invalid;
use crate::id::{AccountId, GatewayId, GroupId, WorkspaceId};
use crate::name::ServiceName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Weights are compared with each other; more than this nobody needs.
pub const MAX_WEIGHT: u32 = 1000;
const MAX_HEADER: usize = 128;

/// There as long as a service is in it. All its services are of one gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    /// Never changes: it is part of the endpoint. No service of the workspace has it.
    pub name: ServiceName,
    pub gateway_id: GatewayId,
    pub weights: Weights,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// How a group's requests are shared among its services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// By the number of their ready replicas.
    #[default]
    Automatic,
    /// By what was set for each.
    Fixed,
}

/// A service's place in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub group_id: GroupId,
    /// Where weights are fixed: its part, compared with the others'.
    pub weight: u32,
    /// Requests of the group that carry this header all go to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<CanaryHeader>,
    /// In the group, and none of the group's requests go to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub standalone: bool,
}

impl Place {
    /// Of a service that has just come into it.
    pub fn new(group_id: GroupId) -> Self {
        Self { group_id, weight: 100, header: None, standalone: false }
    }

    /// What an engine is told: its part of the group's requests, or `None` for that of its ready replicas.
    pub fn weight(&self, weights: Weights) -> Option<u32> {
        match weights {
            _ if self.standalone => Some(0),
            Weights::Automatic => None,
            Weights::Fixed => Some(self.weight),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryHeader {
    /// Lower case.
    pub name: String,
    pub value: String,
}

impl CanaryHeader {
    /// `name: value`; nothing typed is none.
    ///
    /// # Errors
    /// [`Invalid::Header`]
    pub fn parse(typed: &str) -> Result<Option<Self>, Invalid> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        if typed.len() > 2 * MAX_HEADER {
            return Err(Invalid::TooLong { max: 2 * MAX_HEADER, len: typed.len() });
        }
        let (name, value) = typed.split_once(':').ok_or(Invalid::Header)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_text = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if name.is_empty() || value.is_empty() || !name.bytes().all(is_token) || !value.bytes().all(is_text) {
            return Err(Invalid::Header);
        }
        // What the engine itself decides by, or takes away.
        if ["host", "authorization", "connection", "content-length", "transfer-encoding"].contains(&name.as_str()) {
            return Err(Invalid::HeaderTaken { name });
        }
        Ok(Some(Self { name, value }))
    }

    pub fn text(&self) -> String {
        format!("{}: {}", self.name, self.value)
    }
}

/// What was typed for a group and the services in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceDraft {
    #[serde(default)]
    pub weight: String,
    #[serde(default)]
    pub header: String,
    /// `on` where it is taken out of the group's traffic.
    #[serde(default)]
    pub standalone: String,
}

impl PlaceDraft {
    /// # Errors
    /// At `weight` or `header`.
    pub fn validate(&self, group_id: &GroupId) -> Result<Place, crate::error::FieldErrors> {
        let mut errors = crate::error::FieldErrors::default();
        let weight = errors.take("weight", weight(&self.weight));
        let header = errors.take("header", CanaryHeader::parse(&self.header));
        let standalone = self.standalone == "on";
        let place =
            weight.zip(header).map(|(weight, header)| Place { group_id: group_id.clone(), weight, header, standalone });
        errors.finish(place)
    }
}

fn weight(typed: &str) -> Result<u32, Invalid> {
    let range = Invalid::OutOfRange { min: 0, max: u64::from(MAX_WEIGHT) };
    let weight = typed.trim().parse().map_err(|_| range.clone())?;
    if weight <= MAX_WEIGHT { Ok(weight) } else { Err(range) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RANDOM_LEN;

    #[test]
    fn headers_as_they_are_typed() {
        let parsed = |typed| CanaryHeader::parse(typed).map(|header| header.map(|header| header.text()));
        assert_eq!(parsed(""), Ok(None));
        assert_eq!(parsed(" X-Canary:  yes please "), Ok(Some("x-canary: yes please".into())));
        for wrong in ["x-canary", ": yes", "x-canary:", "x canary: 1", "x-a: \u{7f}", "x-a: é", "x-a: 1\nx-b: 2"] {
            assert_eq!(parsed(wrong), Err(Invalid::Header), "{wrong}");
        }
        assert_eq!(parsed("Authorization: a"), Err(Invalid::HeaderTaken { name: "authorization".into() }));
    }

    #[test]
    fn nobody_in_particular_gets_nothing() {
        let group = GroupId::from_random([1; RANDOM_LEN]);
        let place = Place::new(group.clone());
        assert_eq!((place.weight(Weights::Automatic), place.weight(Weights::Fixed)), (None, Some(100)));
        let apart = Place { standalone: true, ..place };
        assert_eq!((apart.weight(Weights::Automatic), apart.weight(Weights::Fixed)), (Some(0), Some(0)));
        for (typed, fine) in [("0", true), ("1000", true), ("1001", false), ("-1", false), ("", false)] {
            let draft = PlaceDraft { weight: typed.into(), ..PlaceDraft::default() };
            assert_eq!(draft.validate(&group).is_ok(), fine, "{typed}");
        }
    }
}
