//! What would come of it: capacity, gateway, price, and on an update each key that changes.

use super::sync::Sync;
use crate::features::billing::NodePrice;
use domain::gateway::GatewayKind;
use domain::service::form::{Capacity, Change};
use domain::view::{GatewayChoice, Preview};
use leptos::prelude::*;
use ui::{Callout, Column, DataTable, DescriptionItem, DescriptionList, Section, Tone};

pub(super) fn summary(sync: Sync, gateways: Vec<GatewayChoice>, is_update: bool) -> AnyView {
    let bound = gateways.clone();
    let size = Signal::derive(move || {
        let id = sync.preview.with(|preview| preview.gateway.clone())?;
        match &bound.iter().find(|gateway| gateway.id == id)?.kind {
            GatewayKind::FullyManaged { spec, nodes, .. } => Some((*spec, *nodes)),
            GatewayKind::Alb => None,
        }
    });
    let said = move || sync.preview.with(|preview| said(preview, &gateways, is_update));
    view! {
        <Section title=tr!(wizard.summary) id="summary">
            <div class="stack" role="status">
                {said}
                <NodePrice size />
                <p class="muted">{tr!(wizard.price_hint)}</p>
            </div>
        </Section>
    }
    .into_any()
}

fn said(preview: &Preview, gateways: &[GatewayChoice], is_update: bool) -> AnyView {
    let Some(capacity) = preview.capacity else {
        return view! { <p class="muted">{tr!(wizard.incomplete)}</p> }.into_any();
    };
    let gateway = gateways.iter().find(|gateway| Some(&gateway.id) == preview.gateway.as_ref());
    let gateway = gateway.map_or_else(|| "–".to_owned(), |gateway| gateway.name.to_string());
    let changes = is_update.then(|| changes(preview));
    view! {
        {list(capacity, gateway)}
        {changes}
    }
    .into_any()
}

fn list(capacity: Capacity, gateway: String) -> AnyView {
    let Capacity { replicas, most, cpu_millis, memory_mib, gpus } = capacity;
    let replicas = if most > replicas { tr!(wizard.up_to, now = replicas, most = most) } else { replicas.to_string() };
    let unlimited = || tr!(wizard.unlimited);
    let cpu = cpu_millis.map_or_else(unlimited, |millis| tr!(wizard.cores, n = format!("{}", millis as f64 / 1000.0)));
    let memory = memory_mib.map_or_else(unlimited, |mib| format!("{mib} MiB"));
    view! {
        <DescriptionList>
            <DescriptionItem term=tr!(services.replicas)>{replicas}</DescriptionItem>
            <DescriptionItem term=tr!(wizard.sum_cpu)>{cpu}</DescriptionItem>
            <DescriptionItem term=tr!(wizard.sum_memory)>{memory}</DescriptionItem>
            <DescriptionItem term=tr!(wizard.sum_gpus)>{gpus}</DescriptionItem>
            <DescriptionItem term=tr!(deploy.gateway)>{gateway}</DescriptionItem>
        </DescriptionList>
    }
    .into_any()
}

fn changes(preview: &Preview) -> AnyView {
    if preview.changes.is_empty() {
        return view! { <p class="muted">{tr!(wizard.no_change)}</p> }.into_any();
    }
    let head = vec![Column::new(tr!(wizard.key)), Column::new(tr!(wizard.before)), Column::new(tr!(wizard.after))];
    let rows: Vec<AnyView> = preview.changes.iter().map(row).collect();
    let rolled = if preview.is_rolled { tr!(wizard.rolled) } else { tr!(wizard.not_rolled) };
    view! {
        <DataTable caption=tr!(wizard.changes) caption_visible=true head>
            {rows}
        </DataTable>
        <Callout tone=Tone::Info>{rolled}</Callout>
    }
    .into_any()
}

fn row(change: &Change) -> AnyView {
    let text = |value: &Option<String>| match (change.hidden, value) {
        (true, _) => tr!(wizard.hidden),
        (false, Some(value)) => value.clone(),
        (false, None) => "–".to_owned(),
    };
    let (key, before, after) = (change.key.clone(), text(&change.before), text(&change.after));
    view! {
        <tr>
            <th scope="row">
                <code class="wrap-anywhere">{key}</code>
            </th>
            <td class="wrap" data-label=tr!(wizard.before)><code class="wrap-anywhere">{before}</code></td>
            <td class="wrap" data-label=tr!(wizard.after)><code class="wrap-anywhere">{after}</code></td>
        </tr>
    }
    .into_any()
}
