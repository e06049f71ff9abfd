//! Where something runs that is not started here: `192.0.2.7:8000`, or `192.0.2.7:8000 weight=50`.

use crate::endpoint::MAX_WEIGHT;
use std::net::SocketAddr;

/// The address, and its weight where one is said; `None` if it is not written so.
pub(super) fn read(text: &str) -> Option<(SocketAddr, Option<u32>)> {
    let mut words = text.split_ascii_whitespace();
    let address = words.next()?.parse::<SocketAddr>().ok();
    let address = address.filter(|address| address.port() > 0 && !address.ip().is_unspecified())?;
    let weight = words.next().map(weight);
    match (weight, words.next()) {
        (None, None) => Some((address, None)),
        (Some(Some(weight)), None) => Some((address, Some(weight))),
        _ => None,
    }
}

fn weight(word: &str) -> Option<u32> {
    let digits = word.strip_prefix("weight=").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|weight| (1..=MAX_WEIGHT).contains(weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_weight() {
        for (text, weight) in [
            ("192.0.2.7:80", None),
            ("[2001:db8::7]:80", None),
            ("192.0.2.7:80 weight=1", Some(1)),
            (" [2001:db8::7]:80   weight=1000 ", Some(1000)),
        ] {
            assert_eq!(read(text).map(|(_, weight)| weight), Some(weight), "{text}");
        }
        for bad in [
            "",
            "model.example.com:80",
            "192.0.2.7",
            "192.0.2.7:0",
            "0.0.0.0:80",
            "weight=5",
            "192.0.2.7:80 weight=0",
            "192.0.2.7:80 weight=1001",
            "192.0.2.7:80 weight=+5",
            "192.0.2.7:80 weight=",
            "192.0.2.7:80 weight=5 weight=5",
            "192.0.2.7:80 5",
            "192.0.2.7:80 192.0.2.8:80",
            "192.0.2.7:80,weight=5",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
