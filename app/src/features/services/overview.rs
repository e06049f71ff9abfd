//! A service at a glance: its replicas as their agent sees them.

use super::actions::actions;
use super::detail::{Header, Tab, of_address};
use crate::layout::{Fresh, When, conditions_list, replica_badge};
use crate::paths;
use domain::endpoint::ReplicaReport;
use domain::service::{Probe, Workload};
use domain::view::ServiceDetail;
use leptos::prelude::*;
use ui::{Card, Column, DataTable, DescriptionItem, DescriptionList, Section, Stat, StatGrid, TextLink, Tone};

#[component]
pub fn Overview() -> impl IntoView {
    of_address(|service| {
        let actions = actions(service);
        view! {
            <Header service tab=Tab::Overview actions=actions.header />
            {move || service.with(|service| conditions_list(Tone::Warn, tr!(service.trouble), &service.conditions))}
            <Numbers service />
            <Replicas service scale=actions.scale />
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
fn Replicas(service: Fresh<ServiceDetail>, scale: Option<AnyView>) -> impl IntoView {
    let table = move || {
        let replicas = service.with(|service| service.replicas.clone());
        if replicas.is_empty() {
            return view! { <p class="muted">{tr!(service.no_replicas)}</p> }.into_any();
        }
        let head = vec![
            Column::new(tr!(service.replica)),
            Column::new(tr!(services.status)),
            Column::new(tr!(service.address)),
            Column::numeric(tr!(service.restarts)),
            Column::new(tr!(engines.since)),
        ];
        view! {
            <DataTable caption=tr!(service.replicas) head>
                {replicas.iter().map(replica).collect::<Vec<_>>()}
            </DataTable>
        }
        .into_any()
    };
    view! { <Section title=tr!(service.replicas)>{table} {scale}</Section> }.into_any()
}

fn replica(replica: &ReplicaReport) -> AnyView {
    view! {
        <tr>
            <th scope="row" class="mono">{replica.replica_id.to_string()}</th>
            <td>{replica_badge(replica.state)} <div class="muted wrap">{replica.detail.clone()}</div></td>
            <td class="mono" data-label=tr!(service.address)>{replica.address.to_string()}</td>
            <td class="num" data-label=tr!(service.restarts)>{replica.restarts}</td>
            <td data-label=tr!(engines.since)>
                <When at=replica.since />
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Facts(service: Fresh<ServiceDetail>) -> impl IntoView {
    let shown = service.get_untracked();
    let vpc = shown.vpc.map(|vpc| view! { <TextLink href=paths::network(&vpc.id)>{vpc.name}</TextLink> }.into_any());
    let Workload { command, env, fixed_port, probe, .. } = shown.workload;
    let probe = match probe {
        Probe::Tcp => tr!(service.probe_tcp),
        Probe::Http { path } => tr!(service.probe_http, path = path),
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
