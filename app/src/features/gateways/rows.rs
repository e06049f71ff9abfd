//! The rows of the list.

use super::filters::with;
use super::kind::kind_text;
use crate::layout::{When, gateway_badge, portal_badge};
use crate::paths;
use domain::label::{Labels, pair};
use domain::view::{GatewayQuery, GatewaySummary};
use leptos::prelude::*;
use ui::{Badge, IconName, TextLink, Tone};

pub(super) fn rows(gateways: Vec<GatewaySummary>) -> Vec<AnyView> {
    gateways.into_iter().map(row).collect()
}

/// Each leads to the gateways that have it.
pub(super) fn labels(labels: &Labels) -> Option<AnyView> {
    let one = |(key, value): (&str, &str)| {
        let text = pair(key, value);
        let href = with(&GatewayQuery { label: text.clone(), ..GatewayQuery::default() }, |_| {});
        view! {
            <li>
                <a class="label-chip" href=href>
                    {text}
                </a>
            </li>
        }
        .into_any()
    };
    (!labels.is_empty())
        .then(|| view! { <ul class="label-chips" aria-label=tr!(settings.labels)>{labels.iter().map(one).collect::<Vec<_>>()}</ul> }.into_any())
}

fn row(gateway: GatewaySummary) -> AnyView {
    let default = gateway.is_default.then(|| {
        view! { <Badge tone=Tone::Info label=tr!(gateways.default) icon=IconName::Star /> }
    });
    view! {
        <tr>
            <th scope="row">
                <TextLink href=paths::gateway(&gateway.id)>{gateway.name.to_string()}</TextLink>
                " "
                {default}
                <div class="muted mono">{gateway.id.to_string()}</div>
                {labels(&gateway.labels)}
            </th>
            <td>{gateway_badge(gateway.status)}</td>
            <td>{kind_text(&gateway.kind)}</td>
            <td data-label=tr!(gateways.portal)>{portal_badge(gateway.portal)}</td>
            <td class="num" data-label=tr!(gateways.services)>{gateway.services}</td>
            <td data-label=tr!(gateways.created)>
                <When at=gateway.created_at />
            </td>
        </tr>
    }
    .into_any()
}
