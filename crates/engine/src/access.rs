//! Who may enter, by source address, and who may stay.

use crate::answer::Refusal;
use crate::config::{Entrance, Gateway, Service, Table, Token};
use crate::worker::Conn;
use chrono::Utc;
use domain::id::TokenId;
use std::net::IpAddr;
use std::sync::Arc;

/// Asked for every request, not once a connection: an edit of the list bites on open connections. `peer` is canonical.
pub fn check(entrance: &Entrance, peer: IpAddr) -> Result<(), Refusal> {
    if entrance.whitelist.iter().any(|block| block.contains(peer)) { Ok(()) } else { Err(Refusal::SourceNotAllowed) }
}

/// What somebody was let in with, to be looked at again where that may have been long ago: a tunnel may live for days,
/// and a request may wait for minutes.
pub struct Pass {
    gateway: Arc<Gateway>,
    service: Arc<Service>,
    token: Option<TokenId>,
}

impl Pass {
    /// `token` is its place in the service's list.
    pub fn new(gateway: Arc<Gateway>, service: Arc<Service>, token: Option<usize>) -> Self {
        let token = token.and_then(|at| service.tokens.get(at)).map(|token| token.id.clone());
        Self { gateway, service, token }
    }

    /// Whether a request would still be let in.
    pub fn holds(&self, table: &Table, conn: &Conn) -> bool {
        self.check(table, conn).is_ok()
    }

    /// # Errors
    /// What a request would be told now.
    pub fn check(&self, table: &Table, conn: &Conn) -> Result<(), Refusal> {
        let gateway = table.gateways.get(&self.gateway.id).ok_or(Refusal::NoSuchGateway)?;
        let entrance = entrance(table, gateway, conn).ok_or(Refusal::NoSuchGateway)?;
        check(entrance, conn.peer)?;
        let service = gateway.services.get(&self.service.name).filter(|service| service.id == self.service.id);
        let service = service.ok_or(Refusal::NoSuchService)?;
        let now = Utc::now();
        let lasts = |token: &Token| token.expires_at.is_none_or(|end| now < end);
        let token_holds = |service: &Arc<Service>| {
            let Some(id) = &self.token else { return true };
            // Whether it came in by the service's own name or by its group's is not asked again.
            let of_group = service.member.iter().flat_map(|member| &member.inside.tokens);
            service.tokens.iter().chain(of_group).any(|token| token.id == *id && lasts(token))
        };
        if token_holds(service) { Ok(()) } else { Err(Refusal::Unauthorized) }
    }
}

/// `None` if there is no way in any more where it came in.
fn entrance<'g>(table: &Table, gateway: &'g Gateway, conn: &Conn) -> Option<&'g Entrance> {
    let listener = table.listeners.of(conn)?;
    let entrance = gateway.entrance(conn.vpc.as_ref())?;
    let leads_there = match &listener.gateway {
        Some(alone) => alone.id == gateway.id,
        None => !entrance.hosts.is_empty(),
    };
    leads_there.then_some(entrance)
}
