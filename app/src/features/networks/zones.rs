//! Zones, and whether gateways can have addresses in them.

use super::api::{AddZone, DeleteZone, SupportZone};
use crate::context::form_state;
use crate::layout::{Fresh, bump_after};
use domain::network::Zone;
use domain::view::NetworksView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Badge, Button, ButtonKind, Column, DataTable, FormError, Hidden, IconButton, IconName, Section, TextField, Tone,
};

#[component]
pub fn Zones(networks: Fresh<NetworksView>, allowed: bool) -> impl IntoView {
    let support = ServerAction::<SupportZone>::new();
    let remove = ServerAction::<DeleteZone>::new();
    bump_after(support);
    bump_after(remove);
    let (supporting, removing) = (form_state(support), form_state(remove));
    let head = vec![
        Column::new(tr!(networks.zone)),
        Column::new(tr!(networks.supported)),
        Column::hidden(tr!(layout.actions)),
    ];
    let title = tr!(networks.zones, region = networks.with_untracked(|networks| networks.region.clone()));
    let rows = move || {
        let zones = networks.with(|networks| networks.zones.clone());
        zones.into_iter().map(|zone| row(zone, allowed, support, remove)).collect::<Vec<_>>()
    };
    view! {
        <Section title=title.clone() description=tr!(networks.zones_note)>
            <FormError message=supporting.general() />
            <FormError message=removing.general() />
            <DataTable caption=title head>
                {rows}
            </DataTable>
            {allowed.then(|| view! { <AddForm /> })}
        </Section>
    }
    .into_any()
}

fn row(zone: Zone, allowed: bool, support: ServerAction<SupportZone>, remove: ServerAction<DeleteZone>) -> AnyView {
    let id = Signal::stored(zone.id.clone());
    let on = Signal::stored((!zone.supported).to_string());
    let (tone, label) = if zone.supported {
        (Tone::Good, tr!(networks.supported))
    } else {
        (Tone::Neutral, tr!(networks.not_supported))
    };
    let other = if zone.supported { tr!(networks.unsupport) } else { tr!(networks.support) };
    let delete = tr!(networks.remove, name = zone.id.clone());
    let actions = allowed.then(|| {
        view! {
            <div class="row-actions">
                <ActionForm action=support>
                    <Hidden name="zone" value=id />
                    <Hidden name="on" value=on />
                    <Button label=other kind=ButtonKind::Ghost />
                </ActionForm>
                <ActionForm action=remove>
                    <Hidden name="zone" value=id />
                    <IconButton icon=IconName::Trash label=delete />
                </ActionForm>
            </div>
        }
    });
    view! {
        <tr>
            <th scope="row">{zone.id}</th>
            <td>
                <Badge tone label />
            </td>
            <td class="actions">{actions}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn AddForm() -> impl IntoView {
    let action = ServerAction::<AddZone>::new();
    bump_after(action);
    let form = form_state(action);
    view! {
        <ActionForm action>
            <div class="stack">
                <FormError message=form.general() />
                <TextField
                    name="zone"
                    label=tr!(networks.zone_name)
                    value=form.value("zone", "")
                    error=form.field("zone")
                    required=true
                    maxlength=63
                />
                <Button label=tr!(networks.add_zone) pending=form.pending />
            </div>
        </ActionForm>
    }
    .into_any()
}
