//! Tokens of services: made, shown, changed, replaced, deleted, and when they were used.

mod edit;
mod make;
mod purge;
mod reveal;
mod rotate;
mod uses;
mod view;

pub(crate) use uses::TokenUses;
pub(super) use view::views;

use crate::desired::Token;
use crate::{Control, ControlError, Missing};
use domain::id::{ServiceId, TokenId};
use domain::service::Service;
use identity::Principal;
use std::sync::Arc;

/// A service's tokens, and one of them. Read inside of a write, they are what is stored.
struct Found {
    service: Arc<Service>,
    all: Vec<Token>,
    one: Token,
}

impl Control {
    fn tokens_of(&self, principal: &Principal, id: &ServiceId) -> Result<(Arc<Service>, Vec<Token>), ControlError> {
        let service = self.find_service(principal, id)?;
        Ok((service, self.desired().tokens.get(id).cloned().unwrap_or_default()))
    }

    fn find_token(&self, principal: &Principal, service: &ServiceId, id: &TokenId) -> Result<Found, ControlError> {
        let (service, all) = self.tokens_of(principal, service)?;
        let one = all.iter().find(|token| token.row.id == *id).cloned();
        let one = one.ok_or(ControlError::NotFound { what: Missing::Token })?;
        Ok(Found { service, all, one })
    }
}

impl Found {
    /// All of them with this one as it is now.
    fn with(&self, now: &Token) -> Vec<Token> {
        let others = self.all.iter().filter(|token| token.row.id != now.row.id).cloned();
        others.chain([now.clone()]).collect()
    }

    /// All of them without it.
    fn without(&self) -> Vec<Token> {
        self.all.iter().filter(|token| token.row.id != self.one.row.id).cloned().collect()
    }
}
