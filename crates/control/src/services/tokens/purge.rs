//! Tokens that expired long ago are forgotten.

use crate::desired::Token;
use crate::{Control, ControlError};
use chrono::TimeDelta;
use domain::id::ServiceId;
use domain::service::{FORGOTTEN_AFTER, is_valid};

impl Control {
    /// Each service in a write of its own, and none where there is nothing to forget.
    pub(super) async fn purge_tokens(&self) -> Result<(), ControlError> {
        let over: Vec<ServiceId> = {
            let desired = self.desired();
            let has = |tokens: &Vec<Token>| tokens.iter().any(|token| self.is_over(token));
            desired.tokens.iter().filter(|(_, tokens)| has(tokens)).map(|(id, _)| id.clone()).collect()
        };
        for id in over {
            let Some(service) = self.desired().services.get(&id).cloned() else { continue };
            let mut write = self.write_unasked(&service.account_id, &service.workspace_id).await?;
            // Somebody may have given it more time, or deleted the service, before this was our turn.
            let desired = self.desired();
            let Some(service) = desired.services.get(&id) else { continue };
            let all = desired.tokens.get(&id).cloned().unwrap_or_default();
            let (over, kept): (Vec<Token>, Vec<Token>) = all.into_iter().partition(|token| self.is_over(token));
            for token in &over {
                write.tx.delete_token(&token.row.id, token.row.revision).await?;
                write.token("token.purge", Some(token), None).await?;
            }
            if !over.is_empty() {
                write.tokens(service, kept).await?;
                write.commit().await?;
            }
        }
        Ok(())
    }

    fn is_over(&self, token: &Token) -> bool {
        let kept = TimeDelta::seconds(i64::from(FORGOTTEN_AFTER));
        !is_valid(token.row.expires_at.map(|end| end + kept), self.now())
    }
}
