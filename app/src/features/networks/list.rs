//! Zones and VPCs of this installation.

use super::api::{AddVpc, read_networks};
use super::elsewhere::Elsewhere;
use super::zones::Zones;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, LoadError, fresh};
use crate::paths;
use domain::network::{Inventory, VpcDraft};
use domain::role::Permission;
use domain::view::{NetworksView, VpcView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Column, DataTable, FormError, PageHeader, PageTitle, Section, SelectField, SelectOption,
    TextArea, TextField, TextLink,
};

#[component]
pub fn Networks() -> impl IntoView {
    let networks = Resource::new_blocking(|| (), |()| read_networks());
    let title = tr!(networks.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title subtitle=tr!(networks.subtitle) />
        <Transition>
            {move || Suspend::new(async move {
                match networks.await {
                    Ok(first) => page(fresh(first, read_networks)),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn page(networks: Fresh<NetworksView>) -> AnyView {
    let allowed = use_viewer().may(Permission::ManageNetworks);
    view! {
        <Section title=tr!(networks.vpcs) description=tr!(networks.vpcs_note)>
            {move || networks.with(|networks| table(networks.vpcs.clone(), networks.accounts.len() > 1))}
            {allowed.then(|| view! { <AddForm networks /> })}
        </Section>
        <Elsewhere networks allowed />
        <Zones networks allowed />
    }
    .into_any()
}

/// Whose they are is said where that differs.
fn table(vpcs: Vec<VpcView>, several: bool) -> AnyView {
    let head = vec![
        Column::new(tr!(networks.name)),
        Column::new(tr!(networks.blocks)),
        Column::numeric(tr!(networks.vswitches)),
        Column::numeric(tr!(networks.gateways)),
    ];
    let row = move |each: VpcView| {
        let owner = (several || each.is_foreign).then(|| tr!(networks.of_account, account = each.owner.clone()));
        let blocks = each.vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        view! {
            <tr>
                <th scope="row">
                    <TextLink href=paths::network(&each.vpc.id)>{each.vpc.name}</TextLink>
                    <div class="muted mono">{each.vpc.id.to_string()}</div>
                    {owner.map(|owner| view! { <div class="muted">{owner}</div> })}
                </th>
                <td class="wrap" data-label=tr!(networks.blocks)>
                    <code>{blocks}</code>
                </td>
                <td class="num" data-label=tr!(networks.vswitches)>{each.vswitches.len()}</td>
                <td class="num" data-label=tr!(networks.gateways)>{each.gateways.len()}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(networks.vpcs) head>
            {vpcs.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
    }
    .into_any()
}

/// What the same rules need to know in the browser: of other workspaces' networks only the server knows.
fn inventory(networks: &NetworksView) -> Inventory {
    let vpcs = networks.vpcs.iter().map(|each| (each.vpc.id.clone(), each.vpc.clone()));
    Inventory { vpcs: vpcs.collect(), ..Inventory::default() }
}

#[component]
fn AddForm(networks: Fresh<NetworksView>) -> impl IntoView {
    let action = ServerAction::<AddVpc>::new();
    let form = form_state(action);
    let check = form.check(move |add: AddVpc| {
        let draft = VpcDraft { name: add.name, blocks: add.blocks };
        networks.with_untracked(|networks| inventory(networks).check_vpc(&draft, None))
    });
    let accounts = networks.with_untracked(|networks| networks.accounts.clone());
    let accounts = (accounts.len() > 1).then(|| {
        let options = accounts.into_iter().map(|each| SelectOption::new(each.id.to_string(), each.name)).collect();
        view! {
            <SelectField
                name="account"
                label=tr!(accounts.account)
                options
                value=form.value("account", "")
                error=form.field("account")
            />
        }
    });
    view! {
        <div on:submit:capture=check>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <TextField
                        name="name"
                        label=tr!(networks.name)
                        value=form.value("name", "")
                        error=form.field("name")
                        required=true
                        maxlength=63
                    />
                    <TextArea
                        name="blocks"
                        label=tr!(networks.blocks)
                        hint=tr!(networks.blocks_hint)
                        value=form.value("blocks", "")
                        error=form.field("blocks")
                        rows=2
                        required=true
                        mono=true
                    />
                    {accounts}
                    <Button label=tr!(networks.add_vpc) kind=ButtonKind::Primary pending=form.pending />
                </div>
            </ActionForm>
        </div>
    }
    .into_any()
}
