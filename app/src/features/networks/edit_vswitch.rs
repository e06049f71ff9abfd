//! Another name, zone or block for a vSwitch.

use super::api::{EditVswitch, read_vpc};
use super::vpc::{Shown, blocks};
use crate::context::form_state;
use crate::error::ApiError;
use crate::layout::{LoadError, of_address};
use crate::paths;
use domain::id::{VSwitchId, VpcId};
use domain::network::VSwitch;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use ui::{
    Button, ButtonKind, Card, Crumb, FormActions, FormError, Hidden, LinkButton, PageHeader, PageTitle, SelectField,
    SelectOption, TextField,
};

#[component]
pub fn EditVSwitch() -> impl IntoView {
    let params = use_params_map();
    of_address(
        |id: VpcId| read_vpc(id),
        move |shown: Shown| {
            let asked =
                params.with_untracked(|params| params.get("vswitch")).and_then(|id| id.parse::<VSwitchId>().ok());
            let all = shown.with_untracked(|(vpc, _)| vpc.vswitches.clone());
            match all.into_iter().map(|each| each.vswitch).find(|each| Some(&each.id) == asked.as_ref()) {
                Some(vswitch) => page(shown, vswitch),
                None => view! { <LoadError error=ApiError::NotFound /> }.into_any(),
            }
        },
    )
}

fn page(shown: Shown, vswitch: VSwitch) -> AnyView {
    let (vpc, zones) = shown.get_untracked();
    let action = ServerAction::<EditVswitch>::new();
    let form = form_state(action);
    let back = paths::network(&vpc.vpc.id);
    let title = tr!(networks.edit_vswitch, name = vswitch.name.clone());
    let crumbs = vec![
        Crumb::link(tr!(networks.title), paths::NETWORKS),
        Crumb::link(vpc.vpc.name.clone(), back.clone()),
        Crumb::here(vswitch.name.clone()),
    ];
    let options = zones.into_iter().map(|zone| SelectOption::new(zone.clone(), zone)).collect();
    let hint = tr!(networks.block_hint, blocks = blocks(&vpc, ", "));
    let (id, of_vpc) = (Signal::stored(vswitch.id.to_string()), Signal::stored(vpc.vpc.id.to_string()));
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title
            subtitle=tr!(networks.edit_vswitch_note)
            breadcrumbs=crumbs
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Card>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="vpc" value=of_vpc />
                    <Hidden name="id" value=id />
                    <Hidden name="revision" value=Signal::stored(vswitch.revision.to_string()) />
                    <TextField
                        name="name"
                        label=tr!(networks.name)
                        value=form.value("name", &vswitch.name)
                        error=form.field("name")
                        required=true
                        maxlength=63
                    />
                    <SelectField
                        name="zone"
                        label=tr!(networks.zone)
                        options
                        value=form.value("zone", &vswitch.zone)
                        error=form.field("zone")
                    />
                    <TextField
                        name="block"
                        label=tr!(networks.block)
                        hint
                        value=form.value("block", &vswitch.block.to_string())
                        error=form.field("block")
                        required=true
                        mono=true
                    />
                    <FormActions>
                        <Button label=tr!(layout.save) kind=ButtonKind::Primary pending=form.pending />
                        <LinkButton href=back>{tr!(layout.cancel)}</LinkButton>
                    </FormActions>
                </div>
            </ActionForm>
        </Card>
    }
    .into_any()
}
