//! Whether a public domain leads to its gateway.

use super::record::{Target, look};
use crate::{Control, ControlError};
use domain::custom_domain::{CustomDomain, DomainSide};
use domain::domain_check::{DomainCheck, DomainOutcome};
use domain::id::DomainId;
use domain::role::Permission;
use identity::{Principal, authorize, entropy};
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Of one check, whatever DNS does.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two checks of one domain that somebody asks for.
const PAUSE: Duration = Duration::from_secs(2);
/// At a time.
pub(super) const PLACES: usize = 8;

#[derive(Debug)]
pub struct Checks {
    places: Semaphore,
    /// By whom does not matter: it is the DNS server that is spared.
    asked: Mutex<HashMap<DomainId, Instant>>,
}

impl Default for Checks {
    fn default() -> Self {
        Self { places: Semaphore::new(PLACES), asked: Mutex::default() }
    }
}

impl Checks {
    fn admit(&self, id: &DomainId) -> Result<(), ControlError> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| at.elapsed() < PAUSE);
        match asked.get(id) {
            Some(at) => {
                let left = PAUSE.saturating_sub(at.elapsed());
                Err(ControlError::AskedJustNow { retry_after_s: left.as_secs() + 1 })
            }
            None => {
                asked.insert(id.clone(), Instant::now());
                Ok(())
            }
        }
    }
}

impl Control {
    /// Asks DNS now. `None` for a private domain: no public DNS knows it.
    pub async fn check_domain(
        &self,
        principal: &Principal,
        id: &DomainId,
    ) -> Result<Option<DomainCheck>, ControlError> {
        authorize(principal, Permission::Read)?;
        let domain = self.find_domain(principal, id)?;
        if domain.side == DomainSide::Private {
            return Ok(None);
        }
        self.inner.checks.admit(id)?;
        Ok(Some(self.look_at(&domain).await))
    }

    /// Waits for a place, asks, and keeps what was seen.
    pub(super) async fn look_at(&self, domain: &CustomDomain) -> DomainCheck {
        let _place = self.inner.checks.places.acquire().await;
        let at = self.now();
        let outcome = tokio::time::timeout(PATIENCE, self.ask(domain)).await.unwrap_or_else(|_| {
            DomainOutcome::Unanswered { detail: format!("no answer within {} seconds", PATIENCE.as_secs()) }
        });
        let check = DomainCheck { outcome, at };
        self.keep(&domain.id, check.clone());
        check
    }

    async fn ask(&self, domain: &CustomDomain) -> DomainOutcome {
        let installation = self.installation();
        let resolver = match installation.resolver.fresh() {
            Ok(resolver) => resolver,
            Err(error) => {
                let detail = format!("there is no DNS server to ask ({error}); name one with --resolver");
                return DomainOutcome::Unanswered { detail: domain::certificate::tame(&detail) };
            }
        };
        let listeners = installation.http.iter().chain(&installation.https);
        let addresses: BTreeSet<_> = listeners.map(SocketAddr::ip).map(|address| address.to_canonical()).collect();
        let target = Target { name: installation.public_host(&domain.gateway_id), addresses };
        look(&resolver, &asked_name(&domain.host), &target).await
    }

    /// News only where the outcome is another one.
    fn keep(&self, id: &DomainId, check: DomainCheck) {
        if !self.desired().names.domains.contains_key(id) {
            return;
        }
        let mut is_news = false;
        self.observe_quietly(|observed| {
            let before = observed.domains.get(id);
            // One that was asked later may have been answered sooner.
            if before.is_none_or(|before| before.at <= check.at) {
                is_news = before.is_none_or(|before| before.outcome != check.outcome);
                observed.domains.insert(id.clone(), check);
            }
        });
        if is_news {
            self.observe(|_| ());
        }
    }
}

/// For a wildcard a name below it that nobody has given records of its own.
fn asked_name(host: &str) -> String {
    /// Of a name, without its final dot (RFC 1035, section 3.1).
    const LONGEST: usize = 253;
    let Some(rest) = host.strip_prefix('*') else { return host.to_owned() };
    let label: String = entropy::bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    let room = LONGEST.saturating_sub(rest.len()).max(1);
    format!("{}{rest}", label.get(..room).unwrap_or(&label))
}

#[cfg(test)]
mod tests {
    use super::asked_name;

    #[test]
    fn a_wildcard_is_asked_for_by_a_name_below_it() {
        assert_eq!(asked_name("models.example.com"), "models.example.com");
        let (one, other) = (asked_name("*.example.com"), asked_name("*.example.com"));
        assert!(one.ends_with(".example.com") && !one.starts_with('*') && one != other, "{one} {other}");
        let long = format!("*.{}example.com", "abcdefghi.".repeat(24));
        assert!(long.len() <= 253 && asked_name(&long).len() <= 253, "{}", asked_name(&long));
    }
}
