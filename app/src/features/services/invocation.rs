//! Invocation Method: endpoints, token and a ready-made call, in the Dedicated Gateway panel.

use super::detail::{Header, Tab, of_address};
use super::token::{Revealed, Token};
use crate::features::gateways::{endpoint, endpoint_inside};
use crate::layout::Fresh;
use crate::paths;
use domain::view::{Invocation, ServiceDetail};
use leptos::prelude::*;
use ui::{CodeBlock, DescriptionList, LinkButton, Section};

#[component]
pub fn InvocationMethod() -> impl IntoView {
    of_address(|service| {
        let revealed = Revealed::default();
        view! {
            <Header service tab=Tab::Invocation />
            <Internet service />
            <Vpc service />
            <Token service revealed />
            <Call service revealed />
        }
        .into_any()
    })
}

#[component]
fn Internet(service: Fresh<ServiceDetail>) -> impl IntoView {
    let gateway = service.with_untracked(|service| service.summary.gateway_id.clone());
    let list = move || {
        let doors = service.with(|service| service.invocation.internet.clone());
        if doors.is_empty() {
            return view! {
                <p class="muted">{tr!(invocation.internet_closed)}</p>
                <LinkButton href=paths::gateway_internet(&gateway)>{tr!(invocation.open_portal)}</LinkButton>
            }
            .into_any();
        }
        view! { <DescriptionList>{doors.iter().map(endpoint).collect::<Vec<_>>()}</DescriptionList> }.into_any()
    };
    view! { <Section title=tr!(invocation.internet)>{list}</Section> }.into_any()
}

#[component]
fn Vpc(service: Fresh<ServiceDetail>) -> impl IntoView {
    let list = move || {
        let doors = service.with(|service| service.invocation.vpc.clone());
        if doors.is_empty() {
            return view! { <p class="muted">{tr!(invocation.vpc_closed)}</p> }.into_any();
        }
        view! { <DescriptionList>{doors.iter().map(endpoint_inside).collect::<Vec<_>>()}</DescriptionList> }.into_any()
    };
    view! { <Section title=tr!(invocation.vpc)>{list}</Section> }.into_any()
}

/// The call as it can be pasted into a terminal; the token stands in it once it is revealed.
#[component]
fn Call(service: Fresh<ServiceDetail>, revealed: Revealed) -> impl IntoView {
    let call = move || {
        // Where there is no public one, a client inside of the VPC tries it.
        let door = |all: &Invocation| all.internet.first().or(all.vpc.first()).map(|door| door.url.clone());
        let url = service.with(|service| door(&service.invocation))?;
        let token = revealed.get().unwrap_or_else(|| "<token>".into());
        Some(format!("curl {url} -H 'Authorization: {token}'"))
    };
    view! {
        {move || {
            call()
                .map(|text| {
                    view! {
                        <Section title=tr!(invocation.call) description=tr!(invocation.call_hint)>
                            <CodeBlock text copy_label=tr!(layout.copy) copied_label=tr!(layout.copied) />
                        </Section>
                    }
                })
        }}
    }
    .into_any()
}
