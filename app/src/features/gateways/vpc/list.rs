//! The VPCs that reach the gateway.

use super::super::detail::{Header, Tab, of_address};
use crate::context::use_viewer;
use crate::layout::{Fresh, link_badge};
use crate::paths;
use domain::gateway::GatewayKind;
use domain::role::Permission;
use domain::view::{GatewayDetail, LinkView};
use domain::whitelist::MAX_ENTRIES;
use leptos::prelude::*;
use ui::{ButtonKind, Column, CopyText, DataTable, EmptyState, IconName, LinkButton, Section, TextLink};

#[component]
pub fn Vpcs() -> impl IntoView {
    of_address(|gateway| {
        view! {
            <Header gateway tab=Tab::Vpc />
            <List gateway />
        }
        .into_any()
    })
}

fn add_button(gateway: Fresh<GatewayDetail>) -> Option<AnyView> {
    let href = gateway.with_untracked(|gateway| paths::add_gateway_vpc(&gateway.summary.id));
    use_viewer().may(Permission::ManageGateways).then(|| {
        view! {
            <LinkButton href kind=ButtonKind::Primary icon=IconName::Plus>
                {tr!(vpc.add)}
            </LinkButton>
        }
        .into_any()
    })
}

#[component]
fn List(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let table = move || {
        let links = gateway.with(|gateway| gateway.vpcs.clone());
        if links.is_empty() {
            return view! {
                <EmptyState
                    icon=IconName::Network
                    title=tr!(vpc.empty_title)
                    body=tr!(vpc.empty_body)
                    actions=add_button(gateway)
                />
            }
            .into_any();
        }
        let head = vec![
            Column::new(tr!(vpc.name)),
            Column::new(tr!(vpc.status)),
            Column::new(tr!(vpc.endpoint)),
            Column::new(tr!(vpc.whitelist)),
            Column::new(tr!(vpc.configure)),
        ];
        view! {
            <DataTable caption=tr!(vpc.title) head>
                {links.into_iter().map(|link| row(link, gateway)).collect::<Vec<_>>()}
            </DataTable>
        }
        .into_any()
    };
    // An ALB gateway is in one VPC only.
    let more = |gateway: &GatewayDetail| !gateway.vpcs.is_empty() && gateway.summary.kind != GatewayKind::Alb;
    let actions = move || gateway.with(more).then(|| add_button(gateway));
    view! {
        <Section title=tr!(vpc.title) description=tr!(vpc.description) actions=actions.into_any()>
            {table}
        </Section>
    }
    .into_any()
}

fn row(link: LinkView, gateway: Fresh<GatewayDetail>) -> AnyView {
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let to = paths::gateway_vpc(&id, &link.vpc.id);
    let endpoint = link.endpoints.last().map(|endpoint| endpoint.url.clone()).unwrap_or_default();
    let zones = link.addresses.iter().map(|address| address.vswitch.zone.clone()).collect::<Vec<_>>().join(", ");
    let entries = format!("{}/{MAX_ENTRIES}", link.whitelist.entries().len());
    let delete = use_viewer().may(Permission::ManageGateways).then(|| {
        let label = format!("{} {}", tr!(vpc.delete), link.vpc.name);
        view! {
            " · "
            <a class="link" href=format!("{to}#delete") aria-label=label>{tr!(vpc.delete)}</a>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <TextLink href=to.clone()>{link.vpc.name}</TextLink>
                <div class="muted mono">{link.vpc.id.to_string()}</div>
            </th>
            <td>{link_badge(link.status)}</td>
            <td class="wrap">
                <CopyText text=endpoint label=tr!(layout.copy) done=tr!(layout.copied) />
            </td>
            <td data-label=tr!(vpc.whitelist)>
                {entries} " · " <TextLink href=format!("{to}#whitelist")>{tr!(vpc.modify_whitelist)}</TextLink>
            </td>
            <td data-label=tr!(vpc.configure)>
                <TextLink href=format!("{to}#vswitches")>{zones}</TextLink>
                {delete}
            </td>
        </tr>
    }
    .into_any()
}
