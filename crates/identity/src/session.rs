//! Sign-ins: opaque tokens in a cookie, their digests in the store.

use crate::principal::Principal;
use crate::{Caller, IdentityError, entropy};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::SessionId;
use domain::secret::Secret;
use store::{AuditEntry, SessionRow, Store, Tx, UserRow};

/// Ends after this long without a request …
const IDLE: TimeDelta = TimeDelta::hours(12);
/// … and after this long in any case.
const ABSOLUTE: TimeDelta = TimeDelta::days(14);
/// The last use is written at most this often.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// A new session. `token` goes into the cookie and nowhere else.
#[derive(Debug)]
pub struct SignedIn {
    pub token: Secret,
    pub principal: Principal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    pub id: SessionId,
    pub current: bool,
    pub user_agent: String,
    pub address: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

fn principal(user: UserRow, session_id: SessionId) -> Principal {
    Principal {
        user_id: user.id,
        name: user.name,
        role: user.role,
        account_id: user.account_id,
        workspace_id: user.workspace_id,
        session_id,
    }
}

pub(crate) async fn start(
    tx: &mut Tx,
    user: UserRow,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<SignedIn, IdentityError> {
    let token = entropy::token();
    let session = SessionRow {
        id: SessionId::from_random(entropy::id()),
        user_id: user.id.clone(),
        account_id: user.account_id.clone(),
        workspace_id: user.workspace_id.clone(),
        token_digest: token.digest(),
        user_agent: caller.user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
        address: caller.address.to_string(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + ABSOLUTE,
    };
    tx.delete_sessions_expired(now).await?;
    tx.insert_session(&session).await?;
    Ok(SignedIn { token, principal: principal(user, session.id) })
}

/// Who holds this cookie; `None` for an unknown, ended or expired one.
pub async fn resolve(store: &Store, token: &Secret, now: DateTime<Utc>) -> Result<Option<Principal>, IdentityError> {
    let Some(session) = store.session(&token.digest()).await? else { return Ok(None) };
    if session.expires_at <= now || session.last_seen_at + IDLE <= now {
        return Ok(None);
    }
    let Some(user) = store.user(&session.user_id).await? else { return Ok(None) };
    if session.last_seen_at + TOUCH <= now {
        // Being a little wrong about the last use is no reason to refuse a page.
        if let Err(error) = store.touch_session(&session.id, now).await {
            tracing::warn!(%error, "the last use of a session was not noted");
        }
    }
    Ok(Some(principal(user, session.id)))
}

/// One's own, newest use first.
pub async fn sessions(
    store: &Store,
    principal: &Principal,
    now: DateTime<Utc>,
) -> Result<Vec<SessionInfo>, IdentityError> {
    let rows = store.sessions_of(&principal.user_id).await?;
    let live = |row: &SessionRow| row.expires_at > now && row.last_seen_at + IDLE > now;
    Ok(rows
        .into_iter()
        .filter(live)
        .map(|row| SessionInfo {
            current: row.id == principal.session_id,
            id: row.id,
            user_agent: row.user_agent,
            address: row.address,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
        })
        .collect())
}

/// Ends one of one's own sessions; ending one that has ended is fine.
pub async fn end_session(
    store: &Store,
    principal: &Principal,
    id: &SessionId,
    now: DateTime<Utc>,
) -> Result<(), IdentityError> {
    let mut tx = store.begin().await?;
    if tx.delete_session(&principal.user_id, id).await? {
        tx.audit(AuditEntry {
            at: now,
            account_id: &principal.account_id,
            workspace_id: &principal.workspace_id,
            actor: principal.user_id.as_str(),
            action: "session.end",
            object_kind: "session",
            object_id: id.as_str(),
            before: None,
            after: None,
        })
        .await?;
    }
    Ok(tx.commit().await?)
}
