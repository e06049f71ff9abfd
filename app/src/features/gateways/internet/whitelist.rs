//! The list of who may enter, and adding to it.

use super::super::api::{AddToWhitelist, RemoveFromWhitelist};
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, empty_after};
use domain::id::VpcId;
use domain::role::Permission;
use domain::view::GatewayDetail;
use domain::whitelist::{Entry, MAX_ENTRIES, Whitelist, parse_address};
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use ui::{
    Badge, Button, ButtonKind, Callout, Column, DataTable, FormError, Hidden, IconButton, IconName, Section, TextArea,
    TextField, Tone,
};

#[component]
pub fn WhitelistEditor(
    gateway: Fresh<GatewayDetail>,
    /// The VPC whose list it is; else the public one.
    #[prop(optional)]
    vpc: Option<VpcId>,
) -> impl IntoView {
    let of = StoredValue::new(vpc);
    let remove = ServerAction::<RemoveFromWhitelist>::new();
    let removing = form_state(remove);
    bump_after(remove);
    let entries = move || gateway.with(|gateway| list_of(gateway, of).entries().to_vec());
    let allowed = use_viewer().may(Permission::ManageGateways);
    let list = move || {
        let entries = entries();
        if entries.is_empty() {
            return view! { <Callout tone=Tone::Warn>{tr!(whitelist.empty)}</Callout> }.into_any();
        }
        let head = vec![
            Column::new(tr!(whitelist.block)),
            Column::new(tr!(whitelist.comment)),
            Column::hidden(tr!(layout.actions)),
        ];
        view! {
            <DataTable caption=tr!(whitelist.title) head>
                {entries.into_iter().map(|entry| row(entry, (gateway, of), remove, allowed)).collect::<Vec<_>>()}
            </DataTable>
        }
        .into_any()
    };
    view! {
        <Section
            title=tr!(whitelist.title)
            id="whitelist"
            description=if of.with_value(Option::is_some) { tr!(vpc.whitelist_note) } else { tr!(whitelist.description) }
            actions=view! { <span class="muted" aria-live="polite">{move || format!("{}/{MAX_ENTRIES}", entries().len())}</span> }
        >
            <FormError message=removing.general() />
            {move || of.with_value(Option::is_none).then(|| shut_out(gateway))}
            {list}
            {allowed.then(|| view! { <AddForm gateway of /> })}
        </Section>
    }
    .into_any()
}

type Of = StoredValue<Option<VpcId>>;

/// The list as it is now; empty where the VPC is gone.
fn list_of(gateway: &GatewayDetail, of: Of) -> Whitelist {
    of.with_value(|of| match of {
        None => gateway.internet.whitelist.clone(),
        Some(vpc) => {
            let link = gateway.vpcs.iter().find(|link| link.vpc.id == *vpc);
            link.map(|link| link.whitelist.clone()).unwrap_or_default()
        }
    })
}

/// Says whose list it is.
fn which(of: Of) -> Option<AnyView> {
    let vpc = of.with_value(|of| of.as_ref().map(ToString::to_string))?;
    Some(view! { <Hidden name="vpc" value=Signal::stored(vpc) /> }.into_any())
}

/// A warning where the editor's own address cannot enter.
fn shut_out(gateway: Fresh<GatewayDetail>) -> Option<AnyView> {
    let address = use_viewer().address;
    let own = parse_address(&address).ok()?;
    let inside = gateway
        .with(|gateway| gateway.internet.whitelist.is_empty() || gateway.internet.whitelist.matching(own).is_some());
    (!inside)
        .then(|| view! { <Callout tone=Tone::Warn>{tr!(whitelist.shut_out, address = address)}</Callout> }.into_any())
}

fn row(
    entry: Entry,
    (gateway, of): (Fresh<GatewayDetail>, Of),
    remove: ServerAction<RemoveFromWhitelist>,
    allowed: bool,
) -> AnyView {
    let id = gateway.with_untracked(|gateway| gateway.summary.id.to_string());
    let id = Signal::stored(id);
    let block = entry.cidr.to_string();
    let (hidden, remove_label) = (Signal::stored(block.clone()), tr!(whitelist.remove, block = block.clone()));
    let is_public = of.with_value(Option::is_none);
    let everyone = (is_public && entry.cidr.is_everyone())
        .then(|| view! { <Badge tone=Tone::Warn label=tr!(whitelist.everyone) /> });
    let button = allowed.then(|| {
        view! {
            <ActionForm action=remove>
                <Hidden name="id" value=id />
                <Hidden name="revision" value=Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string())) />
                {which(of)}
                <Hidden name="block" value=hidden />
                <IconButton icon=IconName::Trash label=remove_label button_type="submit" />
            </ActionForm>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <code>{block}</code>
                " "
                {everyone}
            </th>
            <td class="wrap">{entry.comment}</td>
            <td class="actions">{button}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn AddForm(gateway: Fresh<GatewayDetail>, of: Of) -> impl IntoView {
    let action = ServerAction::<AddToWhitelist>::new();
    let form = form_state(action);
    bump_after(action);
    let around = NodeRef::<html::Div>::new();
    empty_after(action, around);
    let id = Signal::stored(gateway.with_untracked(|gateway| gateway.summary.id.to_string()));
    let check = form.check(move |add: AddToWhitelist| {
        gateway.with_untracked(|gateway| list_of(gateway, of).with_typed(&add.blocks, &add.comment))
    });
    view! {
        <div node_ref=around on:submit:capture=check>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=id />
                    <Hidden
                        name="revision"
                        value=Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string()))
                    />
                    {which(of)}
                    <TextArea
                        name="blocks"
                        label=tr!(whitelist.blocks)
                        hint=tr!(whitelist.blocks_hint)
                        value=form.value("blocks", "")
                        error=form.field("blocks")
                        rows=3
                        required=true
                        mono=true
                    />
                    <TextField
                        name="comment"
                        label=tr!(whitelist.comment)
                        value=form.value("comment", "")
                        error=form.field("comment")
                        maxlength=100
                    />
                    <Button label=tr!(whitelist.add) kind=ButtonKind::Primary icon=IconName::Plus pending=form.pending />
                </div>
            </ActionForm>
        </div>
    }
    .into_any()
}
