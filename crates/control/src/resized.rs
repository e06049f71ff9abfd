//! How long a change of a gateway's size took until it was in effect everywhere.

use crate::compile::Configurations;
use crate::{EngineState, Observed};
use domain::id::GatewayId;
use domain::snapshot::ResourceKey;
use domain::view::Effect;
use std::time::{Duration, Instant};

/// The newest change of a gateway's size; remembered as long as this console runs.
#[derive(Clone, Copy, Debug)]
pub struct Resized {
    began: Instant,
    took: Option<Duration>,
}

impl Observed {
    /// Written just now. `began` is when the write began, `newest` includes it.
    pub(crate) fn resized(&mut self, id: &GatewayId, began: Instant, newest: &Configurations) {
        self.resized.insert(id.clone(), Resized { began, took: None });
        self.settle_resized(newest);
    }

    /// After an engine has loaded something.
    pub(crate) fn settle_resized(&mut self, newest: &Configurations) {
        // Those of gateways that are gone are of no interest any more.
        self.resized.retain(|id, _| newest.any().get(&ResourceKey::Gateway(id.clone())).is_some());
        let engines = &self.engines;
        for (id, resized) in self.resized.iter_mut().filter(|(_, resized)| resized.took.is_none()) {
            let key = ResourceKey::Gateway(id.clone());
            let has_it = |engine: &EngineState| engine.has(&key, newest.of(&engine.host).get(&key));
            let is_lost = |engine: &EngineState| newest.fleet.is_lost(&engine.host);
            if !engines.is_empty() && engines.values().all(|engine| has_it(engine) || is_lost(engine)) {
                resized.took = Some(resized.began.elapsed());
            }
        }
    }

    pub fn effect(&self, id: &GatewayId) -> Effect {
        match self.resized.get(id) {
            None => Effect::Unknown,
            Some(Resized { took: None, .. }) => Effect::Pending,
            Some(Resized { took: Some(took), .. }) => {
                Effect::After { millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) }
            }
        }
    }
}
