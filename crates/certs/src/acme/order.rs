//! One certificate: order, proofs, request, chain.

use super::account::Account;
use super::answer::{failure, words};
use super::challenge::{Challenge, Solver};
use super::nonce::renewed;
use super::usable::usable;
use super::wanted::Wanted;
use crate::Certificate;
use crate::request::{AlpnCertificate, Request};
use chrono::{DateTime, TimeDelta, Utc};
use domain::certificate::{ChallengeKind, IssueFailure, tame};
use domain::secret::Secret;
use instant_acme::{
    AuthorizationHandle, AuthorizationStatus, ChallengeHandle, ChallengeType, Error, Identifier, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use std::time::{Duration, Instant};

const FIRST_POLL: Duration = Duration::from_millis(250);
const SLOWER: f32 = 1.5;
const CLEANING: Duration = Duration::from_secs(10);

impl Account {
    /// Gets a certificate with a new key. `now` is the time at the call.
    pub async fn issue<S: Solver>(
        &self,
        wanted: &Wanted,
        solver: &S,
        now: DateTime<Utc>,
    ) -> Result<Certificate, IssueFailure> {
        let names = wanted.checked()?;
        let start = Instant::now();
        let mut presented = Vec::new();
        let issuing = Issuing { account: self, wanted, names: &names, solver, start };
        let result = tokio::time::timeout(wanted.deadline, issuing.run(&mut presented)).await;
        let cleaning = async {
            for challenge in &presented {
                solver.clean(challenge).await;
            }
        };
        if tokio::time::timeout(CLEANING, cleaning).await.is_err() {
            tracing::warn!(account = self.id(), "answers to an ACME server's challenges could not be removed in time");
        }
        let (chain, key) = result.unwrap_or(Err(IssueFailure::Deadline { seconds: wanted.deadline.as_secs() }))?;
        usable(&chain, &key, &names, now + TimeDelta::from_std(start.elapsed()).unwrap_or_default())
    }
}

struct Issuing<'a, S> {
    account: &'a Account,
    wanted: &'a Wanted,
    names: &'a [String],
    solver: &'a S,
    start: Instant,
}

impl<S: Solver> Issuing<'_, S> {
    /// The chain (PEM) and its key. Everything that was or may have been presented is in `presented`, however it ends.
    async fn run(&self, presented: &mut Vec<Challenge>) -> Result<(String, Secret), IssueFailure> {
        let identifiers: Vec<Identifier> = self.names.iter().cloned().map(Identifier::Dns).collect();
        let new = NewOrder::new(&identifiers);
        let mut order = renewed!(self.account.inner.new_order(&new)).map_err(|e| self.failure(e))?;
        self.prove(&mut order, presented).await?;
        let ready = renewed!(order.poll_ready(&self.polling()));
        match ready {
            Ok(OrderStatus::Ready) => {}
            Ok(_) => return Err(self.unproven(&mut order).await.unwrap_or(IssueFailure::OrderInvalid)),
            Err(error @ Error::Api(_)) => {
                let failure = self.failure(error);
                return Err(self.unproven(&mut order).await.unwrap_or(failure));
            }
            Err(error) => return Err(self.failure(error)),
        }
        let request = Request::new(self.names)?;
        renewed!(order.finalize_csr(&request.csr)).map_err(|e| self.failure(e))?;
        let chain = renewed!(order.poll_certificate(&self.polling()));
        Ok((chain.map_err(|e| self.failure(e))?, request.key))
    }

    /// Puts all answers in place, then asks the server to look. Names that it knows to be ours need no answer.
    async fn prove(&self, order: &mut Order, presented: &mut Vec<Challenge>) -> Result<(), IssueFailure> {
        // From here on they are known, and asking for them again asks nobody.
        renewed!(known(order)).map_err(|e| self.failure(e))?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(|e| self.failure(e))?;
            if authorization.status == AuthorizationStatus::Pending {
                let offered = offered(&authorization.challenges);
                let name = authorization.identifier().to_string();
                let Some(challenge) = authorization.challenge(self.kind()) else {
                    return Err(IssueFailure::NotOffered {
                        name: tame(&name),
                        challenge: self.wanted.challenge,
                        offered,
                    });
                };
                let answer = self.answer(&challenge)?;
                presented.push(answer.clone());
                if let Err(error) = self.solver.present(&answer).await {
                    tracing::warn!(domain = answer.domain(), %error, "an answer to an ACME server could not be put in place");
                    let name = answer.domain().to_owned();
                    return Err(IssueFailure::NotPresented { name, challenge: self.wanted.challenge });
                }
            }
        }
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(|e| self.failure(e))?;
            if authorization.status == AuthorizationStatus::Pending
                && let Some(mut challenge) = authorization.challenge(self.kind())
            {
                renewed!(challenge.set_ready()).map_err(|e| self.failure(e))?;
            }
        }
        Ok(())
    }

    fn answer(&self, challenge: &ChallengeHandle<'_>) -> Result<Challenge, IssueFailure> {
        let identifier = challenge.identifier();
        let shown = identifier.to_string();
        let domain = shown.strip_prefix("*.").unwrap_or(&shown).to_ascii_lowercase();
        let is_token = |token: &str| {
            (1..=256).contains(&token.len())
                && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        // What a server sends becomes a path, a record and a name in a certificate.
        let is_ours = self.names.iter().any(|name| name.strip_prefix("*.").unwrap_or(name) == domain);
        if !is_token(&challenge.token) || !is_ours {
            return Err(IssueFailure::NotAcme { host: self.account.server.host.clone(), status: 200 });
        }
        let authorization = challenge.key_authorization();
        Ok(match self.wanted.challenge {
            ChallengeKind::Http01 => Challenge::Http {
                domain,
                token: challenge.token.clone(),
                key_authorization: authorization.as_str().into(),
            },
            ChallengeKind::TlsAlpn01 => {
                let answer = AlpnCertificate::new(&domain, authorization.as_str())?;
                Challenge::TlsAlpn { domain, answer: Box::new(answer) }
            }
            ChallengeKind::Dns01 => {
                let name = format!("_acme-challenge.{domain}");
                Challenge::Dns { domain, name, value: authorization.dns_value() }
            }
        })
    }

    /// Which name the server was not convinced of, and why.
    async fn unproven(&self, order: &mut Order) -> Option<IssueFailure> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.ok()?;
            renewed!(refreshed(&mut authorization)).ok()?;
            if let Some(problem) = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
                let (kind, detail) = words(problem);
                let name = tame(&authorization.identifier().to_string());
                return Some(IssueFailure::Unproven { name, challenge: self.wanted.challenge, kind, detail });
            }
        }
        None
    }

    fn kind(&self) -> ChallengeType {
        match self.wanted.challenge {
            ChallengeKind::Http01 => ChallengeType::Http01,
            ChallengeKind::TlsAlpn01 => ChallengeType::TlsAlpn01,
            ChallengeKind::Dns01 => ChallengeType::Dns01,
        }
    }

    /// Until the deadline, at the server's pace where it gives one.
    fn polling(&self) -> RetryPolicy {
        let left = self.wanted.deadline.saturating_sub(self.start.elapsed());
        RetryPolicy::new().initial_delay(FIRST_POLL).backoff(SLOWER).timeout(left)
    }

    fn failure(&self, error: Error) -> IssueFailure {
        failure(error, &self.account.server.host, self.wanted.deadline)
    }
}

/// Asks for those authorizations that are not known yet.
async fn known(order: &mut Order) -> Result<(), Error> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        authorization?;
    }
    Ok(())
}

async fn refreshed(authorization: &mut AuthorizationHandle<'_>) -> Result<(), Error> {
    authorization.refresh().await.map(drop)
}

fn offered(challenges: &[instant_acme::Challenge]) -> String {
    let kinds = challenges.iter().filter_map(|challenge| match challenge.r#type {
        ChallengeType::Http01 => Some(ChallengeKind::Http01),
        ChallengeType::TlsAlpn01 => Some(ChallengeKind::TlsAlpn01),
        ChallengeType::Dns01 => Some(ChallengeKind::Dns01),
        _ => None,
    });
    let kinds: Vec<String> = kinds.map(|kind| kind.to_string()).collect();
    if kinds.is_empty() { "others".into() } else { kinds.join(", ") }
}
