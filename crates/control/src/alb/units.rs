//! What ALB gateways consume, for whoever meters it and whoever shows it.

use super::meter::Measured;
use crate::{Control, Observed};
use domain::alb::Units;
use domain::id::GatewayId;
use domain::view::AlbLoad;

impl Control {
    /// Capacity units of an ALB gateway with an instance, thousandths, in the mean of the last full minute, on all
    /// engines that answer. `None` where nobody knows: no instance, no engine that answers, or the first minute of a
    /// measurement is not over (a console that starts begins anew).
    pub fn alb_units(&self, id: &GatewayId) -> Option<u64> {
        self.alb_unit_shares(id).map(|units| units.largest())
    }

    /// The same by dimension; the largest of them counts.
    pub fn alb_unit_shares(&self, id: &GatewayId) -> Option<Units> {
        self.desired().gateways.get(id)?.alb.as_ref()?;
        let observed = self.observed();
        let mut answering = observed.engines.values().filter(|engine| engine.connected).peekable();
        answering.peek()?;
        answering.try_fold(Units::default(), |sum, engine| {
            // It has no threads for it before the first connection: then it carries nothing.
            let Some(usage) = engine.usage.get(id) else { return Some(sum) };
            let measured = usage.meter.last_minute().filter(|measured| measured.is_full)?;
            Some(sum.plus(Units::of(&measured.load)))
        })
    }
}

impl Observed {
    /// Over what there is of the last minute; `None` while no engine has measured twice.
    pub(super) fn alb_load(&self, id: &GatewayId) -> Option<AlbLoad> {
        let connected = self.engines.values().filter(|engine| engine.connected);
        let measured: Vec<Measured> =
            connected.filter_map(|engine| engine.usage.get(id)?.meter.last_minute()).collect();
        let seconds = measured.iter().map(|each| (each.load.micros + 500_000) / 1_000_000).min()?;
        let (mut sum, mut answered, mut failed) = (AlbLoad { seconds, ..AlbLoad::default() }, 0, 0);
        for each in &measured {
            let per_second = |count: u64, times: u64| {
                let all = u128::from(count) * u128::from(times) * 1_000_000 / u128::from(each.load.micros.max(1));
                u64::try_from(all).unwrap_or(u64::MAX)
            };
            sum.units = sum.units.plus(Units::of(&each.load));
            sum.requests += per_second(each.load.requests, 1_000);
            sum.bytes += per_second(each.load.bytes, 1);
            sum.connections += each.open;
            answered += each.load.requests;
            failed += each.failed;
        }
        sum.success = (answered > 0).then(|| answered.saturating_sub(failed).saturating_mul(1_000) / answered);
        Some(sum)
    }
}
