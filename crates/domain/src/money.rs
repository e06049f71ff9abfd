//! Money in integers. Prices are exact to a millionth of the currency's unit, amounts to a hundredth.

use crate::error::Invalid;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Per unit, in the price as it is typed.
const MILLIONTHS: i64 = 1_000_000;
/// A hundredth of the unit, whatever the currency.
const MILLIONTHS_A_CENT: i128 = 10_000;
/// Highest price, whole units: with every quantity that fits into 64 bits it still multiplies exactly.
pub const HIGHEST: i64 = 1_000_000_000;

/// A currency by its ISO 4217 code. Nothing is converted; it is what stands beside the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    pub const USD: Self = Self(*b"USD");

    /// Three capital letters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(Invalid::Choice),
        }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Default for Currency {
    fn default() -> Self {
        Self::USD
    }
}

impl TryFrom<String> for Currency {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.as_str().into()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Millionths of the currency's unit. Negative only as the difference of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Price(pub i64);

impl Price {
    pub const NONE: Self = Self(0);

    /// A decimal number such as `0.125`, of at most six places; nothing typed is no price.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let wrong = || Invalid::Price { entry: text.chars().take(40).collect() };
        if text.is_empty() {
            return Ok(Self::NONE);
        }
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && places.is_empty()) || places.len() > 6 || !digits(whole) || !digits(places) {
            return Err(wrong());
        }
        let number = |part: &str| if part.is_empty() { Some(0) } else { part.parse::<i64>().ok() };
        let whole = number(whole).filter(|whole| *whole <= HIGHEST).ok_or_else(wrong)?;
        let places = number(&format!("{places:0<6}")).ok_or_else(wrong)?;
        Ok(Self(whole * MILLIONTHS + places))
    }

    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub fn times(self, number: u64) -> Self {
        let product = i128::from(self.0) * i128::from(number);
        Self(i64::try_from(product).unwrap_or(if self.0 < 0 { i64::MIN } else { i64::MAX }))
    }
}

/// Without places that say nothing: `0.5`, `12`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let places = format!("{:06}", self.0.unsigned_abs() % MILLIONTHS.unsigned_abs());
        let places = places.trim_end_matches('0');
        let point = if places.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{places}", self.0.unsigned_abs() / MILLIONTHS.unsigned_abs())
    }
}

/// Hundredths of the currency's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(pub i64);

impl Cents {
    /// `quantity × price ÷ per`, half a cent rounded up; of what is given back as of what is taken.
    pub fn of(quantity: u64, price: Price, per: u64) -> Self {
        let exact = i128::from(quantity) * i128::from(price.0);
        let divisor = i128::from(per.max(1)) * MILLIONTHS_A_CENT;
        let rounded = (exact.abs() + divisor / 2) / divisor * exact.signum();
        Self(i64::try_from(rounded).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.fold(0, |sum: i64, each| sum.saturating_add(each.0)))
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly() {
        let pairs = [("0.125", 125_000), ("12", 12_000_000), (" 0.000001 ", 1), (".5", 500_000), ("3.", 3_000_000)];
        for (text, millionths) in pairs {
            assert_eq!(Price::parse(text), Ok(Price(millionths)), "{text}");
        }
        assert_eq!(Price::parse(""), Ok(Price::NONE));
        for text in ["-1", "1e3", "0.0000001", ".", "1,5", "x", "٣", "1000000001", "99999999999999999999", "=1+1"] {
            assert!(matches!(Price::parse(text), Err(Invalid::Price { .. })), "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        for text in ["0", "0.5", "12", "0.000001", "1234.56789"] {
            assert_eq!(Price::parse(text).map(|price| price.to_string()), Ok(text.into()));
        }
        assert_eq!(Price(-1_500_000).to_string(), "-1.5");
        assert_eq!((Cents(-50).to_string(), Cents(123_456).to_string()), ("-0.50".into(), "1234.56".into()));
    }

    #[test]
    fn half_a_cent_is_rounded_up() {
        // 0.01 an hour.
        let price = Price(10_000);
        for (seconds, cents) in [(0, 0), (1_799, 0), (1_800, 1), (3_600, 1), (5_399, 1), (5_400, 2)] {
            assert_eq!(Cents::of(seconds, price, 3_600), Cents(cents), "{seconds} s");
            assert_eq!(Cents::of(seconds, Price(-price.0), 3_600), Cents(-cents), "{seconds} s given back");
        }
        assert_eq!(Cents::of(u64::MAX, Price(i64::MAX), 1), Cents(i64::MAX), "no overflow");
    }

    #[test]
    fn currencies() {
        assert_eq!(Currency::parse("EUR").map(|currency| currency.to_string()), Ok("EUR".into()));
        for text in ["", "eur", "EURO", "€", "E1R"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
    }
}
