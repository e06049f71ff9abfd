//! The nodes of a fully managed gateway, and what each of them has to do.

use super::detail::{Header, Tab, of_address};
use super::effect::{effect_text, size_text};
use crate::context::use_viewer;
use crate::layout::{Fresh, Refresh, When, look_every, thousands};
use crate::paths;
use domain::gateway::GatewayKind;
use domain::role::Permission;
use domain::spec::{CPU, Level};
use domain::view::{GatewayDetail, NodeUsage, NodeView};
use leptos::prelude::*;
use std::time::Duration;
use ui::{Callout, Column, DataTable, EmptyState, IconName, LinkButton, Meter, Section, Tone};

/// Engines measure once a second.
const LOOK: Duration = Duration::from_secs(5);

#[component]
pub fn Nodes() -> impl IntoView {
    of_address(|gateway| {
        let alb = gateway.with_untracked(|gateway| gateway.summary.kind == GatewayKind::Alb);
        let body = if alb {
            view! { <Callout tone=Tone::Info>{tr!(resize.alb)}</Callout> }.into_any()
        } else {
            look_every(LOOK);
            view! { <List gateway /> }.into_any()
        };
        view! {
            <Header gateway tab=Tab::Nodes />
            {body}
        }
        .into_any()
    })
}

#[component]
fn List(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let title = tr!(nodes.title);
    let resize = use_viewer().may(Permission::ManageGateways).then(|| {
        let href = gateway.with_untracked(|gateway| paths::resize_gateway(&gateway.summary.id));
        view! { <LinkButton href>{tr!(resize.action)}</LinkButton> }.into_any()
    });
    let table = move || {
        let nodes = gateway.with(|gateway| gateway.nodes.clone());
        if nodes.is_empty() {
            return view! { <EmptyState icon=IconName::Gateway title=tr!(nodes.title) body=tr!(nodes.none) /> }
                .into_any();
        }
        let head = vec![
            Column::new(tr!(nodes.node)),
            Column::new(tr!(nodes.engine)),
            Column::numeric(tr!(nodes.version)),
            Column::new(tr!(nodes.workers)),
            Column::new(tr!(nodes.cpu)),
            Column::numeric(tr!(nodes.memory)),
            Column::new(tr!(nodes.connections)),
        ];
        view! {
            <DataTable caption=tr!(nodes.title) head>
                {nodes.iter().map(row).collect::<Vec<_>>()}
            </DataTable>
        }
        .into_any()
    };
    view! {
        <Section title description=tr!(nodes.description) actions=resize>
            <p>
                <strong>{move || gateway.with(|gateway| size_text(&gateway.summary.kind))}</strong>
                " "
                {move || effect_text(gateway.with(|gateway| gateway.resized))}
                " "
                <Refresh />
            </p>
            {table}
            <p class="muted">{move || gateway.with(thresholds)} {tr!(nodes.note)}</p>
        </Section>
    }
    .into_any()
}

fn row(node: &NodeView) -> AnyView {
    let since = node.since;
    let loaded = node.loaded.map_or_else(|| "–".into(), |version| version.to_string());
    let unknown = || view! { <span class="muted">{tr!(nodes.unknown)}</span> }.into_any();
    let usage = node.usage.as_ref();
    let memory = usage.and_then(|usage| usage.memory_bytes);
    view! {
        <tr>
            <th scope="row">{format!("{} {}", tr!(nodes.node), node.number)}</th>
            <td>
                {node.host.clone()}
                <div class="muted">{node.zone.clone()}</div>
                <div class="muted mono">{node.engine.to_string()}</div>
                {(!node.connected)
                    .then(|| view! { <div class="muted">{tr!(hosts.engine_away)} " " <When at=since /></div> })}
            </td>
            <td class="num" data-label=tr!(nodes.version)>{format!("{loaded} / {}", node.newest)}</td>
            <td data-label=tr!(nodes.workers)>{usage.map_or_else(unknown, workers)}</td>
            <td class="wrap" data-label=tr!(nodes.cpu)>{usage.and_then(|usage| usage.cpu_percent).map_or_else(unknown, cpu)}</td>
            <td class="num" data-label=tr!(nodes.memory)>{memory.map_or_else(unknown, mebibytes)}</td>
            <td class="wrap" data-label=tr!(nodes.connections)>{usage.map_or_else(unknown, connections)}</td>
        </tr>
    }
    .into_any()
}

fn workers(usage: &NodeUsage) -> AnyView {
    match (usage.workers, usage.shared_by) {
        (0, _) => tr!(nodes.workers_later),
        (workers, 1) => tr!(nodes.workers_own, workers = workers),
        (workers, nodes) => tr!(nodes.workers_shared, workers = workers, nodes = nodes),
    }
    .into_any()
}

fn cpu(percent: u64) -> AnyView {
    let words = match CPU.level(percent) {
        Level::Secure => tr!(nodes.cpu_secure),
        Level::Raised => tr!(nodes.cpu_raised),
        Level::Warning => tr!(nodes.cpu_warning),
        Level::Overload => tr!(nodes.cpu_overload),
    };
    let words = format!("{percent} % · {words}");
    view! { <Meter label=tr!(nodes.cpu) value=percent low=CPU.security high=CPU.warning max=100 words /> }.into_any()
}

/// Those of a node's connections, which are the same for all of them.
fn thresholds(gateway: &GatewayDetail) -> Option<String> {
    let at = gateway.nodes.iter().find_map(|node| Some(node.usage.as_ref()?.thresholds))?;
    let [security, warning, overload] = [at.security, at.warning, at.overload].map(thousands);
    Some(tr!(nodes.thresholds, security = security, warning = warning, overload = overload) + " ")
}

fn mebibytes(bytes: u64) -> AnyView {
    format!("{} MiB", thousands(bytes / (1024 * 1024))).into_any()
}

fn connections(usage: &NodeUsage) -> AnyView {
    let at = usage.thresholds;
    let words = match at.level(usage.connections) {
        Level::Secure => tr!(nodes.secure),
        Level::Raised => tr!(nodes.raised),
        Level::Warning => tr!(nodes.warning),
        Level::Overload => tr!(nodes.overload),
    };
    let words = format!("{} · {words}", thousands(usage.connections));
    let (value, low, high, max) = (usage.connections, at.security, at.warning, at.overload);
    view! { <Meter label=tr!(nodes.connections) value low high max words /> }.into_any()
}
