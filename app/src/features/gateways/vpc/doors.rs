//! Where the gateway is reached in a VPC: by name, and the address in each zone.

use crate::layout::{conditions_list, link_badge, unanswered};
use domain::status::LinkStatus;
use domain::view::{Door, EndpointView, LinkAddress, LinkView};
use leptos::prelude::*;
use std::net::SocketAddr;
use ui::{Column, CopyText, DataTable, DescriptionItem, DescriptionList, Section, Tone};

pub(super) fn doors(link: LinkView) -> AnyView {
    let (tone, troubled) = match link.status {
        LinkStatus::Failed | LinkStatus::Unknown => (Tone::Bad, true),
        LinkStatus::Degraded => (Tone::Warn, true),
        LinkStatus::Running | LinkStatus::Creating => (Tone::Info, false),
    };
    let why = troubled.then(|| conditions_list(tone, tr!(vpc.not_open), &link.conditions));
    let by_name = |endpoint: EndpointView| {
        let term = if endpoint.door == Door::NameTls { tr!(vpc.by_name_tls) } else { tr!(vpc.by_name) };
        let text = endpoint.url;
        view! {
            <DescriptionItem term>
                <CopyText text label=tr!(layout.copy) done=tr!(layout.copied) />
            </DescriptionItem>
        }
        .into_any()
    };
    let dns = |asked: SocketAddr| {
        let text = asked.to_string();
        view! {
            <DescriptionItem term=tr!(vpc.dns)>
                <CopyText text label=tr!(layout.copy) done=tr!(layout.copied) />
            </DescriptionItem>
        }
        .into_any()
    };
    let silent = link.endpoints.first().and_then(|endpoint| endpoint.unanswered).map(unanswered);
    let head = vec![
        Column::new(tr!(vpc.zone)),
        Column::new(tr!(vpc.vswitch)),
        Column::new(tr!(vpc.address)),
        Column::new(tr!(vpc.status)),
    ];
    view! {
        {why}
        <Section title=tr!(vpc.endpoints)>
            <DescriptionList>
                {link.endpoints.into_iter().map(by_name).collect::<Vec<_>>()}
                {link.dns.into_iter().map(dns).collect::<Vec<_>>()}
            </DescriptionList>
            {silent}
        </Section>
        <Section title=tr!(vpc.addresses) description=tr!(vpc.addresses_note)>
            <DataTable caption=tr!(vpc.addresses) head>
                {link.addresses.into_iter().map(address).collect::<Vec<_>>()}
            </DataTable>
        </Section>
    }
    .into_any()
}

fn address(address: LinkAddress) -> AnyView {
    let urls = address.endpoints.into_iter().map(|endpoint| {
        let text = endpoint.url;
        view! { <CopyText text label=tr!(layout.copy) done=tr!(layout.copied) /> }.into_any()
    });
    view! {
        <tr>
            <th scope="row">{address.vswitch.zone}</th>
            <td>
                {address.vswitch.name} <div class="muted mono">{address.vswitch.id.to_string()}</div>
            </td>
            <td class="wrap" data-label=tr!(vpc.address)>{urls.collect::<Vec<_>>()}</td>
            <td>{link_badge(address.status)}</td>
        </tr>
    }
    .into_any()
}
