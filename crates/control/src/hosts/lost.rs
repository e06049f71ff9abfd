//! Hosts that nobody hears of any more: the rest carries on without them, until they come back.

use crate::compile::Lost;
use crate::{Control, clock};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::HostId;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const LOOK: Duration = Duration::from_secs(1);
/// Its nodes are others' then, and names lead there. An engine that only starts again is back within this.
const ENGINE: TimeDelta = TimeDelta::seconds(5);
/// Longer than it takes until an engine that does not call is lost.
const SETTLED: Duration = Duration::from_secs(7);
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

    /// `began` is since when somebody listens. Who is lost is so until somebody there is heard of.
    fn lost(&self, began: DateTime<Utc>, now: DateTime<Utc>) -> Lost {
        let hosts = self.desired().hosts.clone();
        let fleet = self.newest().fleet;
        let observed = self.observed();
        // One that is there, or the last that was. What was never heard of has been away from the beginning, and an
        // engine that has loaded nothing serves nothing.
        let at = |session: u64, since: DateTime<Utc>| if session == 0 { began } else { since.max(began) };
        let engine = |host: &HostId| {
            let of_host = observed.engines.values().filter(|engine| engine.host == *host);
            of_host.map(|each| (each.connected && each.loaded.is_some(), at(each.session, each.since))).max()
        };
        let agent = |host: &HostId| {
            let of_host = observed.agents.values().filter(|agent| agent.host == *host);
            of_host.map(|each| (each.connected, at(each.session, each.since))).max()
        };
        let gone = |seen: Option<(bool, DateTime<Utc>)>, patience, before: bool| {
            let (is_there, since) = seen.unwrap_or((false, began));
            !is_there && (before || now - since > patience)
        };
        let mut lost = Lost::default();
        for id in hosts.values().filter(|host| !host.removed).map(|host| &host.id) {
            if gone(engine(id), ENGINE, fleet.is_lost(id)) {
                lost.engines.insert(id.clone());
            }
            if gone(agent(id), AGENT, fleet.runs_nothing(id)) {
                lost.agents.insert(id.clone());
            }
            let was_silent = fleet.is_silent(id);
            if gone(engine(id), ENGINE, was_silent) && gone(agent(id), ENGINE, was_silent) {
                lost.silent.insert(id.clone());
            }
        }
        lost
    }

    /// After a start: until every host's engine has called, or has had the time to. What is known before that of their
    /// addresses, and of who is away, is too little to tell anybody anything.
    pub(crate) async fn until_settled(&self) {
        let mut events = self.events();
        while self.has_several_hosts() && self.inner.began.elapsed() < SETTLED && !self.have_all_called() {
            tokio::select! {
                _ = events.recv() => {}
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
            }
        }
    }

    fn have_all_called(&self) -> bool {
        let hosts = self.desired().hosts.clone();
        let observed = self.observed();
        let calls = |host: &HostId| observed.engines.values().any(|engine| engine.connected && engine.host == *host);
        hosts.values().filter(|host| !host.removed).all(|host| calls(&host.id))
    }
}
