//! Enabling an access of an ALB gateway: the VPC first, which has to be that of the other access, then its vSwitches.

use super::super::vpc::LinkForm;
use super::api::alb_choices;
use super::public::PublicForm;
use crate::layout::{Fresh, LoadError};
use crate::paths;
use crate::texts::use_texts;
use domain::alb::Access;
use domain::id::VpcId;
use domain::view::{AlbChoice, GatewayDetail, VpcView};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, Callout, Card, Crumb, EmptyState, IconName, LinkButton, PageHeader, PageTitle, SelectField, SelectOption,
    Tone,
};

pub(in super::super) fn access_page(gateway: Fresh<GatewayDetail>, access: Access) -> AnyView {
    let shown = gateway.get_untracked();
    let (id, name) = (shown.summary.id, shown.summary.name.to_string());
    let (title, subtitle, tab) = match access {
        Access::Vpc => (tr!(vpc.add), tr!(alb.vpc_subtitle), paths::gateway_vpcs(&id)),
        Access::Internet => (tr!(alb.enable_public), tr!(alb.public_subtitle), paths::gateway_internet(&id)),
    };
    let crumbs =
        vec![Crumb::link(tr!(gateways.title), paths::GATEWAYS), Crumb::link(name, tab), Crumb::here(title.clone())];
    let choices = Resource::new_blocking(|| (), move |()| alb_choices(id.clone(), access));
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title subtitle breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
        <Suspense>
            {move || Suspend::new(async move {
                match choices.await {
                    Ok(all) => untrack(|| choose(gateway, access, all)),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

fn choose(gateway: Fresh<GatewayDetail>, access: Access, all: Vec<AlbChoice>) -> AnyView {
    let all: Vec<AlbChoice> = all.into_iter().filter(|each| !each.vpc.vswitches.is_empty()).collect();
    let free: Vec<VpcView> = all.iter().filter(|each| each.why_not.is_none()).map(|each| each.vpc.clone()).collect();
    let asked = use_query_map().with(|map| map.get("vpc")).and_then(|vpc| vpc.parse::<VpcId>().ok());
    let shown = free.iter().find(|each| Some(&each.vpc.id) == asked.as_ref()).or(free.first()).cloned();
    let picker = (all.len() > 1 && shown.is_some()).then(|| picker(gateway, access, &all, shown.as_ref()));
    let reasons = reasons(&all);
    let form = match (shown, access) {
        (None, _) => nothing(all.is_empty()),
        (Some(vpc), Access::Vpc) => view! { <LinkForm gateway vpc /> }.into_any(),
        (Some(vpc), Access::Internet) => view! { <PublicForm gateway vpc /> }.into_any(),
    };
    view! { <Card><div class="stack">{picker} {reasons} {form}</div></Card> }.into_any()
}

fn nothing(none_declared: bool) -> AnyView {
    if !none_declared {
        // The reasons above say it all.
        return ().into_any();
    }
    view! {
        <EmptyState
            icon=IconName::Network
            title=tr!(vpc.none_declared)
            body=tr!(vpc.none_declared_body)
            actions=view! { <LinkButton href=paths::NETWORKS>{tr!(networks.title)}</LinkButton> }
        />
    }
    .into_any()
}

/// A GET form: which VPC it is stands in the address. What cannot be chosen is there and greyed out.
fn picker(gateway: Fresh<GatewayDetail>, access: Access, all: &[AlbChoice], shown: Option<&VpcView>) -> AnyView {
    let option = |each: &AlbChoice| {
        let vpc = &each.vpc.vpc;
        let blocks = vpc.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut option = SelectOption::new(vpc.id.to_string(), format!("{} ({blocks})", vpc.name));
        option.disabled = each.why_not.is_some();
        option
    };
    let (options, value) =
        (all.iter().map(option).collect(), shown.map(|each| each.vpc.id.to_string()).unwrap_or_default());
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let action = match access {
        Access::Vpc => paths::add_gateway_vpc(&id),
        Access::Internet => paths::enable_public(&id),
    };
    view! {
        <form method="get" action=action class="inline-form">
            <SelectField name="vpc" label=tr!(vpc.choose) options value />
            <Button label=tr!(inside.choose) />
        </form>
    }
    .into_any()
}

/// Why not the others.
fn reasons(all: &[AlbChoice]) -> Option<AnyView> {
    let texts = use_texts();
    let reason = |each: &AlbChoice| {
        let why = texts.invalid(each.why_not.as_ref()?);
        let name = each.vpc.vpc.name.clone();
        Some(view! { <li><strong>{name}</strong> ": " {why}</li> }.into_any())
    };
    let lines: Vec<AnyView> = all.iter().filter_map(reason).collect();
    (!lines.is_empty()).then(|| {
        view! {
            <Callout tone=Tone::Info title=tr!(alb.not_choosable)>
                <ul class="bullets">{lines}</ul>
            </Callout>
        }
        .into_any()
    })
}
