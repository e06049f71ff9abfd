//! The rows of the list.

use super::kind::kind_text;
use crate::layout::{When, gateway_badge, portal_badge};
use crate::paths;
use domain::view::GatewaySummary;
use leptos::prelude::*;
use ui::{Badge, IconName, TextLink, Tone};

pub(super) fn rows(gateways: Vec<GatewaySummary>) -> Vec<AnyView> {
    gateways.into_iter().map(row).collect()
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
