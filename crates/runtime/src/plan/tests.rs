//! The plan, step by step, against replicas that do as they are told.

use super::*;
use ReplicaState::{BackOff, Ready, Starting, Stopping, Unready};

fn service(version: u32, replicas: u32) -> WantedService {
    let workload = Workload { command: vec!["run".into(), version.to_string()], ..Workload::default() };
    WantedService { service_id: "svc-a".parse().unwrap(), name: "a".into(), version, replicas, workload }
}

fn external(version: u32, replicas: u32, ports: &[u16]) -> WantedService {
    let addresses = ports.iter().map(|port| ([10, 0, 0, 1], *port).into()).collect();
    let mut service = service(version, replicas);
    service.workload.runtime = Runtime::External { addresses, weights: Default::default() };
    service
}

struct There {
    id: ReplicaId,
    service: ServiceId,
    version: u32,
    workload: Workload,
    state: ReplicaState,
    isolated: bool,
}

#[derive(Default)]
struct Host {
    all: Vec<There>,
    made: u8,
}

impl Host {
    /// How many were started and stopped.
    fn step(&mut self, wanted: &[WantedService]) -> (usize, usize) {
        let seen = self.all.iter().map(|there| Seen {
            replica_id: &there.id,
            service_id: &there.service,
            version: there.version,
            workload: &there.workload,
            state: there.state,
            isolated: there.isolated,
        });
        let plan = plan(wanted, &seen.collect::<Vec<_>>());
        let told = (plan.start.len(), plan.stop.len());
        for id in plan.stop {
            let there = self.all.iter_mut().find(|there| there.id == id).expect("there");
            assert_ne!(there.state, Stopping, "told once");
            there.state = Stopping;
        }
        for (id, version) in plan.versions {
            self.all.iter_mut().find(|there| there.id == id).expect("there").version = version;
        }
        for Start { service, external } in plan.start {
            self.made += 1;
            let id = external.map_or(ReplicaId::from_random([self.made; 18]), |(id, _)| id);
            assert!(self.all.iter().all(|there| there.id != id), "never two of one id");
            self.all.push(There {
                id,
                service: service.service_id.clone(),
                version: service.version,
                workload: service.workload.clone(),
                state: Starting,
                isolated: false,
            });
        }
        told
    }

    fn turn(&mut self, from: ReplicaState, to: ReplicaState) {
        self.all.iter_mut().filter(|there| there.state == from).for_each(|there| there.state = to);
    }

    fn gone(&mut self) {
        self.all.retain(|there| there.state != Stopping);
    }

    fn count(&self, version: u32, state: ReplicaState) -> usize {
        self.all.iter().filter(|there| there.version == version && there.state == state).count()
    }
}

#[test]
fn up_and_down_and_away() {
    let mut host = Host::default();
    assert_eq!(host.step(&[service(1, 3)]), (3, 0));
    assert_eq!(host.step(&[service(1, 3)]), (0, 0));
    host.turn(Starting, Ready);
    host.all[1].state = BackOff;
    assert_eq!(host.step(&[service(1, 2)]), (0, 1));
    assert_eq!(host.count(1, Ready), 2, "the broken one went");
    assert_eq!(host.step(&[service(1, 5)]), (3, 0));
    assert_eq!(host.step(&[]), (0, 5));
    assert_eq!(host.step(&[]), (0, 0));
}

#[test]
fn those_that_serve_go_last() {
    let mut host = Host::default();
    host.step(&[service(1, 5)]);
    for (there, state) in host.all.iter_mut().zip([Ready, Unready, Ready, Starting, BackOff]) {
        there.state = state;
    }
    host.all[0].isolated = true;
    for left in [Starting, Unready, Ready] {
        let replicas = u32::try_from(host.all.len()).unwrap() - 1;
        host.step(&[service(1, replicas)]);
        host.gone();
        assert!(host.all.iter().any(|there| there.state == left));
    }
    assert_eq!(host.all.len(), 2);
    host.step(&[service(1, 1)]);
    assert!(host.all.iter().any(|there| there.isolated && there.state == Stopping));
}

/// The console's steps: one more, then one less, until all are new.
#[test]
fn each_version_has_exactly_its_count() {
    let mut host = Host::default();
    host.step(&[service(1, 2)]);
    host.turn(Starting, Ready);
    for (old, new) in [(2, 1), (1, 1), (1, 2), (0, 2)] {
        host.step(&[service(1, old), service(2, new)]);
        host.turn(Starting, Ready);
        host.gone();
        assert_eq!((host.count(1, Ready), host.count(2, Ready)), (old as usize, new as usize));
    }
    assert_eq!(host.step(&[service(2, 2)]), (0, 0));
    assert_eq!(host.step(&[service(1, 2)]), (2, 2), "back, at once, where the console says so");
}

#[test]
fn one_from_before_there_were_versions_is_kept() {
    let mut host = Host::default();
    host.step(&[service(7, 2)]);
    host.turn(Starting, Ready);
    host.all.iter_mut().for_each(|there| there.version = 0);
    host.all[1].workload.command.push("other".into());
    assert_eq!(host.step(&[service(7, 1), service(8, 1)]), (1, 1));
    assert_eq!((host.count(7, Ready), host.count(8, Starting)), (1, 1));
}

#[test]
fn a_version_that_is_named_twice_runs_once() {
    let mut host = Host::default();
    assert_eq!(host.step(&[service(1, 1), service(1, 1)]), (1, 0));
    assert_eq!(host.step(&[service(1, 1), service(1, 1)]), (0, 0));
}

#[test]
fn each_address_elsewhere_is_one() {
    let mut host = Host::default();
    assert_eq!(host.step(&[external(1, 3, &[80, 81, 82])]), (3, 0));
    host.turn(Starting, Ready);
    assert_eq!(host.step(&[external(1, 3, &[80, 81, 83])]), (1, 1));
    host.gone();
    assert_eq!(host.step(&[external(1, 3, &[80, 81, 83, 80])]), (0, 0));
    assert_eq!(host.step(&[external(1, 0, &[80, 81, 83])]), (0, 3));
    assert_eq!(host.step(&[external(1, 3, &[80, 81, 83])]), (0, 0), "until those before are gone");
    host.gone();
    assert_eq!(host.step(&[external(1, 3, &[80, 81, 83])]), (3, 0));
    assert_eq!(host.step(&[external(1, 2, &[80, 81]), external(2, 2, &[80, 81])]), (2, 1));
}
