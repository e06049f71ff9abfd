//! Making accounts, and letting somebody into them.

use crate::{Control, ControlError, Missing};
use domain::account::{Account, AccountDraft};
use domain::id::{AccountId, WorkspaceId};
use domain::role::{Permission, Role};
use domain::view::AccountView;
use identity::{Invited, Principal, entropy};
use store::WorkspaceRow;

/// What the first workspace of an account is called.
const FIRST_WORKSPACE: &str = "default";

impl Control {
    /// Oldest first; the first one operates the installation.
    pub async fn accounts(&self, principal: &Principal) -> Result<Vec<AccountView>, ControlError> {
        self.authorize_operator(principal, Permission::Read)?;
        let desired = self.desired();
        let rows = self.store().accounts().await?;
        let view = |row: store::AccountRow| AccountView {
            gateways: desired.gateways.values().filter(|gateway| gateway.account_id == row.account.id).count(),
            users: row.users,
            created_at: row.created_at,
            operates: row.account.id == self.first_workspace().account_id,
            account: row.account,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// With a workspace, and nobody in it yet.
    pub async fn create_account(&self, principal: &Principal, draft: &AccountDraft) -> Result<AccountId, ControlError> {
        self.authorize_operator(principal, Permission::ManageAccounts)?;
        let mut write = self.write(principal).await?;
        let known = write.tx.inventory().await?.accounts;
        let lower = |name: &str| name.to_lowercase();
        let name = draft.validate(|name| known.values().any(|each| lower(&each.name) == lower(name)))?;
        let account = Account { id: AccountId::from_random(entropy::id()), name };
        let workspace = WorkspaceRow {
            id: WorkspaceId::from_random(entropy::id()),
            account_id: account.id.clone(),
            name: FIRST_WORKSPACE.into(),
            created_at: write.now,
        };
        write.tx.insert_account(&account.id, &account.name, write.now).await?;
        write.tx.insert_workspace(&workspace).await?;
        write.network("account.create", account.id.as_str(), None, Some(&account)).await?;
        write.commit().await?;
        Ok(account.id)
    }

    /// A one-time link for somebody of that account.
    pub async fn invite_to_account(
        &self,
        principal: &Principal,
        account: &AccountId,
        role: Role,
    ) -> Result<Invited, ControlError> {
        self.authorize_operator(principal, Permission::ManageAccounts)?;
        let missing = ControlError::NotFound { what: Missing::Account };
        let workspace = self.store().workspace_of(account).await?.ok_or(missing)?;
        Ok(identity::invite_into(self.store(), principal, &workspace, role, self.now()).await?)
    }
}
