//! A gateway at a glance.

use super::alb::Next;
use super::api::SetDefault;
use super::detail::{Header, Tab, of_address};
use super::kind::kind_text;
use crate::context::{form_state, use_viewer};
use crate::features::billing::Subscription;
use crate::layout::{Fresh, When, bump_after, conditions_list, portal_badge};
use crate::paths;
use domain::gateway::{ChargeType, GatewayKind};
use domain::role::Permission;
use domain::view::{BoundService, EngineView, GatewayDetail};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Card, Column, DataTable, DescriptionItem, DescriptionList, FormError, Hidden, IconName,
    LinkButton, Menu, MenuItem, Section, Stat, StatGrid, TextLink, Tone,
};

#[component]
pub fn Overview() -> impl IntoView {
    of_address(|gateway| {
        let alb = gateway.with_untracked(|gateway| gateway.summary.kind == GatewayKind::Alb);
        let charge = gateway.with_untracked(|gateway| gateway.summary.kind.clone());
        let subscribed = matches!(charge, GatewayKind::FullyManaged { charge: ChargeType::PrePaid, .. });
        view! {
            <Header gateway tab=Tab::Overview actions=view! { <Actions gateway /> } />
            {alb.then(|| view! { <Next gateway /> })}
            <Numbers gateway />
            <Facts gateway />
            {subscribed.then(|| view! { <Subscription gateway /> })}
            <Engines gateway />
            <Bound gateway />
        }
        .into_any()
    })
}

#[component]
fn Facts(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let shown = gateway.get_untracked();
    view! {
        <Card title=tr!(gateway.facts) flush=true>
            <DescriptionList>
                <DescriptionItem term=tr!(gateways.kind)>{kind_text(&shown.summary.kind)}</DescriptionItem>
                <DescriptionItem term=tr!(gateways.portal)>
                    {move || portal_badge(gateway.with(|gateway| gateway.internet.status))}
                </DescriptionItem>
                <DescriptionItem term=tr!(gateway.is_default)>
                    {move || if gateway.with(|gateway| gateway.summary.is_default) { tr!(layout.yes) } else { tr!(layout.no) }}
                </DescriptionItem>
                <DescriptionItem term=tr!(gateways.created)>
                    <When at=shown.summary.created_at />
                </DescriptionItem>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

#[component]
fn Numbers(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let number = move |read: fn(&GatewayDetail) -> u64| view! { {move || gateway.with(read)} }.into_any();
    view! {
        <StatGrid>
            <Stat label=tr!(traffic.requests) value=number(|gateway| gateway.traffic.requests) hint=tr!(traffic.since_start) />
            <Stat label="2xx" value=number(|gateway| gateway.traffic.status_2xx) />
            <Stat label="4xx" value=number(|gateway| gateway.traffic.status_4xx) />
            <Stat label="5xx" value=number(|gateway| gateway.traffic.status_5xx) />
            <Stat label=tr!(traffic.in_flight) value=number(|gateway| gateway.traffic.in_flight) />
        </StatGrid>
    }
    .into_any()
}

#[component]
fn Engines(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let head = vec![
        Column::new(tr!(engines.engine)),
        Column::new(tr!(engines.state)),
        Column::numeric(tr!(engines.version)),
        Column::new(tr!(engines.since)),
    ];
    view! {
        <Section title=tr!(engines.title)>
            <DataTable caption=tr!(engines.title) head>
                {move || gateway.with(|gateway| gateway.engines.iter().map(engine).collect::<Vec<_>>())}
            </DataTable>
            {move || gateway.with(|gateway| conditions_list(Tone::Warn, tr!(service.trouble), &gateway.conditions))}
        </Section>
    }
    .into_any()
}

fn engine(engine: &EngineView) -> AnyView {
    let state = if engine.connected { tr!(engines.connected) } else { tr!(engines.lost) };
    let loaded = engine.loaded.map_or_else(|| "–".into(), |version| version.to_string());
    let host = engine.host.clone();
    let (id, versions, since) = (engine.id.to_string(), format!("{loaded} / {}", engine.newest), engine.since);
    view! {
        <tr>
            <th scope="row">
                {host}
                <div class="muted mono">{id}</div>
            </th>
            <td>{state}</td>
            <td class="num" data-label=tr!(engines.version)>{versions}</td>
            <td data-label=tr!(engines.since)>
                <When at=since />
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Bound(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let links = move || {
        gateway.with(|gateway| {
            if gateway.bound.is_empty() {
                return view! { <p class="muted">{tr!(gateway.nothing_bound)}</p> }.into_any();
            }
            view! { <ul class="bullets">{gateway.bound.iter().map(bound_link).collect::<Vec<_>>()}</ul> }.into_any()
        })
    };
    view! { <Section title=tr!(gateway.bound)>{links}</Section> }.into_any()
}

pub(super) fn bound_link(service: &BoundService) -> AnyView {
    let (href, name) = (paths::service(&service.id), service.name.to_string());
    view! {
        <li>
            <TextLink href>{name}</TextLink>
        </li>
    }
    .into_any()
}

#[component]
fn Actions(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let action = ServerAction::<SetDefault>::new();
    let form = form_state(action);
    bump_after(action);
    if !use_viewer().may(Permission::ManageGateways) {
        return ().into_any();
    }
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let hidden = Signal::stored(id.to_string());
    let delete = paths::delete_gateway(&id);
    let deploy = format!("{}?gateway={id}", paths::NEW_CUSTOM_SERVICE);
    // Only what has a size can be given another one.
    let managed = gateway.with_untracked(|gateway| gateway.summary.kind != GatewayKind::Alb);
    let resize = managed.then(|| view! { <MenuItem label=tr!(resize.action) href=paths::resize_gateway(&id) /> });
    let is_default = move || gateway.with(|gateway| gateway.summary.is_default);
    view! {
        <FormError message=form.general() />
        <LinkButton href=deploy kind=ButtonKind::Primary icon=IconName::Plus>{tr!(services.deploy)}</LinkButton>
        <ActionForm action>
            <Hidden name="id" value=hidden />
            <Hidden name="revision" value=Signal::derive(move || gateway.with(|gateway| gateway.revision.to_string())) />
            <Hidden name="on" value=Signal::derive(move || (!is_default()).to_string()) />
            <Button icon=IconName::Star pending=form.pending>
                {move || if is_default() { tr!(gateway.unset_default) } else { tr!(gateway.set_default) }}
            </Button>
        </ActionForm>
        <Menu label=tr!(layout.more) icon=IconName::More icon_only=true>
            {resize}
            <MenuItem label=tr!(billing.cost) href=paths::cost(None, Some(&id)) />
            <MenuItem label=tr!(gateway.delete) href=delete icon=IconName::Trash danger=true />
        </Menu>
    }
    .into_any()
}
