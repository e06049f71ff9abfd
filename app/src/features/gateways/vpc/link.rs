//! One VPC that reaches the gateway: where, who may enter, by which vSwitches.

use super::super::detail::of_address;
use super::super::internet::WhitelistEditor;
use super::api::{EditVpcLink, UnlinkVpc, linkable_vpcs};
use super::choices::{boxes, first_choice};
use super::doors::doors;
use super::peers::Peers;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, LoadError, bump_after, link_badge, seen_revision};
use crate::paths;
use domain::id::VpcId;
use domain::role::Permission;
use domain::view::{GatewayDetail, LinkView, VpcView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use ui::{
    Button, ButtonKind, CheckField, CopyText, Crumb, FieldSet, FormActions, FormError, Hidden, PageHeader, PageTitle,
    Section,
};

/// The gateway and which of its links.
pub(super) type At = (Fresh<GatewayDetail>, StoredValue<VpcId>);

pub(super) fn link_of((gateway, vpc): At) -> Option<LinkView> {
    gateway.with(|gateway| vpc.with_value(|id| gateway.vpcs.iter().find(|link| link.vpc.id == *id).cloned()))
}

#[component]
pub fn Link() -> impl IntoView {
    let params = use_params_map();
    of_address(move |gateway| {
        let vpc = params.with_untracked(|params| params.get("vpc")).and_then(|vpc| vpc.parse::<VpcId>().ok());
        let found = vpc.filter(|id| gateway.with_untracked(|it| it.vpcs.iter().any(|link| link.vpc.id == *id)));
        match found {
            Some(vpc) => page((gateway, StoredValue::new(vpc))),
            None => view! { <LoadError error=crate::error::ApiError::NotFound /> }.into_any(),
        }
    })
}

fn page(at: At) -> AnyView {
    let (gateway, vpc) = at;
    let shown = gateway.get_untracked();
    // Read without following: the page is built once.
    let name = untrack(|| link_of(at)).map(|link| link.vpc.name).unwrap_or_default();
    let crumbs = vec![
        Crumb::link(tr!(gateways.title), paths::GATEWAYS),
        Crumb::link(shown.summary.name.to_string(), paths::gateway_vpcs(&shown.summary.id)),
        Crumb::here(name.clone()),
    ];
    let badge = (move || link_of(at).map(|link| link_badge(link.status))).into_any();
    let allowed = use_viewer().may(Permission::ManageGateways);
    let id = vpc.get_value();
    view! {
        <PageTitle text=name.clone() />
        <PageHeader
            title=name
            badge
            subtitle=view! { <CopyText text=id.to_string() label=tr!(layout.copy) done=tr!(layout.copied) /> }
            breadcrumbs=crumbs
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        {untrack(|| link_of(at))
            .and_then(|link| link.foreign_owner)
            .map(|account| view! { <p class="muted">{tr!(vpc.of_account, account = account)}</p> })}
        {move || link_of(at).map(doors)}
        <WhitelistEditor gateway vpc=id.clone() />
        {allowed.then(|| view! { <VSwitches at /> })}
        {allowed.then(|| view! { <Peers at /> })}
        {allowed.then(|| view! { <Delete at /> })}
    }
    .into_any()
}

/// What authoritative DNS is, and whether it would be of any use now.
pub(in super::super) fn dns_hint(gateway: Fresh<GatewayDetail>) -> String {
    match gateway.with_untracked(|gateway| gateway.dns_off) {
        true => format!("{} {}", tr!(vpc.dns_hint), tr!(names_inside.server_off)),
        false => tr!(vpc.dns_hint),
    }
}

/// What every form of this page says; its revision is the one that the form was filled in from, or its own last answer's.
pub(super) fn hidden((gateway, vpc): At, answers: Signal<usize>) -> AnyView {
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let id = Signal::stored(gateway.with_untracked(|gateway| gateway.summary.id.to_string()));
    let vpc = Signal::stored(vpc.with_value(ToString::to_string));
    view! {
        <Hidden name="id" value=id />
        <Hidden name="revision" value=seen_revision(newest, answers) />
        <Hidden name="vpc" value=vpc />
    }
    .into_any()
}

#[component]
fn VSwitches(at: At) -> impl IntoView {
    let (gateway, vpc) = at;
    let action = ServerAction::<EditVpcLink>::new();
    bump_after(action);
    let form = form_state(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let choices = Resource::new_blocking(|| (), move |()| linkable_vpcs(id.clone()));
    let hint = StoredValue::new(dns_hint(gateway));
    let (general, wrong, pending) = (form.general(), form.field("vswitches"), form.pending);
    let dns_wrong = form.field("authoritative_dns");
    let fields = StoredValue::new(form);
    let choose = move |all: Vec<VpcView>| {
        let link = untrack(|| link_of(at));
        let chosen: Vec<_> =
            link.iter().flat_map(|link| &link.addresses).map(|address| address.vswitch.id.clone()).collect();
        let chosen = fields.with_value(|form| first_choice(form, &chosen));
        let dns = link.is_some_and(|link| link.authoritative_dns);
        let found = all.into_iter().find(|each| vpc.with_value(|id| each.vpc.id == *id));
        found.map(|found| {
            view! {
                <FieldSet name="vswitches" legend=tr!(vpc.vswitches) hint=tr!(vpc.vswitches_hint) error=wrong>
                    {boxes(&found, &chosen)}
                </FieldSet>
                <CheckField
                    name="authoritative_dns"
                    label=tr!(vpc.dns)
                    hint=hint.get_value()
                    checked=dns
                    error=dns_wrong
                />
            }
        })
    };
    view! {
        <Section title=tr!(vpc.configure) description=tr!(vpc.edit_hint) id="vswitches">
            <ActionForm action>
                <div class="stack">
                    <FormError message=general />
                    {hidden(at, action.version().into())}
                    <Suspense>
                        {move || Suspend::new(async move {
                            match choices.await {
                                Ok(all) => choose(all).into_any(),
                                Err(error) => view! { <LoadError error /> }.into_any(),
                            }
                        })}
                    </Suspense>
                    <FormActions>
                        <Button label=tr!(layout.save) pending />
                    </FormActions>
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}

#[component]
fn Delete(at: At) -> impl IntoView {
    let action = ServerAction::<UnlinkVpc>::new();
    let form = form_state(action);
    view! {
        <Section title=tr!(vpc.delete_title) description=tr!(vpc.delete_body) id="delete">
            <FormError message=form.general() />
            <ActionForm action>
                {hidden(at, action.version().into())} <Button label=tr!(vpc.delete) kind=ButtonKind::Danger pending=form.pending />
            </ActionForm>
        </Section>
    }
    .into_any()
}
