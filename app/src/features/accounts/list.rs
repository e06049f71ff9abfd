//! All accounts, and making one.

use super::api::{CreateAccount, list_accounts};
use super::invite::Invite;
use crate::context::form_state;
use crate::layout::{Fresh, LoadError, When, bump_after, empty_after, fresh};
use domain::view::AccountView;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use ui::{
    Badge, Button, ButtonKind, Column, CopyText, DataTable, FormError, IconName, PageHeader, PageTitle, Section,
    TextField, Tone,
};

#[component]
pub fn Accounts() -> impl IntoView {
    let accounts = Resource::new_blocking(|| (), |()| list_accounts());
    let title = tr!(accounts.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title subtitle=tr!(accounts.subtitle) />
        <Transition>
            {move || Suspend::new(async move {
                match accounts.await {
                    Ok(first) => page(fresh(first, list_accounts)),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn page(accounts: Fresh<Vec<AccountView>>) -> AnyView {
    view! {
        {move || table(accounts.get())}
        <Create />
        <Invite accounts />
    }
    .into_any()
}

fn table(accounts: Vec<AccountView>) -> AnyView {
    let head = vec![
        Column::new(tr!(accounts.name)),
        Column::numeric(tr!(users.title)),
        Column::numeric(tr!(networks.gateways)),
        Column::new(tr!(gateways.created)),
    ];
    let row = |each: AccountView| {
        let operates = each.operates.then(|| {
            view! { <Badge tone=Tone::Info label=tr!(accounts.operates) icon=IconName::Star /> }
        });
        view! {
            <tr>
                <th scope="row">
                    {each.account.name} " " {operates}
                    <div class="muted mono">
                        <CopyText text=each.account.id.to_string() label=tr!(layout.copy) done=tr!(layout.copied) />
                    </div>
                </th>
                <td class="num" data-label=tr!(users.title)>{each.users}</td>
                <td class="num" data-label=tr!(networks.gateways)>{each.gateways}</td>
                <td data-label=tr!(gateways.created)>
                    <When at=each.created_at />
                </td>
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(accounts.title) head>
            {accounts.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
    }
    .into_any()
}

#[component]
fn Create() -> impl IntoView {
    let action = ServerAction::<CreateAccount>::new();
    bump_after(action);
    let around = NodeRef::<html::Div>::new();
    empty_after(action, around);
    let form = form_state(action);
    view! {
        <Section title=tr!(accounts.create) description=tr!(accounts.create_hint)>
            <div node_ref=around>
                <ActionForm action>
                    <div class="stack">
                        <FormError message=form.general() />
                        <TextField
                            name="name"
                            label=tr!(accounts.name)
                            value=form.value("name", "")
                            error=form.field("name")
                            required=true
                            maxlength=63
                        />
                        <Button label=tr!(accounts.create) kind=ButtonKind::Primary pending=form.pending />
                    </div>
                </ActionForm>
            </div>
        </Section>
    }
    .into_any()
}
