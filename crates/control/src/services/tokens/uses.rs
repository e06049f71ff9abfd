//! When tokens were used last, from the engines' access records.
//!
//! The newest use of each is kept in memory and written to the store now and then: no request costs a write, and a
//! console that is killed forgets the last minutes.

use crate::{Control, ControlError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::TokenId;
use link::records::Packed;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::Store;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;

/// A use is written when it is so much later than the one that is stored.
const COARSE: TimeDelta = TimeDelta::seconds(60);

#[derive(Debug, Default)]
pub(crate) struct TokenUses(Mutex<HashMap<TokenId, Use>>);

#[derive(Clone, Copy, Debug)]
struct Use {
    newest: DateTime<Utc>,
    stored: Option<DateTime<Utc>>,
}

impl TokenUses {
    pub async fn load(store: &Store) -> Result<Self, ControlError> {
        let known = store.token_uses().await?.into_iter();
        Ok(Self(Mutex::new(known.map(|(id, at)| (id, Use { newest: at, stored: Some(at) })).collect())))
    }

    pub fn of(&self, id: &TokenId) -> Option<DateTime<Utc>> {
        self.with(|all| all.get(id).map(|known| known.newest))
    }

    fn with<T>(&self, change: impl FnOnce(&mut HashMap<TokenId, Use>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn hear(&self, packs: &[Packed]) {
        // Most records of a batch have the same few tokens.
        let mut newest: HashMap<&str, i64> = HashMap::new();
        for (at, token) in packs.iter().flat_map(Packed::token_uses) {
            let known = newest.entry(token).or_insert(at);
            *known = at.max(*known);
        }
        self.with(|all| {
            for (token, at) in newest {
                let (Ok(id), Some(at)) = (token.parse::<TokenId>(), DateTime::from_timestamp_micros(at)) else {
                    continue;
                };
                let known = all.entry(id).or_insert(Use { newest: at, stored: None });
                known.newest = at.max(known.newest);
            }
        });
    }

    /// Those whose stored use is too old.
    fn unstored(&self) -> Vec<(TokenId, DateTime<Utc>)> {
        let is_old = |known: &Use| known.stored.is_none_or(|stored| known.newest - stored >= COARSE);
        self.with(|all| {
            all.iter().filter(|(_, known)| is_old(known)).map(|(id, known)| (id.clone(), known.newest)).collect()
        })
    }
}

impl Control {
    /// Listens to what engines record, stores it at every pause, and forgets tokens that expired long ago. Never ends.
    pub async fn keep_token_uses(&self, pause: Duration) {
        let mut recorded = self.recorded();
        let mut rounds = tokio::time::interval(pause);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                heard = recorded.recv() => match heard {
                    Ok(batch) => self.inner.token_uses.hear(batch.records.packs()),
                    // A later batch says the same of any token that is still used.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                _ = rounds.tick() => {
                    if let Err(error) = self.note_token_uses().await {
                        tracing::error!(%error, "when tokens were used is not stored yet; it is tried again");
                    }
                    if let Err(error) = self.purge_tokens().await {
                        tracing::error!(%error, "expired tokens are not forgotten yet; it is tried again");
                    }
                }
            }
        }
    }

    /// Stores what is not stored yet. Called once more when the console ends.
    pub async fn note_token_uses(&self) -> Result<(), ControlError> {
        let news = self.inner.token_uses.unstored();
        if news.is_empty() {
            return Ok(());
        }
        let mut tx = self.store().begin().await?;
        for (id, at) in &news {
            tx.note_token_use(id, *at).await?;
        }
        tx.commit().await?;
        let desired = self.desired();
        let of_services = desired.tokens.values().flatten().map(|token| &token.row.id);
        // Those of groups are not stored: they are known from the start of the console.
        let of_groups = desired.groups.values().flat_map(|held| &held.tokens).map(|token| &token.row.id);
        let exist: HashSet<&TokenId> = of_services.chain(of_groups).collect();
        self.inner.token_uses.with(|all| {
            for (id, at) in news {
                if exist.contains(&id) {
                    all.entry(id).and_modify(|known| known.stored = Some(at));
                } else {
                    all.remove(&id);
                }
            }
        });
        Ok(())
    }
}
