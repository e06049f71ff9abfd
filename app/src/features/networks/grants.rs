//! Other accounts whose gateways may be reached from a VPC.

use super::api::{GrantVpc, RevokeVpc};
use super::vpc::Shown;
use crate::context::form_state;
use crate::layout::{bump_after, empty_after};
use domain::account::Account;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use ui::{Button, Column, DataTable, FormError, Hidden, IconButton, IconName, Section, TextField};

#[component]
pub fn Grants(shown: Shown) -> impl IntoView {
    let grant = ServerAction::<GrantVpc>::new();
    let revoke = ServerAction::<RevokeVpc>::new();
    bump_after(grant);
    bump_after(revoke);
    let around = NodeRef::<html::Div>::new();
    empty_after(grant, around);
    let (form, revoking) = (form_state(grant), form_state(revoke));
    let id = Signal::stored(shown.with_untracked(|(vpc, _)| vpc.vpc.id.to_string()));
    let row = move |account: Account| {
        let (which, label) =
            (Signal::stored(account.id.to_string()), tr!(networks.revoke, name = account.name.clone()));
        view! {
            <tr>
                <th scope="row">{account.name}</th>
                <td class="mono" data-label=tr!(networks.account_id)>{account.id.to_string()}</td>
                <td class="actions">
                    <ActionForm action=revoke>
                        <Hidden name="id" value=id />
                        <Hidden name="account" value=which />
                        <IconButton icon=IconName::Trash label />
                    </ActionForm>
                </td>
            </tr>
        }
        .into_any()
    };
    let rows = move || {
        let granted = shown.with(|(vpc, _)| vpc.granted.clone());
        let head = vec![
            Column::new(tr!(accounts.account)),
            Column::new(tr!(networks.account_id)),
            Column::hidden(tr!(layout.actions)),
        ];
        (!granted.is_empty()).then(|| {
            view! {
                <DataTable caption=tr!(networks.grants) head>
                    {granted.into_iter().map(row).collect::<Vec<_>>()}
                </DataTable>
            }
        })
    };
    view! {
        <Section title=tr!(networks.grants) description=tr!(networks.grants_note)>
            <FormError message=revoking.general() />
            {rows}
            <div node_ref=around>
                <ActionForm action=grant>
                    <div class="stack">
                        <FormError message=form.general() />
                        <Hidden name="id" value=id />
                        <TextField
                            name="account"
                            label=tr!(networks.grant_account)
                            hint=tr!(networks.grant_account_hint)
                            value=form.value("account", "")
                            error=form.field("account")
                            required=true
                            mono=true
                        />
                        <Button label=tr!(networks.grant) pending=form.pending />
                    </div>
                </ActionForm>
            </div>
        </Section>
    }
    .into_any()
}
