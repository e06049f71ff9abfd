//! What stands on a line.

use super::Tariff;
use crate::error::Invalid;
use crate::spec::Spec;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Nodes of a fully managed gateway by the second; its detail is the specification.
    Nodes,
    /// Nodes for a month, billed when it begins; its detail is the specification.
    Subscription,
    /// Another size within the month, for the rest of it.
    SubscriptionChange,
    /// Its detail is the instance.
    AlbInstance,
    /// Capacity units that an ALB gateway used.
    AlbUnits,
    /// Its detail is the VPC.
    VpcLink,
    /// Bodies of requests and answers; its detail is the VPC.
    VpcTraffic,
    PublicTraffic,
}

/// What a quantity is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    NodeSecond,
    /// Nodes, each for a month.
    Node,
    /// Of the month's rest.
    Second,
    /// Thousandths of a capacity unit, each for a second.
    UnitMillisecond,
    Byte,
}

impl Item {
    pub const ALL: [Item; 8] = [
        Item::Nodes,
        Item::Subscription,
        Item::SubscriptionChange,
        Item::AlbInstance,
        Item::AlbUnits,
        Item::VpcLink,
        Item::VpcTraffic,
        Item::PublicTraffic,
    ];

    /// The word in the store and in exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Item::Nodes => "nodes",
            Item::Subscription => "subscription",
            Item::SubscriptionChange => "subscription_change",
            Item::AlbInstance => "alb_instance",
            Item::AlbUnits => "alb_units",
            Item::VpcLink => "vpc_link",
            Item::VpcTraffic => "vpc_traffic",
            Item::PublicTraffic => "public_traffic",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Item::ALL.into_iter().find(|item| item.as_str() == text).ok_or(Invalid::Choice)
    }

    /// Its price; `None` for a specification that is none.
    pub fn tariff(self, detail: &str) -> Option<Tariff> {
        match self {
            Item::Nodes => Spec::parse(detail).ok().map(Tariff::NodeHour),
            Item::Subscription | Item::SubscriptionChange => Spec::parse(detail).ok().map(Tariff::NodeMonth),
            Item::AlbInstance => Some(Tariff::AlbHour),
            Item::AlbUnits => Some(Tariff::AlbUnitHour),
            Item::VpcLink => Some(Tariff::VpcHour),
            Item::VpcTraffic => Some(Tariff::VpcGigabyte),
            Item::PublicTraffic => Some(Tariff::PublicGigabyte),
        }
    }

    pub fn unit(self) -> Unit {
        match self {
            Item::Nodes => Unit::NodeSecond,
            Item::Subscription => Unit::Node,
            Item::SubscriptionChange | Item::AlbInstance | Item::VpcLink => Unit::Second,
            Item::AlbUnits => Unit::UnitMillisecond,
            Item::VpcTraffic | Item::PublicTraffic => Unit::Byte,
        }
    }
}

impl Unit {
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::NodeSecond => "node-second",
            Unit::Node => "node-month",
            Unit::Second => "second",
            Unit::UnitMillisecond => "unit-millisecond",
            Unit::Byte => "byte",
        }
    }
}
