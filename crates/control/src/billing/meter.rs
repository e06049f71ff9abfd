//! From the engines' totals to what was used in each hour.
//!
//! Engines say how much they counted since they were started. What was taken of it is stored together with what it was
//! added to; so whatever a console that dies has not stored is said again to the next one, and nothing is added twice.

use crate::{Control, ControlError};
use chrono::{DateTime, Utc};
use domain::billing::{Item, Prices, UsageOf, to_hour};
use domain::id::{EngineId, GatewayId, VpcId};
use link::telemetry::GatewayCounters;
use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use store::{Meter, MeterKey, Store};

/// What was heard and not stored yet, and how far what is stored goes.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    heard: std::sync::Mutex<Heard>,
    alive: std::sync::Mutex<Alive>,
    /// One at a time takes what was heard.
    taken: tokio::sync::Mutex<HashMap<MeterKey, u64>>,
}

#[derive(Debug, Default)]
struct Heard {
    totals: HashMap<MeterKey, u64>,
    /// Capacity units times seconds.
    units: BTreeMap<GatewayId, u64>,
}

/// Which starts of engines are heard of, and when last.
type Alive = HashMap<(EngineId, DateTime<Utc>), Instant>;

/// An engine that was started anew says nothing of its start before; late words come within this time.
const LATE: Duration = Duration::from_secs(3600);

impl Meters {
    pub async fn load(store: &Store) -> Result<Self, ControlError> {
        let taken: HashMap<_, _> = store.meters().await?.into_iter().map(|meter| (meter.key, meter.bytes)).collect();
        let now = Instant::now();
        let alive: Alive = taken.keys().map(|key| ((key.engine_id.clone(), key.started_at), now)).collect();
        let taken = tokio::sync::Mutex::new(taken);
        Ok(Self { heard: std::sync::Mutex::default(), alive: std::sync::Mutex::new(alive), taken })
    }

    /// Totals never shrink under the same start of an engine.
    pub fn hear(&self, engine: &EngineId, started_at: DateTime<Utc>, gateways: &[GatewayCounters]) {
        // As the store keeps it: the next console must know the engine's start again.
        let started_at = DateTime::from_timestamp_micros(started_at.timestamp_micros()).unwrap_or(started_at);
        self.with_alive(|alive| alive.insert((engine.clone(), started_at), Instant::now()));
        let sides = gateways.iter().flat_map(|each| each.sides.iter().map(|side| (&each.gateway_id, side)));
        self.put_back(sides.map(|(gateway, side)| {
            let key =
                MeterKey { engine_id: engine.clone(), started_at, gateway_id: gateway.clone(), vpc: side.vpc.clone() };
            (key, side.bytes_in.saturating_add(side.bytes_out))
        }));
    }

    fn with_heard<T>(&self, change: impl FnOnce(&mut Heard) -> T) -> T {
        change(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn with_alive<T>(&self, change: impl FnOnce(&mut Alive) -> T) -> T {
        change(&mut self.alive.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts of engines that were started again since, long ago.
    fn over(&self) -> Vec<(EngineId, DateTime<Utc>)> {
        self.with_alive(|alive| {
            let silent = |at: &Instant| at.elapsed() > LATE;
            let again = |engine: &EngineId| alive.iter().any(|((other, _), at)| other == engine && !silent(at));
            let over = alive.iter().filter(|((engine, _), at)| silent(at) && again(engine));
            over.map(|(start, _)| start.clone()).collect()
        })
    }

    fn put_back(&self, totals: impl Iterator<Item = (MeterKey, u64)>) {
        self.with_heard(|heard| raise(&mut heard.totals, totals));
    }
}

/// A total that is less was said before one that is known.
fn raise(known: &mut HashMap<MeterKey, u64>, totals: impl IntoIterator<Item = (MeterKey, u64)>) {
    for (key, total) in totals {
        let known = known.entry(key).or_default();
        *known = total.max(*known);
    }
}

impl Control {
    /// Stores at every pause what was used, and renews subscriptions. Never ends.
    pub async fn keep_metered(&self, pause: Duration) {
        let mut metered = Instant::now();
        loop {
            tokio::time::sleep(pause).await;
            // Nobody knows what a load of a minute ago was an hour long: a host that slept costs nothing.
            let seconds = metered.elapsed().min(pause * 3).as_secs();
            metered = if seconds == 0 { metered } else { Instant::now() };
            self.meter_units(seconds);
            if let Err(error) = self.meter().await {
                tracing::error!(%error, "what gateways used is not stored yet; it is tried again");
            }
            if let Err(error) = self.renew_subscriptions().await {
                tracing::error!(%error, "subscriptions are not renewed yet; it is tried again");
            }
        }
    }

    /// What ALB gateways consume now, for so many seconds. A unit that nobody measured costs nothing.
    fn meter_units(&self, seconds: u64) {
        let desired = self.desired();
        let of_albs = desired.gateways.values().filter(|gateway| gateway.alb.is_some());
        let units = of_albs.filter_map(|gateway| Some((gateway.id.clone(), self.alb_units(&gateway.id)?)));
        self.units_used(&units.collect(), seconds);
    }

    /// So many thousandths of a capacity unit each of these ALB gateways used for so many seconds.
    pub fn units_used(&self, units: &BTreeMap<GatewayId, u64>, seconds: u64) {
        self.inner.meters.with_heard(|heard| {
            for (gateway, units) in units {
                let sum = heard.units.entry(gateway.clone()).or_default();
                *sum = sum.saturating_add(units.saturating_mul(seconds));
            }
        });
    }

    /// Stores what was used since the last time. It counts as used now. In a task of its own: who asked may go away, and
    /// what was taken up by then must be stored all the same, once.
    pub async fn meter(&self) -> Result<(), ControlError> {
        let control = self.clone();
        match tokio::spawn(async move { control.meter_now().await }).await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn meter_now(&self) -> Result<(), ControlError> {
        let meters = &self.inner.meters;
        let mut taken = meters.taken.lock().await;
        let Heard { totals, units } = meters.with_heard(std::mem::take);
        let stored = self.store_heard(&totals, &units, &taken).await;
        match &stored {
            Ok(over) => {
                raise(&mut taken, totals);
                taken.retain(|key, _| !over.contains(&(key.engine_id.clone(), key.started_at)));
                meters.with_alive(|alive| alive.retain(|start, _| !over.contains(start)));
            }
            Err(_) => {
                // A commit that failed may be on the disk all the same.
                if let Ok(again) = self.store().meters().await {
                    *taken = again.into_iter().map(|meter| (meter.key, meter.bytes)).collect();
                }
                meters.put_back(totals.into_iter());
                self.units_used(&units, 1);
            }
        }
        stored.map(|_| ())
    }

    /// Returns the starts of engines that were forgotten.
    async fn store_heard(
        &self,
        totals: &HashMap<MeterKey, u64>,
        units: &BTreeMap<GatewayId, u64>,
        taken: &HashMap<MeterKey, u64>,
    ) -> Result<Vec<(EngineId, DateTime<Utc>)>, ControlError> {
        let more = |(key, total): (&MeterKey, &u64)| {
            let before = taken.get(key).copied().unwrap_or_default();
            total.checked_sub(before).filter(|more| *more > 0).map(|more| (key.clone(), *total, more))
        };
        let news: Vec<_> = totals.iter().filter_map(more).collect();
        if news.is_empty() && units.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.store().begin().await?;
        let now = self.now();
        let lists = tx.price_lists().await?;
        let prices = Prices::new(lists.into_iter().map(|row| row.list).collect());
        // What prices hold for is never split by a new list.
        let since = prices.list_at(now).map_or(to_hour(now), |list| to_hour(now).max(list.valid_from));
        let used = |gateway_id: &GatewayId, item, detail: &str, quantity| UsageOf {
            gateway_id: gateway_id.clone(),
            item,
            detail: detail.into(),
            since,
            quantity,
        };
        for (key, bytes, more) in news {
            let item = if key.vpc.is_some() { Item::VpcTraffic } else { Item::PublicTraffic };
            let detail = key.vpc.as_ref().map_or("", VpcId::as_str);
            tx.add_usage(&used(&key.gateway_id, item, detail, more)).await?;
            tx.set_meter(&Meter { key, bytes }).await?;
        }
        for (gateway, units) in units.iter().filter(|(_, units)| **units > 0) {
            tx.add_usage(&used(gateway, Item::AlbUnits, "", *units)).await?;
        }
        let over = self.inner.meters.over();
        for (engine, started_at) in &over {
            tx.forget_meters(engine, *started_at).await?;
        }
        tx.commit().await?;
        Ok(over)
    }
}
