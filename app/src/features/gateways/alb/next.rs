//! What an ALB gateway's overview says of its instance, or what to do to get one.

use crate::context::use_viewer;
use crate::layout::{Fresh, alb_badge};
use crate::paths;
use domain::role::Permission;
use domain::status::AlbStatus;
use domain::view::GatewayDetail;
use leptos::prelude::*;
use ui::{
    ButtonKind, Callout, DescriptionItem, DescriptionList, EmptyState, IconName, LinkButton, Section, TextLink, Tone,
};

#[component]
pub(in super::super) fn Next(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let seen = Memo::new(move |_| gateway.with(|gateway| gateway.alb.as_ref().map(|alb| (alb.id.clone(), alb.status))));
    move || match seen.get() {
        Some((id, status)) => {
            let href = gateway.with_untracked(|gateway| paths::gateway_alb(&gateway.summary.id));
            let wait = (status == AlbStatus::Provisioning)
                .then(|| view! { <Callout tone=Tone::Info>{tr!(alb.provisioning_note)}</Callout> });
            view! {
                <Section title=tr!(alb.title)>
                    {wait}
                    <DescriptionList>
                        <DescriptionItem term=tr!(alb.instance)>
                            <TextLink href>{id.to_string()}</TextLink>
                        </DescriptionItem>
                        <DescriptionItem term=tr!(gateways.status)>{alb_badge(status)}</DescriptionItem>
                    </DescriptionList>
                </Section>
            }
            .into_any()
        }
        None => no_access(gateway),
    }
}

/// Before the first access is enabled.
pub(super) fn no_access(gateway: Fresh<GatewayDetail>) -> AnyView {
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let actions = use_viewer().may(Permission::ManageGateways).then(|| {
        view! {
            <LinkButton href=paths::add_gateway_vpc(&id) kind=ButtonKind::Primary>{tr!(vpc.add)}</LinkButton>
            <LinkButton href=paths::enable_public(&id)>{tr!(alb.enable_public)}</LinkButton>
        }
        .into_any()
    });
    view! { <EmptyState icon=IconName::Network title=tr!(alb.none) body=tr!(gateway.alb_next) actions /> }.into_any()
}
