//! Probe results become a state.

use crate::probe::{ProbeError, probe};
use domain::service::Probe;
use domain::status::ReplicaState;
use std::net::SocketAddr;
use std::time::Duration;

/// After the start, when a moment counts.
const SOON: Duration = Duration::from_millis(250);
const USUAL: Duration = Duration::from_secs(1);
/// In a row.
const FAILURES: u32 = 3;

pub struct Health {
    kind: Probe,
    address: SocketAddr,
    state: ReplicaState,
    failures: u32,
    asked: bool,
}

impl Health {
    pub fn new(kind: Probe, address: SocketAddr, ready: bool) -> Self {
        let state = if ready { ReplicaState::Ready } else { ReplicaState::Starting };
        Self { kind, address, state, failures: 0, asked: false }
    }

    /// Waits, asks, and says how the replica is and, where it is not ready, why.
    pub async fn next(&mut self) -> (ReplicaState, Option<String>) {
        let pause = match (self.asked, self.state) {
            (false, _) => SOON / 5,
            (true, ReplicaState::Starting) => SOON,
            (true, _) => USUAL,
        };
        tokio::time::sleep(pause).await;
        self.asked = true;
        let result = probe(&self.kind, self.address).await;
        self.judge(result)
    }

    fn judge(&mut self, result: Result<(), ProbeError>) -> (ReplicaState, Option<String>) {
        match result {
            Ok(()) => {
                self.failures = 0;
                self.state = ReplicaState::Ready;
            }
            Err(_) if self.state == ReplicaState::Ready && self.failures + 1 < FAILURES => {
                self.failures += 1;
            }
            Err(error) => {
                if self.state == ReplicaState::Ready {
                    self.state = ReplicaState::Unready;
                }
                return (self.state, Some(error.to_string()));
            }
        }
        (self.state, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_row() {
        let mut health = Health::new(Probe::Tcp, ([127, 0, 0, 1], 1).into(), false);
        let slow = || Err(ProbeError::Slow { address: ([127, 0, 0, 1], 1).into() });
        assert_eq!(health.judge(slow()).0, ReplicaState::Starting);
        assert_eq!(health.judge(Ok(())).0, ReplicaState::Ready);
        for _ in 0..3 {
            assert_eq!(health.judge(slow()).0, ReplicaState::Ready);
            assert_eq!(health.judge(slow()).0, ReplicaState::Ready);
            assert_eq!(health.judge(Ok(())).0, ReplicaState::Ready);
        }
        health.judge(slow());
        health.judge(slow());
        let (state, detail) = health.judge(slow());
        assert_eq!(state, ReplicaState::Unready);
        assert!(detail.unwrap().contains("within 2 s"));
        assert_eq!(health.judge(Ok(())), (ReplicaState::Ready, None));
    }
}
