//! What the operator asks for.

use crate::{Control, ControlError};
use domain::billing::{PriceDraft, PriceList, Prices};
use domain::role::Permission;
use domain::view::{PriceHistory, PricesView};
use identity::{Principal, authorize};
use std::collections::BTreeMap;
use store::PriceListRow;

impl Control {
    /// The prices that hold, and all that ever did or will; newest first.
    pub async fn prices(&self, principal: &Principal) -> Result<PricesView, ControlError> {
        authorize(principal, Permission::Read)?;
        let rows = self.store().price_lists().await?;
        let lists = Prices::new(rows.iter().map(|row| row.list.clone()).collect());
        let current = lists.list_at(self.now()).cloned();
        // Names only for those who may see users.
        let names: BTreeMap<_, _> = if principal.role.allows(Permission::ManagePrices) {
            let users = self.store().users(&principal.workspace_id).await?;
            users.into_iter().map(|user| (user.id, user.name.to_string())).collect()
        } else {
            BTreeMap::new()
        };
        let revision = rows.iter().map(|row| row.list.number).max().unwrap_or_default();
        let entry = |row: PriceListRow| PriceHistory {
            set_by: names.get(&row.set_by).cloned(),
            set_at: row.set_at,
            list: row.list,
        };
        let mut history: Vec<PriceHistory> = rows.into_iter().map(entry).collect();
        history.sort_by_key(|entry| std::cmp::Reverse((entry.list.valid_from, entry.list.number)));
        Ok(PricesView { currency: self.installation().currency, current, revision, history })
    }

    /// All prices anew, from now on or from the beginning of a day. What ran before keeps the price that it had.
    /// Returns whether that is a change.
    pub async fn set_prices(&self, principal: &Principal, seen: i64, draft: &PriceDraft) -> Result<bool, ControlError> {
        self.authorize_operator(principal, Permission::ManagePrices)?;
        let (prices, from) = draft.validate(self.now())?;
        // What was used until now has the price until now.
        self.meter().await?;
        let mut write = self.write(principal).await?;
        let lists: Vec<PriceList> = write.tx.price_lists().await?.into_iter().map(|row| row.list).collect();
        let current = lists.iter().map(|list| list.number).max().unwrap_or_default();
        if current != seen {
            return Err(ControlError::Conflict { current });
        }
        let valid_from = from.unwrap_or(write.now);
        let before = Prices::new(lists).list_at(valid_from).cloned();
        if before.as_ref().map(|list| &list.prices).unwrap_or(&BTreeMap::new()) == &prices {
            return Ok(false);
        }
        let list = PriceList { number: 0, valid_from, prices };
        let row = PriceListRow { list, set_by: principal.user_id.clone(), set_at: write.now };
        let number = write.tx.insert_price_list(&row, &principal.account_id, &principal.workspace_id).await?;
        write.audit("prices.set", "prices", &number.to_string(), before.as_ref(), Some(&row.list)).await?;
        write.commit().await?;
        self.notify();
        Ok(true)
    }
}
