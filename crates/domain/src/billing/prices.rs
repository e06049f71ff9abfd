//! What the operator asks for, and since when.

use crate::error::{FieldErrors, Invalid};
use crate::money::Price;
use crate::spec::Spec;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One of the prices that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Tariff {
    /// A node for an hour, counted by the second.
    NodeHour(Spec),
    /// A node for a month of a subscription.
    NodeMonth(Spec),
    AlbHour,
    /// A capacity unit for an hour.
    AlbUnitHour,
    /// A VPC that is linked, for an hour.
    VpcHour,
    VpcGigabyte,
    PublicGigabyte,
}

const HOUR: u64 = 3_600;
/// The decimal one: 10⁹ bytes.
const GIGABYTE: u64 = 1_000_000_000;

macro_rules! tariffs {
    ($($tariff:ident $(($spec:ident))? = $name:literal;)*) => {
        impl Tariff {
            pub fn all() -> impl Iterator<Item = Self> {
                [$(Self::$tariff $((Spec::$spec))?,)*].into_iter()
            }

            /// The word in the store and in errors.
            pub fn name(self) -> &'static str {
                match self { $(Self::$tariff $((Spec::$spec))? => $name,)* }
            }

            /// The field of the form.
            pub fn field(self) -> &'static str {
                match self { $(Self::$tariff $((Spec::$spec))? => concat!("draft[", $name, "]"),)* }
            }
        }
    };
}

tariffs! {
    NodeHour(C2G4) = "node_hour_2c4g";
    NodeHour(C4G8) = "node_hour_4c8g";
    NodeHour(C8G16) = "node_hour_8c16g";
    NodeHour(C16G32) = "node_hour_16c32g";
    NodeMonth(C2G4) = "node_month_2c4g";
    NodeMonth(C4G8) = "node_month_4c8g";
    NodeMonth(C8G16) = "node_month_8c16g";
    NodeMonth(C16G32) = "node_month_16c32g";
    AlbHour = "alb_hour";
    AlbUnitHour = "alb_unit_hour";
    VpcHour = "vpc_hour";
    VpcGigabyte = "vpc_gb";
    PublicGigabyte = "public_gb";
}

impl Tariff {
    /// Seconds, bytes, nodes, or thousandths of a unit for a second, that the price is for.
    pub fn per(self) -> u64 {
        match self {
            Self::NodeMonth(_) => 1,
            Self::NodeHour(_) | Self::AlbHour | Self::VpcHour => HOUR,
            Self::AlbUnitHour => HOUR * 1000,
            Self::VpcGigabyte | Self::PublicGigabyte => GIGABYTE,
        }
    }
}

impl TryFrom<String> for Tariff {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::all().find(|tariff| tariff.name() == text).ok_or(Invalid::Choice)
    }
}

impl From<Tariff> for String {
    fn from(tariff: Tariff) -> String {
        tariff.name().into()
    }
}

/// All prices as they are from a moment on, until the next list's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceList {
    /// Counts the lists; of two that begin together the later one holds.
    pub number: i64,
    pub valid_from: DateTime<Utc>,
    /// Without those that are not set.
    pub prices: BTreeMap<Tariff, Price>,
}

impl PriceList {
    pub fn of(&self, tariff: Tariff) -> Price {
        self.prices.get(&tariff).copied().unwrap_or_default()
    }
}

/// All lists there ever were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices(Vec<PriceList>);

impl Prices {
    pub fn new(mut lists: Vec<PriceList>) -> Self {
        lists.sort_by_key(|list| (list.valid_from, list.number));
        Self(lists)
    }

    /// The list that holds at this moment.
    pub fn list_at(&self, at: DateTime<Utc>) -> Option<&PriceList> {
        let behind = self.0.partition_point(|list| list.valid_from <= at);
        behind.checked_sub(1).and_then(|last| self.0.get(last))
    }

    pub fn at(&self, at: DateTime<Utc>, tariff: Tariff) -> Price {
        self.list_at(at).map(|list| list.of(tariff)).unwrap_or_default()
    }

    /// Parts of this time in which one price holds, in order.
    pub fn parts(
        &self,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        tariff: Tariff,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>, Price)> {
        let changes = self.0.iter().map(|list| list.valid_from).filter(move |at| from < *at && *at < until);
        let begins: Vec<_> = std::iter::once(from).chain(changes).collect();
        let ends: Vec<_> = begins.iter().copied().skip(1).chain([until]).collect();
        begins.into_iter().zip(ends).map(move |(from, until)| (from, until, self.at(from, tariff)))
    }

    pub fn lists(&self) -> &[PriceList] {
        &self.0
    }
}

/// The prices that are set, and from when on; `None`: at once.
pub type Priced = (BTreeMap<Tariff, Price>, Option<DateTime<Utc>>);

/// What somebody typed to set prices: all of them at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceDraft {
    #[serde(default)]
    pub prices: BTreeMap<String, String>,
    /// A day such as `2026-12-01`, from whose beginning (UTC) they hold; empty: at once.
    #[serde(default)]
    pub valid_from: String,
}

impl PriceDraft {
    /// By the names of the form's fields.
    pub fn of_fields(mut fields: BTreeMap<String, String>) -> Self {
        let valid_from = fields.remove("valid_from").unwrap_or_default();
        Self { prices: fields, valid_from }
    }

    /// What ran before keeps the price that it had, so a day must be one that has not begun.
    pub fn validate(&self, now: DateTime<Utc>) -> Result<Priced, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut prices = BTreeMap::new();
        for tariff in Tariff::all() {
            let name = tariff.name();
            let typed = self.prices.get(name).map(String::as_str).unwrap_or_default();
            if let Some(price) = errors.take(name, Price::parse(typed)).filter(|price| !price.is_none()) {
                prices.insert(tariff, price);
            }
        }
        let from = match self.valid_from.trim() {
            "" => Some(None),
            typed => errors.take("valid_from", day(typed, now)).map(Some),
        };
        errors.finish(from.map(|from| (prices, from)))
    }
}

fn day(typed: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Invalid> {
    let parts: Vec<&str> = typed.split('-').collect();
    let date = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => {
            let parsed = year.parse().ok().zip(month.parse().ok()).zip(day.parse().ok());
            parsed.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month, day))
        }
        _ => None,
    };
    let start = date.map(|date| date.and_time(NaiveTime::MIN).and_utc());
    start.filter(|start| *start > now).ok_or(Invalid::FutureDay)
}
