//! What an engine is told of a service's traffic.

use super::spec::{DEFAULT_BODY_LIMIT, ServiceTraffic};
use crate::placement::even_share;
use crate::snapshot::policy::{Health, Limits, Queue, Rate, Stream, UpstreamProtocol};
use crate::snapshot::{Policy, Timeouts};
use crate::traffic::TrafficSettings;

/// How long a request waits for a replica where nothing else is said, milliseconds.
const QUEUE_WAIT_MS: u64 = 60_000;
/// Prompts are short beside this: requests with more are sent once.
const LEAST_BURST: u32 = 1;

/// Of how many engines one is told, and for how many replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Engines that requests come through.
    pub engines: u32,
    /// Wanted of the service.
    pub replicas: u32,
}

impl ServiceTraffic {
    /// What it does not say its gateway says.
    pub fn policy(&self, gateway: &TrafficSettings, shares: Shares) -> Policy {
        Policy {
            upstream: if self.grpc { UpstreamProtocol::Http2 } else { UpstreamProtocol::Auto },
            balance: self.balance.clone().unwrap_or_else(|| gateway.balance.clone()),
            limits: self.limits(shares),
            health: Health { slow_start_ms: self.slow_start_ms.unwrap_or_default(), ..Health::default() },
            stream: Stream { keep_alive_ms: self.keep_alive_ms.unwrap_or_default(), observe: self.observe },
            pass_token: self.pass_token,
            ..Policy::default()
        }
    }

    pub fn timeouts(&self, gateway: &TrafficSettings) -> Timeouts {
        let timeouts = self.timeouts.unwrap_or(gateway.timeouts);
        Timeouts { request_ms: self.request_ms.unwrap_or(timeouts.request_ms), ..timeouts }
    }

    /// Whether what an engine is told depends on how many there are.
    pub fn is_shared(&self) -> bool {
        self.rate.is_some()
            || self.replica_rate.is_some()
            || self.in_flight.is_some()
            || self.replica_in_flight.is_some()
            || self.queue.is_some()
    }

    pub fn body_limit(&self) -> u64 {
        self.body_limit.unwrap_or(DEFAULT_BODY_LIMIT)
    }

    fn limits(&self, shares: Shares) -> Limits {
        let of_replicas = self.replica_rate.map(|rate| rate.saturating_mul(shares.replicas.max(1)));
        let rate = [self.rate, of_replicas].into_iter().flatten().min();
        let part = |whole: u32| share(whole, shares.engines);
        Limits {
            rate: rate.map(part).map(|per_second| Rate { per_second, burst: per_second.max(LEAST_BURST) }),
            token_rate: None,
            in_flight: self.in_flight.map(part),
            in_flight_per_replica: self.replica_in_flight.map(part),
            queue: self
                .queue
                .filter(|length| *length > 0)
                .map(|length| Queue { length: part(length), wait_ms: self.queue_wait_ms.unwrap_or(QUEUE_WAIT_MS) }),
        }
    }
}

/// At least one: none at all would be another limit than what was asked for.
fn share(whole: u32, engines: u32) -> u32 {
    u32::try_from(even_share(whole.into(), 0, engines)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Balance;

    const ONE: Shares = Shares { engines: 1, replicas: 3 };

    #[test]
    fn says_nothing_where_nothing_was_said() {
        let gateway = TrafficSettings::default();
        let traffic = ServiceTraffic::default();
        assert_eq!(traffic.policy(&gateway, ONE), Policy::default());
        assert_eq!(traffic.timeouts(&gateway), Timeouts::default());
    }

    #[test]
    fn goes_before_what_the_gateway_says() {
        let gateway = TrafficSettings { balance: Balance::PeakEwma, ..TrafficSettings::default() };
        let traffic = ServiceTraffic { request_ms: Some(5_000), ..ServiceTraffic::default() };
        assert_eq!(traffic.policy(&gateway, ONE).balance, Balance::PeakEwma);
        assert_eq!(traffic.timeouts(&gateway).request_ms, 5_000);
        let traffic = ServiceTraffic { balance: Some(Balance::LeastRequests), ..traffic };
        assert_eq!(traffic.policy(&gateway, ONE).balance, Balance::LeastRequests);
    }

    #[test]
    fn the_tighter_rate_counts_and_engines_share_it() {
        let gateway = TrafficSettings::default();
        let traffic = ServiceTraffic { rate: Some(100), replica_rate: Some(10), ..ServiceTraffic::default() };
        let rate = |shares| traffic.policy(&gateway, shares).limits.rate.map(|rate| rate.per_second);
        assert_eq!(rate(ONE), Some(30));
        assert_eq!(rate(Shares { engines: 1, replicas: 20 }), Some(100));
        assert_eq!(rate(Shares { engines: 4, replicas: 20 }), Some(25));
        assert_eq!(rate(Shares { engines: 50, replicas: 1 }), Some(1));
    }
}
