//! Services that scale by themselves: what engines and agents measured becomes a number of replicas.

use crate::error::Missing;
use crate::{Control, ControlError, Observed};
use domain::id::ServiceId;
use domain::service::{EventKind, Load, Memory, Metric, Service};
use domain::status::ReplicaState;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

const LOOK: Duration = Duration::from_secs(5);

/// What is remembered between two looks.
pub struct Scaling {
    began: Instant,
    services: HashMap<ServiceId, Seen>,
}

struct Seen {
    memory: Memory,
    /// When engines were asked last, and how many requests there had been in all.
    requests: Option<(Instant, u64)>,
}

impl Default for Scaling {
    fn default() -> Self {
        Self { began: Instant::now(), services: HashMap::new() }
    }
}

/// Over all engines.
#[derive(Default)]
struct Sum {
    requests: u64,
    in_flight: u64,
    queued: u64,
    held: u64,
}

/// What all ready replicas use of what each may, per cent of one; nothing while that is not known of each.
fn used(observed: &Observed, service: &Service) -> Vec<(Metric, f64)> {
    let limit = f64::from(service.spec.workload.resources.cpu_millis.unwrap_or(1000)) / 1000.0;
    let (mut cpu, mut gpu) = (Some(0.0), Some(0.0));
    for agent in observed.agents.values().filter(|agent| agent.connected) {
        let of_it = agent.replicas.iter().filter(|replica| replica.service_id == service.id);
        for replica in of_it.filter(|replica| replica.state == ReplicaState::Ready) {
            let usage = agent.usage.get(&replica.replica_id);
            let percent = usage.and_then(|usage| usage.cpu_percent).map(|percent| f64::from(percent) / limit);
            cpu = cpu.zip(percent).map(|(sum, percent)| sum + percent);
            let percent = usage.and_then(|usage| usage.gpu_percent).map(f64::from);
            gpu = gpu.zip(percent).map(|(sum, percent)| sum + percent);
        }
    }
    [(Metric::Cpu, cpu), (Metric::Gpu, gpu)].into_iter().filter_map(|(metric, sum)| Some((metric, sum?))).collect()
}

impl Control {
    /// Looks every few seconds; never ends.
    pub async fn keep_scaling(&self) {
        let mut scaling = Scaling::default();
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // Who waits for the first replica shall not wait for the next look as well.
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.inner.held.notified() => {}
            }
            self.scale_all(&mut scaling, Instant::now()).await;
        }
    }

    /// One look at all services that scale by themselves and run.
    pub async fn scale_all(&self, scaling: &mut Scaling, now: Instant) {
        let desired = self.desired();
        let scaled = |service: &&std::sync::Arc<Service>| service.running && service.scaling.is_some();
        let all: Vec<_> = desired.services.values().filter(scaled).cloned().collect();
        scaling.services.retain(|id, _| all.iter().any(|service| service.id == *id));
        let seconds = now.saturating_duration_since(scaling.began).as_secs();
        for service in all {
            let Some(scaler) = &service.scaling else { continue };
            let seen = scaling.services.entry(service.id.clone());
            let seen = seen.or_insert_with(|| Seen { memory: Memory::new(seconds), requests: None });
            let Some(load) = self.load(&service, seen, now) else { continue };
            let replicas = seen.memory.decide(scaler, service.replicas, &load, seconds);
            if replicas == service.replicas {
                continue;
            }
            if let Err(error) = self.set_replicas(&service, replicas).await {
                tracing::warn!(service = %service.id, replicas, %error, "cannot scale; trying again");
            }
        }
    }

    /// `None` where nobody can say how busy it is: then nothing is decided.
    fn load(&self, service: &Service, seen: &mut Seen, now: Instant) -> Option<Load> {
        let id = &service.id;
        let observed = self.observed();
        let mut counted = None;
        for engine in observed.engines.values().filter(|engine| engine.connected && engine.telemetry.is_some()) {
            let sum: &mut Sum = counted.get_or_insert_default();
            if let Some(each) = engine.services.get(id) {
                sum.requests += each.counters.requests;
                sum.in_flight += each.counters.in_flight;
                sum.queued += each.queued;
                sum.held += each.held;
            }
        }
        let Sum { requests, in_flight, queued, held } = counted?;
        let before = seen.requests.replace((now, requests));
        // Fewer than before: an engine has come or gone, and what was counted since is not known.
        let since = before.filter(|(_, before)| *before <= requests);
        let new = since.map(|(at, before)| (requests - before, now.saturating_duration_since(at).as_secs_f64()));
        // What is held is under way nowhere: it asks for the first replica, not for many.
        let mut readings =
            vec![(Metric::InFlight, in_flight.saturating_sub(held) as f64), (Metric::Queue, queued as f64)];
        readings.extend(used(&observed, service));
        if let Some((new, seconds)) = new.filter(|(_, seconds)| *seconds > 0.0) {
            readings.push((Metric::Qps, new as f64 / seconds));
        }
        let is_used = in_flight > 0 || new.is_none_or(|(new, _)| new > 0);
        Some(Load { readings, is_used, held })
    }

    /// Without another revision: who edits the service at this moment does not disagree with this.
    async fn set_replicas(&self, seen: &Service, replicas: u32) -> Result<(), ControlError> {
        let change = self.change_unasked(&seen.id).await?;
        let mut change = change.ok_or(ControlError::NotFound { what: Missing::Service })?;
        // What was decided was decided for this: somebody may have edited it since.
        let now = &change.before;
        if now.replicas != seen.replicas || now.scaling != seen.scaling || !now.running {
            return Ok(());
        }
        change.after.replicas = replicas;
        change.event(EventKind::Scaled, Some(format!("{} → {replicas}", seen.replicas)));
        change.note("service.autoscale").await
    }
}
