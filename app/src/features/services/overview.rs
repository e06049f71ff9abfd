//! A service at a glance: its replicas as their agent sees them.

use super::actions::actions;
use super::detail::{Header, Tab, of_address};
use super::life::{Instances, RolloutBanner};
use crate::layout::{Fresh, When, conditions_list};
use crate::paths;
use domain::service::{Probe, Workload};
use domain::view::ServiceDetail;
use leptos::prelude::*;
use ui::{Card, DescriptionItem, DescriptionList, Stat, StatGrid, TextLink, Tone};

#[component]
pub fn Overview() -> impl IntoView {
    of_address(|service| {
        let actions = actions(service);
        view! {
            <Header service tab=Tab::Overview actions=actions.header />
            <RolloutBanner service />
            {move || service.with(|service| conditions_list(Tone::Warn, tr!(service.trouble), &service.conditions))}
            <Numbers service />
            <Instances service scale=actions.scale />
            <Facts service />
        }
        .into_any()
    })
}

#[component]
fn Numbers(service: Fresh<ServiceDetail>) -> impl IntoView {
    let number = move |read: fn(&ServiceDetail) -> u64| view! { {move || service.with(read)} }.into_any();
    view! {
        <StatGrid>
            <Stat label=tr!(traffic.requests) value=number(|service| service.traffic.requests) hint=tr!(traffic.since_start) />
            <Stat label="2xx" value=number(|service| service.traffic.status_2xx) />
            <Stat label="4xx" value=number(|service| service.traffic.status_4xx) />
            <Stat label="5xx" value=number(|service| service.traffic.status_5xx) />
            <Stat label=tr!(traffic.in_flight) value=number(|service| service.traffic.in_flight) />
        </StatGrid>
    }
    .into_any()
}

#[component]
fn Facts(service: Fresh<ServiceDetail>) -> impl IntoView {
    let shown = service.get_untracked();
    let vpc = shown.vpc.map(|vpc| view! { <TextLink href=paths::network(&vpc.id)>{vpc.name}</TextLink> }.into_any());
    let Workload { command, env, fixed_port, readiness, .. } = shown.workload;
    let probe = match readiness.method {
        Probe::Tcp => tr!(service.probe_tcp),
        Probe::Http { path } => tr!(service.probe_http, path = path),
        Probe::Exec { command } => tr!(service.probe_exec, command = command.join(" ")),
    };
    let port = fixed_port.map_or_else(|| "$PORT".to_owned(), |port| port.to_string());
    // Values may be secrets; names tell what is set.
    let names = env.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
    view! {
        <Card title=tr!(gateway.facts) flush=true>
            <DescriptionList>
                <DescriptionItem term=tr!(services.gateway)>
                    <TextLink href=paths::gateway(&shown.summary.gateway_id)>{shown.summary.gateway_name.to_string()}</TextLink>
                </DescriptionItem>
                <DescriptionItem term=tr!(service_vpc.label)>{vpc.unwrap_or_else(|| "–".into_any())}</DescriptionItem>
                <DescriptionItem term=tr!(deploy.command)>
                    <code>{command.join(" ")}</code>
                </DescriptionItem>
                <DescriptionItem term=tr!(deploy.port)>{port}</DescriptionItem>
                <DescriptionItem term=tr!(deploy.env)>{if names.is_empty() { "–".to_owned() } else { names }}</DescriptionItem>
                <DescriptionItem term=tr!(deploy.probe)>{probe}</DescriptionItem>
                <DescriptionItem term=tr!(gateways.created)>
                    <When at=shown.summary.created_at />
                </DescriptionItem>
            </DescriptionList>
        </Card>
    }
    .into_any()
}
