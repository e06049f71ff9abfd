//! The two kinds of gateways, side by side.

use crate::paths;
use domain::gateway::GatewayKind;
use leptos::prelude::*;
use ui::{Badge, ButtonKind, Card, Crumb, LinkButton, PageHeader, PageTitle, Tone};

pub(super) fn kind_text(kind: &GatewayKind) -> String {
    match kind {
        GatewayKind::Alb => tr!(gateways.alb_short),
        GatewayKind::FullyManaged { spec, nodes, .. } => {
            tr!(gateways.managed_short, spec = spec.as_str(), nodes = *nodes)
        }
    }
}

pub(super) fn crumbs(here: String) -> Vec<Crumb> {
    vec![Crumb::link(tr!(gateways.title), paths::GATEWAYS), Crumb::here(here)]
}

#[component]
pub fn ChooseKind() -> impl IntoView {
    let title = tr!(gateways.create);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title=title.clone()
            subtitle=tr!(new_gateway.subtitle)
            breadcrumbs=crumbs(title)
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <div class="split">
            <Card
                title=tr!(gateways.alb)
                actions=view! { <Badge tone=Tone::Good label=tr!(new_gateway.recommended) /> }
            >
                <p>{tr!(new_gateway.alb_for)}</p>
                <ul class="bullets">
                    <li>{tr!(new_gateway.alb_1)}</li>
                    <li>{tr!(new_gateway.alb_2)}</li>
                    <li>{tr!(new_gateway.alb_3)}</li>
                </ul>
                <p class="muted">{tr!(new_gateway.alb_cost)}</p>
                <LinkButton href=paths::NEW_ALB kind=ButtonKind::Primary>{tr!(new_gateway.alb_choose)}</LinkButton>
            </Card>
            <Card title=tr!(gateways.managed)>
                <p>{tr!(new_gateway.managed_for)}</p>
                <ul class="bullets">
                    <li>{tr!(new_gateway.managed_1)}</li>
                    <li>{tr!(new_gateway.managed_2)}</li>
                    <li>{tr!(new_gateway.managed_3)}</li>
                </ul>
                <p class="muted">{tr!(new_gateway.managed_cost)}</p>
                <LinkButton href=paths::NEW_MANAGED>{tr!(new_gateway.managed_choose)}</LinkButton>
            </Card>
        </div>
    }
    .into_any()
}
