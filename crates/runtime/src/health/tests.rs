//! Answers in a row, without anybody who is asked.

use super::*;
use crate::driver::{Ending, ExecError, Usage};
use chrono::{DateTime, Utc};
use domain::service::Pace;
use tonic::async_trait;

struct Started(Option<DateTime<Utc>>);

#[async_trait]
impl Running for Started {
    fn pid(&self) -> Option<u32> {
        None
    }
    fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0
    }
    async fn ended(&self) -> Ending {
        std::future::pending().await
    }
    async fn stop(&self, _: Duration) {}
    async fn exec(&self, _: &[String], _: Duration) -> Result<(), ExecError> {
        Ok(())
    }
    async fn usage(&self) -> Option<Usage> {
        None
    }
}

fn address() -> SocketAddr {
    ([127, 0, 0, 1], 1).into()
}

fn slow() -> Answer {
    Err(ProbeError::Slow { address: address(), seconds: 2 })
}

fn check(failures: u32, successes: u32) -> Check {
    Check { method: Probe::Tcp, pace: Pace { failures, successes, period_seconds: 10, ..Pace::default() } }
}

fn health(workload: &Workload, age_seconds: i64) -> Health {
    let at = crate::spec::now() - chrono::TimeDelta::seconds(age_seconds);
    Health::new(workload, address(), Arc::new(Started(Some(at))), false)
}

fn state(verdict: Verdict) -> ReplicaState {
    match verdict {
        Verdict::Is(state, _) => state,
        Verdict::Restart(reason) => panic!("{reason}"),
    }
}

#[test]
fn three_failures_in_a_row() {
    let mut health = health(&Workload { readiness: check(3, 1), ..Workload::default() }, 0);
    assert_eq!(state(health.readiness(slow())), ReplicaState::Starting);
    assert_eq!(health.readiness(Ok(())), Verdict::Is(ReplicaState::Ready, None));
    for _ in 0..3 {
        assert_eq!(health.readiness(slow()), Verdict::Is(ReplicaState::Ready, None));
        assert_eq!(state(health.readiness(slow())), ReplicaState::Ready);
        assert_eq!(state(health.readiness(Ok(()))), ReplicaState::Ready);
    }
    health.readiness(slow());
    health.readiness(slow());
    let Verdict::Is(ReplicaState::Unready, Some(detail)) = health.readiness(slow()) else { panic!("not unready") };
    assert!(detail.contains("within 2 s"), "{detail}");
    assert_eq!(health.readiness(Ok(())), Verdict::Is(ReplicaState::Ready, None));
}

#[test]
fn two_successes_in_a_row() {
    let mut health = health(&Workload { readiness: check(1, 2), ..Workload::default() }, 0);
    for answer in [Ok(()), slow(), Ok(())] {
        assert_eq!(state(health.readiness(answer)), ReplicaState::Starting);
    }
    assert_eq!(state(health.readiness(Ok(()))), ReplicaState::Ready);
    assert_eq!(state(health.readiness(slow())), ReplicaState::Unready);
}

#[test]
fn a_startup_gives_up_after_its_time() {
    let workload = Workload { startup: Some(check(3, 1)), ..Workload::default() };
    let mut young = health(&workload, 29);
    assert_eq!(state(young.starting(slow())), ReplicaState::Starting);
    let mut old = health(&workload, 31);
    let Verdict::Restart(reason) = old.starting(slow()) else { panic!("goes on") };
    assert!(reason.starts_with("has not started within 30 s: no answer"), "{reason}");
    let mut good = health(&workload, 31);
    assert_eq!(good.starting(Ok(())), Verdict::Is(ReplicaState::Starting, None));
    assert!(good.startup.is_none());
}

#[test]
fn a_liveness_that_fails_restarts() {
    let mut health = health(&Workload { liveness: Some(check(2, 1)), ..Workload::default() }, 0);
    for answer in [slow(), Ok(()), slow()] {
        assert_eq!(health.liveness(answer), None);
    }
    let Some(Verdict::Restart(reason)) = health.liveness(slow()) else { panic!("goes on") };
    assert!(reason.contains("2 times in a row: no answer"), "{reason}");
}
