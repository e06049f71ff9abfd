//! Hosts that nobody hears of any more: the rest carries on without them, until they come back.

use crate::compile::Lost;
use crate::{Control, clock};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::HostId;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const LOOK: Duration = Duration::from_secs(1);
/// Its nodes are others' then, and names lead there. An engine that only starts again is back within this.
const ENGINE: TimeDelta = TimeDelta::seconds(5);
/// Its replicas are started elsewhere then, which takes more than a moment: they may be large.
const AGENT: TimeDelta = TimeDelta::seconds(30);

impl Control {
    /// Looks every second; never ends.
    pub async fn keep_hosts_watched(&self) {
        let began = clock::now();
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.set_lost(&self.lost(began, clock::now())).await;
        }
    }

    /// `began` is since when somebody listens.
    fn lost(&self, began: DateTime<Utc>, now: DateTime<Utc>) -> Lost {
        let hosts = self.desired().hosts.clone();
        let observed = self.observed();
        let gone = |since: Option<(bool, DateTime<Utc>)>, patience| {
            let (connected, since) = since.unwrap_or((false, began));
            !connected && now - since.max(began) > patience
        };
        // One that is connected, or the last that was.
        let engine = |host: &HostId| {
            let of_host = observed.engines.values().filter(|engine| engine.host == *host);
            of_host.map(|engine| (engine.connected, engine.since)).max()
        };
        let agent = |host: &HostId| {
            let of_host = observed.agents.values().filter(|agent| agent.host == *host);
            of_host.map(|agent| (agent.connected, agent.since)).max()
        };
        let all = || hosts.values().filter(|host| !host.removed).map(|host| &host.id);
        let lost =
            |is_it: &dyn Fn(&HostId) -> bool| -> BTreeSet<HostId> { all().filter(|id| is_it(id)).cloned().collect() };
        Lost {
            engines: lost(&|id| gone(engine(id), ENGINE)),
            agents: lost(&|id| gone(agent(id), AGENT)),
            silent: lost(&|id| gone(engine(id), ENGINE) && gone(agent(id), ENGINE)),
        }
    }
}
