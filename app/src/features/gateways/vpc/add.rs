//! Adding a VPC: first which, then its vSwitches. With one VPC there is nothing to choose first.

use super::super::alb::access_page;
use super::super::detail::of_address;
use super::api::{LinkVpc, linkable_vpcs};
use super::choices::{boxes, first_choice, proposed};
use super::link::dns_hint;
use crate::context::form_state;
use crate::layout::{Fresh, LoadError};
use crate::paths;
use domain::alb::Access;
use domain::gateway::GatewayKind;
use domain::id::VpcId;
use domain::view::{GatewayDetail, VpcView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Card, CheckField, Crumb, EmptyState, FieldSet, FormActions, FormError, Hidden, IconName,
    LinkButton, PageHeader, PageTitle, SelectField, SelectOption,
};

#[component]
pub fn AddVpc() -> impl IntoView {
    of_address(|gateway| {
        let shown = gateway.get_untracked();
        if shown.summary.kind == GatewayKind::Alb {
            return access_page(gateway, Access::Vpc);
        }
        let (id, name) = (shown.summary.id, shown.summary.name.to_string());
        let title = tr!(vpc.add);
        let crumbs = vec![
            Crumb::link(tr!(gateways.title), paths::GATEWAYS),
            Crumb::link(name, paths::gateway_vpcs(&id)),
            Crumb::here(title.clone()),
        ];
        let choices = Resource::new_blocking(|| (), move |()| linkable_vpcs(id.clone()));
        view! {
            <PageTitle text=title.clone() />
            <PageHeader title subtitle=tr!(vpc.add_subtitle) breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
            <Suspense>
                {move || Suspend::new(async move {
                    match choices.await {
                        Ok(vpcs) => choose(gateway, vpcs),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })}
            </Suspense>
        }
        .into_any()
    })
}

fn choose(gateway: Fresh<GatewayDetail>, vpcs: Vec<VpcView>) -> AnyView {
    let linked =
        gateway.with_untracked(|gateway| gateway.vpcs.iter().map(|link| link.vpc.id.clone()).collect::<Vec<_>>());
    let free: Vec<VpcView> =
        vpcs.into_iter().filter(|each| !each.vswitches.is_empty() && !linked.contains(&each.vpc.id)).collect();
    if free.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Network
                title=tr!(vpc.none_declared)
                body=tr!(vpc.none_declared_body)
                actions=view! { <LinkButton href=paths::NETWORKS>{tr!(networks.title)}</LinkButton> }
            />
        }
        .into_any();
    }
    let chosen = use_query_map();
    let free = StoredValue::new(free);
    let shown = move || {
        let asked = chosen.with(|map| map.get("vpc")).and_then(|vpc| vpc.parse::<VpcId>().ok());
        free.with_value(|free| free.iter().find(|each| Some(&each.vpc.id) == asked.as_ref()).or(free.first()).cloned())
    };
    let others = free.with_value(|free| (free.len() > 1).then(|| picker(gateway, free, shown().as_ref())));
    view! {
        <Card>
            {others}
            {move || shown().map(|vpc| view! { <LinkForm gateway vpc /> })}
        </Card>
    }
    .into_any()
}

/// A GET form: which VPC it is stands in the address.
fn picker(gateway: Fresh<GatewayDetail>, free: &[VpcView], shown: Option<&VpcView>) -> AnyView {
    let options = free
        .iter()
        .map(|each| {
            let blocks = each.vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            SelectOption::new(each.vpc.id.to_string(), format!("{} ({blocks})", each.vpc.name))
        })
        .collect();
    let value = shown.map(|each| each.vpc.id.to_string()).unwrap_or_default();
    let action = gateway.with_untracked(|gateway| paths::add_gateway_vpc(&gateway.summary.id));
    view! {
        <form method="get" action=action class="inline-form">
            <SelectField name="vpc" label=tr!(vpc.choose) options value />
            <Button label=tr!(inside.choose) />
        </form>
    }
    .into_any()
}

#[component]
pub(in super::super) fn LinkForm(gateway: Fresh<GatewayDetail>, vpc: VpcView) -> impl IntoView {
    let action = ServerAction::<LinkVpc>::new();
    let form = form_state(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let (hidden, which) = (Signal::stored(id.to_string()), Signal::stored(vpc.vpc.id.to_string()));
    let chosen = first_choice(&form, &proposed(&vpc));
    let (legend, boxes) = (tr!(vpc.vswitches_of, vpc = vpc.vpc.name.clone()), boxes(&vpc, &chosen));
    let wrong = form.field("vswitches");
    let whole = form.field("vpc");
    view! {
        <ActionForm action>
            <div class="stack">
                <FormError message=form.general() />
                <FormError message=whole />
                <Hidden name="id" value=hidden />
                <Hidden name="revision" value=Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string())) />
                <Hidden name="vpc" value=which />
                <FieldSet
                    name="vswitches"
                    legend
                    hint=tr!(vpc.vswitches_hint)
                    error=wrong
                >
                    {boxes}
                </FieldSet>
                <CheckField
                    name="authoritative_dns"
                    label=tr!(vpc.dns)
                    hint=dns_hint(gateway)
                    error=form.field("authoritative_dns")
                />
                <FormActions>
                    <Button label=tr!(vpc.add) kind=ButtonKind::Primary pending=form.pending />
                    <LinkButton href=paths::gateway_vpcs(&id)>{tr!(layout.cancel)}</LinkButton>
                </FormActions>
            </div>
        </ActionForm>
    }
    .into_any()
}
