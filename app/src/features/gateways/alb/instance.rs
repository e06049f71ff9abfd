//! The instance behind an ALB gateway: whether it serves, where, how much, and what it consumes.

use super::super::detail::{Header, Tab, of_address};
use super::figures::{Consumed, Numbers};
use super::next::no_access;
use super::tables::{listeners, zones};
use crate::layout::{Fresh, Refresh, When, alb_badge, conditions_list, look_every};
use crate::paths;
use domain::gateway::GatewayKind;
use domain::status::AlbStatus;
use domain::view::{AlbView, GatewayDetail};
use leptos::prelude::*;
use std::time::Duration;
use ui::{Callout, CopyText, DescriptionItem, DescriptionList, Section, TextLink, Tone};

/// Engines measure once a second.
const LOOK: Duration = Duration::from_secs(5);

#[component]
pub fn Instance() -> impl IntoView {
    of_address(|gateway| {
        if gateway.with_untracked(|gateway| gateway.summary.kind != GatewayKind::Alb) {
            return view! {
                <Header gateway tab=Tab::Alb />
                <Callout tone=Tone::Info>{tr!(alb.not_alb)}</Callout>
            }
            .into_any();
        }
        look_every(LOOK);
        // The page is built anew when the instance comes or goes, and follows the news else.
        let id = Memo::new(move |_| gateway.with(|gateway| gateway.alb.as_ref().map(|alb| alb.id.clone())));
        view! {
            <Header gateway tab=Tab::Alb />
            {move || match id.get() {
                None => no_access(gateway),
                Some(id) => page(gateway, id.to_string()),
            }}
        }
        .into_any()
    })
}

/// What the page reads; nothing in the moment after it is released.
pub(super) fn of<T>(gateway: Fresh<GatewayDetail>, read: impl Fn(&AlbView) -> T) -> Option<T> {
    gateway.with(|gateway| gateway.alb.as_ref().map(read))
}

fn page(gateway: Fresh<GatewayDetail>, id: String) -> AnyView {
    let since = untrack(|| of(gateway, |alb| alb.created_at));
    let vpc = untrack(|| of(gateway, |alb| alb.vpc.clone())).flatten();
    let vpc = vpc.map(|(id, name)| view! { <TextLink href=paths::network(&id)>{name}</TextLink> }.into_any());
    let why = move || {
        of(gateway, |alb| {
            let (tone, title) = match alb.status {
                AlbStatus::Active => return None,
                AlbStatus::Provisioning => (Tone::Info, tr!(alb.provisioning)),
                AlbStatus::Degraded => (Tone::Warn, tr!(alb.degraded)),
                AlbStatus::Unknown => (Tone::Bad, tr!(alb.unknown)),
            };
            conditions_list(tone, title, &alb.conditions)
        })
        .flatten()
    };
    view! {
        <Section title=tr!(alb.title) description=tr!(alb.description)>
            <p><Refresh /></p>
            {why}
            <DescriptionList>
                <DescriptionItem term=tr!(alb.instance)>
                    <CopyText text=id label=tr!(layout.copy) done=tr!(layout.copied) />
                </DescriptionItem>
                <DescriptionItem term=tr!(gateways.status)>
                    <span role="status">{move || of(gateway, |alb| alb_badge(alb.status))}</span>
                </DescriptionItem>
                <DescriptionItem term=tr!(vpc.name)>{vpc}</DescriptionItem>
                <DescriptionItem term=tr!(gateways.created)>{since.map(|at| view! { <When at /> })}</DescriptionItem>
            </DescriptionList>
        </Section>
        <Numbers gateway />
        <Consumed gateway />
        {move || of(gateway, |alb| listeners(&alb.listeners))}
        {move || of(gateway, |alb| zones(&alb.zones))}
    }
    .into_any()
}
