//! Where an ALB instance is, and where it listens.

use crate::layout::link_badge;
use domain::alb::Access;
use domain::snapshot::Scheme;
use domain::view::{AlbListener, AlbZone};
use leptos::prelude::*;
use ui::{Column, CopyText, DataTable, Section};

pub(super) fn listeners(all: &[AlbListener]) -> AnyView {
    let row = |listener: &AlbListener| {
        let side = match listener.access {
            Access::Vpc => tr!(gateway.vpc),
            Access::Internet => tr!(gateway.internet),
        };
        let shared = listener.is_shared.then(|| view! { <div class="muted">{tr!(alb.shared)}</div> });
        let protocol = if listener.scheme == Scheme::Http { "HTTP" } else { "HTTPS" };
        let (address, status) = (listener.address.to_string(), link_badge(listener.status));
        view! {
            <tr>
                <th scope="row" class="mono">{address}</th>
                <td data-label=tr!(alb.protocol)>{protocol}</td>
                <td data-label=tr!(alb.access)>{side} {shared}</td>
                <td>{status}</td>
            </tr>
        }
        .into_any()
    };
    let rows = all.iter().map(row).collect::<Vec<_>>();
    let head = vec![
        Column::new(tr!(vpc.address)),
        Column::new(tr!(alb.protocol)),
        Column::new(tr!(alb.access)),
        Column::new(tr!(vpc.status)),
    ];
    view! {
        <Section title=tr!(alb.listeners)>
            <DataTable caption=tr!(alb.listeners) head>
                {rows}
            </DataTable>
        </Section>
    }
    .into_any()
}

pub(super) fn zones(all: &[AlbZone]) -> AnyView {
    let row = |zone: &AlbZone| {
        let address = zone.address.map(|address| {
            let text = address.to_string();
            view! { <CopyText text label=tr!(layout.copy) done=tr!(layout.copied) /> }
        });
        let mut sides = Vec::new();
        sides.extend(address.is_some().then(|| tr!(gateway.vpc)));
        sides.extend(zone.public.then(|| tr!(gateway.internet)));
        let (sides, vswitch) = (sides.join(", "), zone.vswitch.clone());
        view! {
            <tr>
                <th scope="row">{vswitch.zone}</th>
                <td>{vswitch.name} <div class="muted mono">{vswitch.id.to_string()}</div></td>
                <td class="wrap" data-label=tr!(vpc.address)>{address}</td>
                <td data-label=tr!(alb.access)>{sides}</td>
            </tr>
        }
        .into_any()
    };
    let rows = all.iter().map(row).collect::<Vec<_>>();
    let head = vec![
        Column::new(tr!(vpc.zone)),
        Column::new(tr!(vpc.vswitch)),
        Column::new(tr!(vpc.address)),
        Column::new(tr!(alb.access)),
    ];
    view! {
        <Section title=tr!(alb.zones) description=tr!(alb.zones_note)>
            <DataTable caption=tr!(alb.zones) head>
                {rows}
            </DataTable>
        </Section>
    }
    .into_any()
}
