//! One VPC: its name and blocks, and its vSwitches.

use super::api::{DeleteVpc, EditVpc, read_vpc};
use super::grants::Grants;
use super::vswitches::VSwitches;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, of_address, seen_revision};
use crate::paths;
use domain::id::VpcId;
use domain::role::Permission;
use domain::view::VpcView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, CopyText, Crumb, FormActions, FormError, Hidden, PageHeader, PageTitle, Section, TextArea,
    TextField, TextLink,
};

/// The VPC, and the zones that there are.
pub(super) type Shown = Fresh<(VpcView, Vec<String>)>;

#[component]
pub fn VpcPage() -> impl IntoView {
    of_address(|id: VpcId| read_vpc(id), |shown: Shown| page(shown))
}

pub(super) fn blocks(vpc: &VpcView, separator: &str) -> String {
    vpc.vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

fn page(shown: Shown) -> AnyView {
    let (vpc, _) = shown.get_untracked();
    let viewer = use_viewer();
    let allowed = viewer.may(Permission::ManageNetworks);
    // Whose VPC it is may grant it, too.
    let grants = viewer
        .user
        .is_some_and(|user| user.role.allows(Permission::ManageNetworks) && (user.operates || !vpc.is_foreign));
    let id = vpc.vpc.id.clone();
    let name = Memo::new(move |_| shown.with(|(vpc, _)| vpc.vpc.name.clone()));
    let linked = move || {
        let gateways = shown.with(|(vpc, _)| vpc.gateways.clone());
        let link = |(id, name): (_, domain::name::GatewayName)| {
            view! {
                <li>
                    <TextLink href=paths::gateway_vpcs(&id)>{name.to_string()}</TextLink>
                </li>
            }
            .into_any()
        };
        (!gateways.is_empty()).then(|| {
            view! {
                <Section title=tr!(networks.gateways)>
                    <ul class="bullets">{gateways.into_iter().map(link).collect::<Vec<_>>()}</ul>
                </Section>
            }
        })
    };
    view! {
        {move || header(name.get(), id.to_string())}
        <VSwitches shown allowed />
        {linked}
        {grants.then(|| view! { <Grants shown /> })}
        {allowed.then(|| view! { <Settings shown /> })}
        {allowed.then(|| view! { <Delete shown /> })}
    }
    .into_any()
}

/// Built again when the name was changed on this page.
fn header(name: String, id: String) -> AnyView {
    let crumbs = vec![Crumb::link(tr!(networks.title), paths::NETWORKS), Crumb::here(name.clone())];
    view! {
        <PageTitle text=name.clone() />
        <PageHeader
            title=name
            subtitle=view! { <CopyText text=id label=tr!(layout.copy) done=tr!(layout.copied) /> }
            breadcrumbs=crumbs
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
    }
    .into_any()
}

#[component]
fn Settings(shown: Shown) -> impl IntoView {
    let action = ServerAction::<EditVpc>::new();
    bump_after(action);
    let form = form_state(action);
    let (vpc, _) = shown.get_untracked();
    let id = Signal::stored(vpc.vpc.id.to_string());
    let newest = Signal::derive(move || shown.with(|(vpc, _)| vpc.vpc.revision));
    let revision = seen_revision(newest, action.version().into());
    view! {
        <Section title=tr!(networks.vpc_settings)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=id />
                    <Hidden name="revision" value=revision />
                    <TextField
                        name="name"
                        label=tr!(networks.name)
                        value=form.value("name", &vpc.vpc.name)
                        error=form.field("name")
                        required=true
                        maxlength=63
                    />
                    <TextArea
                        name="blocks"
                        label=tr!(networks.blocks)
                        hint=tr!(networks.blocks_hint)
                        value=form.value("blocks", &blocks(&vpc, "\n"))
                        error=form.field("blocks")
                        rows=2
                        required=true
                        mono=true
                    />
                    <FormActions>
                        <Button label=tr!(layout.save) pending=form.pending />
                    </FormActions>
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}

#[component]
fn Delete(shown: Shown) -> impl IntoView {
    let action = ServerAction::<DeleteVpc>::new();
    let form = form_state(action);
    let id = Signal::stored(shown.with_untracked(|(vpc, _)| vpc.vpc.id.to_string()));
    let revision = Signal::derive(move || shown.with(|(vpc, _)| vpc.vpc.revision.to_string()));
    view! {
        <Section title=tr!(networks.delete_vpc) description=tr!(networks.delete_vpc_body)>
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <Button label=tr!(networks.delete_vpc) kind=ButtonKind::Danger pending=form.pending />
            </ActionForm>
        </Section>
    }
    .into_any()
}
