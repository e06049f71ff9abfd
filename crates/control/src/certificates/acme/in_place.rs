//! Puts answers into the engines' configuration, and knows when they are served.

use crate::compile::Answer;
use crate::{Control, EngineState};
use certs::acme::{Challenge, Solver};
use domain::snapshot::{ChallengeConfig, Proof, ResourceKey};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// An engine loads a change within milliseconds; one that is away for longer may not come back soon.
const LOADING: Duration = Duration::from_secs(20);
/// Of a DNS name.
const LONGEST_NAME: usize = 253;

#[derive(Debug, thiserror::Error)]
#[error("not every engine had loaded it after {} s; see that all of them run and are connected", LOADING.as_secs())]
pub struct NotServed;

/// Of one order.
pub struct InPlace {
    control: Control,
    answers: Mutex<Vec<Answer>>,
}

impl InPlace {
    pub fn new(control: Control) -> Self {
        Self { control, answers: Mutex::default() }
    }

    /// Takes away all that is still there.
    pub async fn clear(&self) {
        let left = std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
        for answer in left {
            self.control.set_answer(&answer, false).await;
        }
    }

    fn answer(&self, challenge: &Challenge) -> Answer {
        match challenge {
            Challenge::Http { domain, token, key_authorization } => Answer::Shown(ChallengeConfig {
                host: domain.clone(),
                proof: Proof::Http { token: token.clone(), answer: key_authorization.clone() },
            }),
            Challenge::TlsAlpn { domain, answer } => Answer::Shown(ChallengeConfig {
                host: domain.clone(),
                proof: Proof::Tls { certificate: answer.certificate_pem.clone(), key: answer.key.clone() },
            }),
            Challenge::Dns { name, value, .. } => {
                // The second for owners who lead the name there by a CNAME record, since their servers answer for the
                // first.
                let below = format!("{name}.{}", self.control.installation().base_domain);
                // One that is too long is nobody's, and no engine would take the configuration.
                let fits = |name: &String| name.len() <= LONGEST_NAME;
                Answer::Text { names: [name.clone(), below].into_iter().filter(fits).collect(), value: value.clone() }
            }
        }
    }
}

impl Solver for InPlace {
    type Error = NotServed;

    async fn present(&self, challenge: &Challenge) -> Result<(), NotServed> {
        let answer = self.answer(challenge);
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer.clone());
        self.control.set_answer(&answer, true).await;
        let keys = answer.keys();
        tokio::time::timeout(LOADING, self.control.until_loaded(&keys)).await.map_err(|_| NotServed)
    }

    async fn clean(&self, challenge: &Challenge) {
        let answer = self.answer(challenge);
        let was_there = {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            let at = answers.iter().position(|each| *each == answer);
            at.map(|at| answers.remove(at)).is_some()
        };
        if was_there {
            self.control.set_answer(&answer, false).await;
        }
    }
}

impl Control {
    /// Returns when all engines that are known, and at least one, have these as they are in the newest configuration. An
    /// engine that is not connected may serve on, and would answer without them.
    async fn until_loaded(&self, keys: &[ResourceKey]) {
        let mut events = self.events();
        loop {
            let newest = self.newest();
            let is_loaded = {
                let observed = self.observed();
                // Names lead past a host that is lost.
                let mut engines = observed.engines.values().filter(|each| !newest.fleet.is_lost(&each.host)).peekable();
                let has = |engine: &EngineState, key| engine.has(key, newest.of(&engine.host).get(key));
                engines.peek().is_some()
                    && engines.all(|engine| engine.connected && keys.iter().all(|key| has(engine, key)))
            };
            if is_loaded {
                return;
            }
            // Late is as good as never: then all is looked at again.
            let _ = events.recv().await;
        }
    }
}
