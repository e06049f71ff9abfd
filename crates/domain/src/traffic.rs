//! How a gateway treats requests of its services, where a service does not say it itself.

use crate::error::{FieldErrors, Invalid};
use crate::snapshot::{Balance, HashOn, Timeouts};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrafficSettings {
    pub timeouts: Timeouts,
    pub balance: Balance,
}

/// What somebody typed: times in seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficDraft {
    pub connect: String,
    pub first_byte: String,
    pub idle: String,
    pub request: String,
    /// One of [`BALANCES`].
    pub balance: String,
    /// Of the header or the cookie that a hash is taken of.
    pub hash_name: String,
}

/// The words for ways to balance in forms.
pub const BALANCES: [&str; 7] =
    ["round_robin", "least_requests", "peak_ewma", "prefix_affinity", "hash_header", "hash_cookie", "hash_address"];

/// How much of a prompt decides where it goes, bytes, and how much busier than the mean a replica may be for it, per
/// cent: what keeps caches of prefixes warm without a queue at one replica.
const PREFIX: Balance = Balance::PrefixAffinity { bytes: 1024, load_percent: 125 };

/// Shortest and longest time, milliseconds. A day: nobody waits longer, and a mistyped one is noticed.
const SHORTEST_MS: u64 = 100;
const LONGEST_MS: u64 = 86_400_000;
/// Longest time for a connection, milliseconds.
const LONGEST_CONNECT_MS: u64 = 60_000;

impl TrafficSettings {
    pub fn draft(&self) -> TrafficDraft {
        let (balance, hash_name) = match &self.balance {
            Balance::RoundRobin => ("round_robin", ""),
            Balance::LeastRequests => ("least_requests", ""),
            Balance::PeakEwma => ("peak_ewma", ""),
            Balance::PrefixAffinity { .. } => ("prefix_affinity", ""),
            Balance::ConsistentHash { on: HashOn::Header(name) } => ("hash_header", name.as_str()),
            Balance::ConsistentHash { on: HashOn::Cookie(name) } => ("hash_cookie", name.as_str()),
            Balance::ConsistentHash { on: HashOn::Address } => ("hash_address", ""),
        };
        TrafficDraft {
            connect: seconds(self.timeouts.connect_ms),
            first_byte: seconds(self.timeouts.first_byte_ms),
            idle: seconds(self.timeouts.idle_ms),
            request: seconds(self.timeouts.request_ms),
            balance: balance.into(),
            hash_name: hash_name.into(),
        }
    }
}

impl TrafficDraft {
    pub fn validate(&self) -> Result<TrafficSettings, FieldErrors> {
        let mut errors = FieldErrors::default();
        let connect = errors.take("connect", millis(&self.connect, LONGEST_CONNECT_MS));
        let first_byte = errors.take("first_byte", millis(&self.first_byte, LONGEST_MS));
        let idle = errors.take("idle", millis(&self.idle, LONGEST_MS));
        let request = errors.take("request", millis(&self.request, LONGEST_MS));
        let balance = self.balance(&mut errors);
        let settings = (|| {
            let timeouts =
                Timeouts { connect_ms: connect?, first_byte_ms: first_byte?, idle_ms: idle?, request_ms: request? };
            Some(TrafficSettings { timeouts, balance: balance? })
        })();
        errors.finish(settings)
    }

    fn balance(&self, errors: &mut FieldErrors) -> Option<Balance> {
        let hash = |on| Some(Balance::ConsistentHash { on });
        match self.balance.as_str() {
            "round_robin" => Some(Balance::RoundRobin),
            "least_requests" => Some(Balance::LeastRequests),
            "peak_ewma" => Some(Balance::PeakEwma),
            "prefix_affinity" => Some(PREFIX),
            "hash_address" => hash(HashOn::Address),
            "hash_header" => {
                let name = errors.take("hash_name", header_name(&self.hash_name))?;
                hash(HashOn::Header(name.to_ascii_lowercase()))
            }
            "hash_cookie" => hash(HashOn::Cookie(errors.take("hash_name", header_name(&self.hash_name))?)),
            _ => errors.take("balance", Err(Invalid::Choice)),
        }
    }
}

/// A time as it is typed again: no zeros at its end.
fn seconds(millis: u64) -> String {
    let (whole, part) = (millis / 1000, millis % 1000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:03}").trim_end_matches('0').to_owned() }
}

fn millis(typed: &str, longest: u64) -> Result<u64, Invalid> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Invalid::Required);
    }
    let wrong = || Invalid::Seconds { least: seconds(SHORTEST_MS), most: seconds(longest) };
    let (whole, part) = typed.split_once('.').unwrap_or((typed, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 3 {
        return Err(wrong());
    }
    let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<u64>().map_err(|_| wrong()) };
    let total = number(whole)?.saturating_mul(1000).saturating_add(number(&format!("{part:0<3}"))?);
    if (SHORTEST_MS..=longest).contains(&total) { Ok(total) } else { Err(wrong()) }
}

/// A name that a header or a cookie can have (RFC 9110, token).
pub(crate) fn header_name(typed: &str) -> Result<String, Invalid> {
    let typed = typed.trim();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    match typed {
        "" => Err(Invalid::Required),
        _ if typed.len() > 64 => Err(Invalid::TooLong { max: 64, len: typed.chars().count() }),
        _ if typed.bytes().all(is_part) => Ok(typed.to_owned()),
        _ => Err(Invalid::HeaderName),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_is_typed_again() {
        let mut settings = TrafficSettings::default();
        assert_eq!(settings.draft().first_byte, "600");
        settings.timeouts.connect_ms = 2_500;
        for balance in BALANCES {
            let draft = TrafficDraft { balance: balance.into(), hash_name: "x-user".into(), ..settings.draft() };
            let taken = draft.validate().expect("valid");
            let again = taken.draft();
            assert_eq!((again.balance.as_str(), again.connect.as_str()), (balance, "2.5"));
            assert_eq!(again.validate(), Ok(taken));
        }
    }

    #[test]
    fn times_and_names_that_make_no_sense() {
        let code = |draft: TrafficDraft| {
            let errors = draft.validate().expect_err("is wrong");
            errors.0.into_iter().map(|each| format!("{} {}", each.field, each.error.code())).collect::<Vec<_>>()
        };
        let fine = TrafficSettings::default().draft();
        for (typed, said) in [
            ("", "required"),
            ("0", "seconds"),
            ("-1", "seconds"),
            ("1e3", "seconds"),
            ("99999", "seconds"),
            ("1.2345", "seconds"),
            ("18446744073709551616", "seconds"),
            ("١", "seconds"),
        ] {
            assert_eq!(code(TrafficDraft { idle: typed.into(), ..fine.clone() }), [format!("idle {said}")], "{typed}");
        }
        assert_eq!(code(TrafficDraft { connect: "61".into(), ..fine.clone() }), ["connect seconds"]);
        let hash = |name: &str| TrafficDraft { balance: "hash_header".into(), hash_name: name.into(), ..fine.clone() };
        assert_eq!(code(hash("")), ["hash_name required"]);
        assert_eq!(code(hash("a b")), ["hash_name header_name"]);
        assert_eq!(code(TrafficDraft { balance: "coin".into(), ..fine }), ["balance choice"]);
    }
}
