//! All hosts: who answers, and what is on them.

use super::add::Add;
use super::api::list_hosts;
use super::waiting::Waiting;
use super::{away, badge};
use crate::layout::{Fresh, LoadError, Refresh, When, fresh};
use crate::paths;
use domain::status::Reason;
use domain::view::{HostView, HostsView};
use leptos::prelude::*;
use ui::{Badge, Column, DataTable, IconName, PageHeader, PageTitle, Section, TextLink, Tone};

#[component]
pub fn Hosts() -> impl IntoView {
    let hosts = Resource::new_blocking(|| (), |()| list_hosts());
    let title = tr!(hosts.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title subtitle=tr!(hosts.subtitle) />
        <Transition>
            {move || Suspend::new(async move {
                match hosts.await {
                    Ok(first) => page(fresh(first, list_hosts)),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn page(hosts: Fresh<HostsView>) -> AnyView {
    view! {
        <Section title=tr!(hosts.all) description=tr!(hosts.all_note)>
            <p>
                <Refresh />
            </p>
            {move || hosts.with(|hosts| table(&hosts.hosts))}
        </Section>
        <Waiting hosts />
        <Add hosts />
    }
    .into_any()
}

fn table(hosts: &[HostView]) -> AnyView {
    let head = vec![
        Column::new(tr!(hosts.host)),
        Column::new(tr!(gateways.status)),
        Column::new(tr!(networks.zone)),
        Column::new(tr!(hosts.listens)),
        Column::new(tr!(hosts.software)),
        Column::numeric(tr!(hosts.nodes)),
        Column::numeric(tr!(hosts.replicas)),
        Column::numeric(tr!(hosts.requests)),
    ];
    let rows: Vec<_> = hosts.iter().map(row).collect();
    view! {
        <DataTable caption=tr!(hosts.all) head>
            {rows}
        </DataTable>
    }
    .into_any()
}

/// Of an engine and an agent that do not answer.
pub(super) fn since(host: &HostView) -> Vec<AnyView> {
    let line = |(reason, at)| {
        let who = if reason == Reason::EngineDisconnected { tr!(hosts.engine_away) } else { tr!(hosts.agent_away) };
        view! { <div class="muted">{who} " " <When at /></div> }.into_any()
    };
    away(host).into_iter().map(line).collect()
}

fn row(host: &HostView) -> AnyView {
    let own = host.is_own.then(|| view! { <Badge tone=Tone::Info label=tr!(hosts.own) icon=IconName::Star /> });
    let (status, since) = (badge(host.status), since(host));
    let listens: Vec<String> = host.public.http.iter().chain(&host.public.https).map(ToString::to_string).collect();
    let (listens, href, name) = (listens.join(", "), paths::host(&host.id), host.name.clone());
    let (zone, software) = (host.zone.clone(), host.software.clone());
    let (nodes, replicas, requests) = (host.nodes, host.replicas, host.requests);
    view! {
        <tr>
            <th scope="row">
                <TextLink href>{name}</TextLink>
                " "
                {own}
            </th>
            <td data-label=tr!(gateways.status)>{status} {since}</td>
            <td data-label=tr!(networks.zone)>{zone}</td>
            <td class="mono wrap" data-label=tr!(hosts.listens)>{listens}</td>
            <td data-label=tr!(hosts.software)>{software}</td>
            <td class="num" data-label=tr!(hosts.nodes)>{nodes}</td>
            <td class="num" data-label=tr!(hosts.replicas)>{replicas}</td>
            <td class="num" data-label=tr!(hosts.requests)>{requests}</td>
        </tr>
    }
    .into_any()
}
