//! The plan, step by step, against replicas that do as they are told.

use super::*;
use ReplicaState::{BackOff, Ready, Starting, Stopping, Unready};
use domain::service::Probe;

fn service(version: &str, replicas: u32, fixed_port: Option<u16>) -> WantedService {
    WantedService {
        service_id: "svc-a".parse().unwrap(),
        name: "a".into(),
        workload: Workload {
            command: vec!["run".into(), version.into()],
            env: vec![],
            fixed_port,
            replicas,
            probe: Probe::Tcp,
            grace_seconds: 1,
        },
    }
}

struct Host {
    seen: Vec<Seen>,
    made: u8,
}

impl Host {
    fn new() -> Self {
        Self { seen: Vec::new(), made: 0 }
    }

    fn step(&mut self, wanted: &[WantedService]) -> (usize, usize) {
        let plan = plan(wanted, &self.seen);
        let told = (plan.start.len(), plan.stop.len());
        for id in plan.stop {
            self.seen.iter_mut().find(|s| s.replica_id == id).expect("there").state = Stopping;
        }
        for service in plan.start {
            self.made += 1;
            self.seen.push(Seen {
                replica_id: ReplicaId::from_random([self.made; 18]),
                service_id: service.service_id.clone(),
                workload: of_one_replica(&service.workload),
                state: Starting,
            });
        }
        told
    }

    fn turn(&mut self, from: ReplicaState, to: ReplicaState) {
        self.seen.iter_mut().filter(|s| s.state == from).for_each(|s| s.state = to);
    }

    fn gone(&mut self) {
        self.seen.retain(|s| s.state != Stopping);
    }

    fn count(&self, state: ReplicaState) -> usize {
        self.seen.iter().filter(|s| s.state == state).count()
    }
}

#[test]
fn up_and_down_and_away() {
    let mut host = Host::new();
    assert_eq!(host.step(&[service("1", 3, None)]), (3, 0));
    assert_eq!(host.step(&[service("1", 3, None)]), (0, 0));
    host.turn(Starting, Ready);
    host.seen[1].state = BackOff;
    assert_eq!(host.step(&[service("1", 2, None)]), (0, 1));
    assert_eq!(host.count(Ready), 2, "the broken one went");
    assert_eq!(host.step(&[service("1", 5, None)]), (3, 0));
    assert_eq!(host.step(&[]), (0, 5));
    assert_eq!(host.step(&[]), (0, 0));
}

#[test]
fn a_change_replaces_one_by_one_without_a_gap() {
    let mut host = Host::new();
    host.step(&[service("1", 3, None)]);
    host.turn(Starting, Ready);
    let new = [service("2", 3, None)];
    for _ in 0..3 {
        assert_eq!(host.step(&new).0, 1);
        assert!(host.count(Ready) == 3 && host.count(Starting) == 1);
        assert_eq!(host.step(&new), (0, 0), "waits for it");
        host.turn(Starting, Ready);
        assert!(host.count(Ready) > 3);
        let before = host.seen.len();
        host.step(&new);
        host.gone();
        assert!(host.count(Ready) == 3 && host.seen.len() <= before);
        host.turn(Starting, Unready);
        host.turn(Unready, Starting);
        host.seen.retain(|s| s.state != Starting);
    }
    assert_eq!(host.step(&new), (0, 0));
    assert!(host.seen.iter().all(|s| s.workload.command[1] == "2"));
}

#[test]
fn a_broken_version_is_replaced_at_once_and_does_not_spread() {
    let mut host = Host::new();
    host.step(&[service("1", 2, None)]);
    host.turn(Starting, BackOff);
    assert_eq!(host.step(&[service("2", 2, None)]), (2, 2));
    host.gone();
    host.turn(Starting, Ready);
    assert_eq!(host.step(&[service("3", 2, None)]), (1, 0));
    host.turn(Starting, BackOff);
    assert_eq!(host.step(&[service("3", 2, None)]), (0, 0), "the old ones go on");
}

#[test]
fn more_replicas_and_a_change_at_once() {
    let mut host = Host::new();
    host.step(&[service("1", 1, None)]);
    host.turn(Starting, Ready);
    assert_eq!(host.step(&[service("2", 4, None)]), (3, 0));
    host.turn(Starting, Ready);
    assert_eq!(host.step(&[service("2", 4, None)]), (1, 0));
    host.turn(Starting, Ready);
    assert_eq!(host.step(&[service("2", 4, None)]), (0, 1));
}

#[test]
fn one_fixed_port_has_one_holder() {
    let mut host = Host::new();
    host.step(&[service("1", 1, Some(7000))]);
    host.turn(Starting, Ready);
    assert_eq!(host.step(&[service("2", 1, Some(7000))]), (0, 1));
    assert_eq!(host.step(&[service("2", 1, Some(7000))]), (0, 0), "until it is gone");
    host.gone();
    assert_eq!(host.step(&[service("2", 1, Some(7000))]), (1, 0));
    host.turn(Starting, Ready);
    assert_eq!(host.step(&[service("2", 1, Some(7001))]), (1, 0), "another port needs no gap");
}
