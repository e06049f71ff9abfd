//! The vSwitches of a VPC.

use super::api::{AddVswitch, DeleteVswitch};
use super::vpc::{Shown, blocks};
use crate::context::form_state;
use crate::layout::{bump_after, empty_after};
use crate::paths;
use domain::view::VSwitchView;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Column, DataTable, FormError, Hidden, IconButton, IconName, Section, SelectField, SelectOption,
    TextField, TextLink,
};

#[component]
pub fn VSwitches(shown: Shown, allowed: bool) -> impl IntoView {
    let remove = ServerAction::<DeleteVswitch>::new();
    bump_after(remove);
    let removing = form_state(remove);
    let head = vec![
        Column::new(tr!(networks.name)),
        Column::new(tr!(networks.zone)),
        Column::new(tr!(networks.block)),
        Column::new(tr!(networks.addresses)),
        Column::hidden(tr!(layout.actions)),
    ];
    let rows = move || {
        let vswitches = shown.with(|(vpc, _)| vpc.vswitches.clone());
        vswitches.into_iter().map(|each| row(each, allowed, remove)).collect::<Vec<_>>()
    };
    // What a vSwitch can be in stands next to the field.
    let around = Memo::new(move |_| shown.with(|(vpc, _)| blocks(vpc, ", ")));
    let add = move || {
        around.track();
        untrack(|| view! { <AddForm shown /> }.into_any())
    };
    view! {
        <Section title=tr!(networks.vswitches) description=tr!(networks.vswitches_note)>
            <FormError message=removing.general() />
            <DataTable caption=tr!(networks.vswitches) head>
                {rows}
            </DataTable>
            {allowed.then_some(add)}
        </Section>
    }
    .into_any()
}

fn row(each: VSwitchView, allowed: bool, remove: ServerAction<DeleteVswitch>) -> AnyView {
    let vswitch = each.vswitch;
    let addresses = if each.is_loopback {
        tr!(networks.loopback).into_any()
    } else if each.addresses.is_empty() {
        tr!(networks.none).into_any()
    } else {
        let one = |address: &domain::network::HostAddress| {
            view! { <div><code>{address.address.to_string()}</code> " " {address.interface.clone()}</div> }.into_any()
        };
        each.addresses.iter().map(one).collect::<Vec<_>>().into_any()
    };
    let edit = paths::vswitch(&vswitch.vpc_id, &vswitch.id);
    let label = tr!(networks.remove, name = vswitch.name.clone());
    let (id, vpc) = (Signal::stored(vswitch.id.to_string()), Signal::stored(vswitch.vpc_id.to_string()));
    let revision = Signal::stored(vswitch.revision.to_string());
    let delete = allowed.then(|| {
        view! {
            <ActionForm action=remove>
                <Hidden name="vpc" value=vpc />
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <IconButton icon=IconName::Trash label />
            </ActionForm>
            <TextLink href=edit>{tr!(layout.edit)}</TextLink>
        }
    });
    let zone = match each.unsupported {
        Some(_) => format!("{} ({})", vswitch.zone, tr!(networks.not_supported)),
        None => vswitch.zone,
    };
    view! {
        <tr>
            <th scope="row">
                {vswitch.name} <div class="muted mono">{vswitch.id.to_string()}</div>
            </th>
            <td data-label=tr!(networks.zone)>{zone}</td>
            <td data-label=tr!(networks.block)>
                <code>{vswitch.block.to_string()}</code>
            </td>
            <td class="wrap" data-label=tr!(networks.addresses)>{addresses}</td>
            <td class="actions">{delete}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn AddForm(shown: Shown) -> impl IntoView {
    let action = ServerAction::<AddVswitch>::new();
    bump_after(action);
    let around = NodeRef::<html::Div>::new();
    empty_after(action, around);
    let form = form_state(action);
    let (vpc, zones) = shown.get_untracked();
    let id = Signal::stored(vpc.vpc.id.to_string());
    let options = zones.into_iter().map(|zone| SelectOption::new(zone.clone(), zone)).collect();
    view! {
        <div node_ref=around>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="vpc" value=id />
                    <TextField
                        name="name"
                        label=tr!(networks.name)
                        value=form.value("name", "")
                        error=form.field("name")
                        required=true
                        maxlength=63
                        id_prefix="vsw-"
                    />
                    <SelectField
                        name="zone"
                        label=tr!(networks.zone)
                        options
                        value=form.value("zone", "")
                        error=form.field("zone")
                    />
                    <TextField
                        name="block"
                        label=tr!(networks.block)
                        hint=tr!(networks.block_hint, blocks = blocks(&vpc, ", "))
                        value=form.value("block", "")
                        error=form.field("block")
                        required=true
                        mono=true
                    />
                    <Button label=tr!(networks.add_vswitch) kind=ButtonKind::Primary pending=form.pending />
                </div>
            </ActionForm>
        </div>
    }
    .into_any()
}
