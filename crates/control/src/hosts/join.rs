//! How a host becomes one of the installation's: by a token that an operator carries there, once.

use crate::{Control, ControlError, Missing};
use chrono::TimeDelta;
use domain::host::{Host, HostDraft, Hosts, Member};
use domain::id::HostId;
use domain::role::Permission;
use domain::secret::Digest256;
use identity::{Principal, entropy};
use link::message::{JoinReply, JoinRequest};
use link::{Authority, JoinToken};
use std::net::SocketAddr;
use store::{JoinTokenRow, StoreError};

/// Long enough to walk to the other machine.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// Where other hosts call, and who vouches for them.
pub struct LinkDoor {
    pub address: SocketAddr,
    pub authority: Authority,
}

/// Said to a host that does not get in; strangers learn no more than they have to.
#[derive(Debug, thiserror::Error)]
pub enum JoinRefused {
    #[error("this token is not known, was used, or has run out; get a new one on the console's Hosts page")]
    Token,
    #[error(
        "name the addresses of this host that its gateways are reached at: --http-addr with at least one, no wildcard"
    )]
    Doors,
    #[error(
        "the engine and agent of this data directory are another host's already; if it is a copy, start with a fresh \
         --data-dir, and if that host has joined before, remove it on the console's Hosts page first"
    )]
    Taken,
    #[error("the request cannot be used; run the same version of the program on both hosts")]
    Request(#[source] link::LinkError),
    #[error("the console could not write it down; try again, and see its log")]
    Store(#[source] ControlError),
}

impl From<ControlError> for JoinRefused {
    fn from(error: ControlError) -> Self {
        Self::Store(error)
    }
}

impl From<StoreError> for JoinRefused {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl Control {
    /// A token for one host of this name and zone, with the address to call; shown once.
    pub async fn invite_host(
        &self,
        principal: &Principal,
        draft: &HostDraft,
    ) -> Result<(SocketAddr, JoinToken), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let door = self.inner.link.get().ok_or(ControlError::LinkOff)?;
        let mut write = self.write(principal).await?;
        let hosts = write.tx.hosts().await?;
        let waiting = self.inner.store.join_tokens(write.now).await?;
        let taken = |name: &str| {
            hosts.values().any(|host| !host.removed && host.name == name)
                || waiting.iter().any(|token| token.host.name == name)
        };
        let host = self.check_draft(draft, taken)?;
        let secret = entropy::token();
        let row = JoinTokenRow {
            digest: secret.digest(),
            host,
            created_by: principal.user_id.clone(),
            created_at: write.now,
            expires_at: write.now + LIFE,
        };
        write.tx.insert_join_token(&row).await?;
        write.audit("host.invite", "host", &row.host.name, None, Some(&row.host)).await?;
        write.commit().await?;
        self.notify();
        Ok((door.address, JoinToken::new(&secret, door.authority.fingerprint())))
    }

    /// Takes back a token that nobody has used.
    pub async fn withdraw_host(&self, principal: &Principal, digest: &Digest256) -> Result<(), ControlError> {
        self.authorize_operator(principal, Permission::ManageNetworks)?;
        let mut write = self.write(principal).await?;
        if !write.tx.delete_join_token(digest).await? {
            return Err(ControlError::NotFound { what: Missing::JoinToken });
        }
        write.audit("host.withdraw", "host", &digest.to_string(), None::<&()>, None).await?;
        write.commit().await?;
        self.notify();
        Ok(())
    }

    /// Nobody comes in as somebody else: what engines and agents say is kept by their ids.
    fn check_unused(&self, hosts: &Hosts, request: &JoinRequest) -> Result<(), JoinRefused> {
        let (engine, agent) = (&request.engine_id, &request.agent_id);
        let members = hosts.values().filter(|host| !host.removed).filter_map(|host| host.member.as_ref());
        let is_member = members.into_iter().any(|member| member.engine_id == *engine || member.agent_id == *agent);
        let observed = self.observed();
        let is_seen = observed.engines.contains_key(engine) || observed.agents.contains_key(agent);
        if is_member || is_seen { Err(JoinRefused::Taken) } else { Ok(()) }
    }

    /// For a host that has called without a certificate.
    pub(crate) async fn join_host(&self, door: &LinkDoor, request: JoinRequest) -> Result<JoinReply, JoinRefused> {
        let digest = request.token.digest();
        // Without a write: strangers must not keep others from writing.
        let waiting = self.inner.store.join_tokens(self.now()).await?;
        if !waiting.iter().any(|token| token.digest == digest) {
            return Err(JoinRefused::Token);
        }
        if !request.public.is_explicit() {
            return Err(JoinRefused::Doors);
        }
        let host_id = HostId::from_random(entropy::id());
        let mut write = self.write_for_operator().await?;
        let now = write.now;
        let token = write.tx.use_join_token(&digest, now).await?.ok_or(JoinRefused::Token)?;
        let signed = door.authority.sign(&request.csr, &host_id).map_err(JoinRefused::Request)?;
        let hosts = write.tx.hosts().await?;
        self.check_unused(&hosts, &request)?;
        let host = Host {
            id: host_id.clone(),
            name: token.host.name,
            zone: token.host.zone,
            member: Some(Member {
                engine_id: request.engine_id,
                agent_id: request.agent_id,
                fingerprint: signed.fingerprint,
                public: request.public,
            }),
            draining: false,
            removed: false,
            revision: 1,
        };
        write.tx.insert_host(&host, now).await?;
        write.host("host.join", None, &host).await?;
        write.commit().await?;
        if let Some(member) = &host.member {
            // From now on the agent is this host's, whichever it was before.
            self.offer(&member.agent_id, &host.id, &[]);
            self.observe(|observed| observed.expect(&host.id, member, now));
        }
        tracing::info!(host = %host.id, name = host.name, "a host has joined");
        Ok(JoinReply { host_id, certificate: signed.certificate })
    }
}
