//! Online Debugging: the console asks the service through the gateway's own door, as any client on its host would.

mod body;
mod exchange;

use crate::desired::Token;
use crate::{Control, ControlError};
use domain::debugging::{CheckedRequest, DebugDraft, Failure, Heard};
use domain::error::{FieldErrors, Invalid};
use domain::id::{ServiceId, TokenId};
use domain::role::Permission;
use domain::secret::Secret;
use domain::service::is_valid;
use domain::view::{Door, EndpointView, ServiceDetail};
use exchange::exchange;
use identity::{Principal, authorize};
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// Requests of all users under way at a time.
const MOST_AT_ONCE: usize = 32;
/// From the connection to the end of the answer.
const LONGEST: Duration = Duration::from_secs(300);
/// Parts of an answer that wait for a slow browser; the model waits behind them.
const WAITING: usize = 16;

/// Room for requests.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_AT_ONCE)))
    }
}

/// What the audit has of it: no query, headers and body, which may hold secrets.
#[derive(Serialize)]
struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    endpoint: &'a str,
}

/// Where a request goes. Both are the service's own, whatever was typed.
struct To {
    url: String,
    address: SocketAddr,
}

impl Control {
    /// Sends it to one of the service's endpoints and returns what is heard, as it comes. Dropping the receiver ends the
    /// request. Noted in the audit before it is sent.
    pub async fn debug_service(
        &self,
        principal: &Principal,
        id: &ServiceId,
        draft: &DebugDraft,
    ) -> Result<mpsc::Receiver<Heard>, ControlError> {
        // Its token is used, and what it lets one do is seen.
        authorize(principal, Permission::RevealTokens)?;
        let request = draft.validate()?;
        let service = self.service(principal, id)?;
        let to = door(&service, &draft.endpoint)?;
        let secret = self.chosen_token(id, &draft.token, &request)?;
        let path = request.path.split('?').next().unwrap_or_default();
        let asked = Asked { method: &request.method, path, endpoint: &to.url };
        let mut write = self.write(principal).await?;
        write.audit("service.debug", "service", id.as_str(), None, Some(&asked)).await?;
        write.commit().await?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let Ok(place) = self.inner.debugging.0.clone().try_acquire_owned() else {
            let _ = sender.send(Heard::Failed { why: Failure::Busy, us: 0 }).await;
            return Ok(receiver);
        };
        tokio::spawn(async move {
            let _place = place;
            tokio::select! {
                () = exchange(&to.url, to.address, (request, secret), LONGEST, &sender) => {}
                () = sender.closed() => {}
            }
        });
        Ok(receiver)
    }

    /// One of the service's own that works now; a header that was typed goes before it.
    fn chosen_token(
        &self,
        id: &ServiceId,
        typed: &str,
        request: &CheckedRequest,
    ) -> Result<Option<Secret>, ControlError> {
        if typed.is_empty() || request.has("authorization") {
            return Ok(None);
        }
        let wrong = || FieldErrors::one("token", Invalid::Choice);
        let chosen: TokenId = typed.parse().map_err(|_| wrong())?;
        let (desired, now) = (self.desired(), self.now());
        let is_chosen = |token: &&Token| token.row.id == chosen && is_valid(token.row.expires_at, now);
        let token = desired.tokens.get(id).and_then(|all| all.iter().find(is_chosen)).ok_or_else(wrong)?;
        token.secret.clone().map(Some).ok_or(ControlError::Sealed)
    }
}

/// Doors with an address of their own: they need no DNS, so nobody's answer leads elsewhere.
fn door(service: &ServiceDetail, chosen: &str) -> Result<To, ControlError> {
    let all = service.invocation.internet.iter().chain(&service.invocation.vpc);
    let mut own = all.filter(|endpoint| endpoint.door == Door::Port);
    let found = own.find(|endpoint| chosen.is_empty() || endpoint.url == chosen);
    let to = |EndpointView { url, .. }: &EndpointView| {
        let address = url.strip_prefix("http://")?.split('/').next()?.parse().ok()?;
        Some(To { url: url.clone(), address })
    };
    found.and_then(to).ok_or_else(|| FieldErrors::one("endpoint", Invalid::Choice).into())
}
