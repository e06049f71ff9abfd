//! The two doors of the public side.

use crate::layout::{Fresh, unanswered};
use crate::paths;
use domain::view::{Door, EndpointView, GatewayDetail};
use leptos::prelude::*;
use ui::{CopyText, DescriptionItem, DescriptionList, Section, TextLink};

pub fn endpoint(endpoint: &EndpointView) -> AnyView {
    let (term, note) = match endpoint.door {
        Door::Port => (tr!(endpoints.by_port), tr!(endpoints.by_port_note)),
        Door::Name if endpoint.url.contains(".localhost") => (tr!(endpoints.by_name), tr!(endpoints.by_name_note)),
        Door::Name => (tr!(endpoints.by_name), tr!(inside.public_name_note)),
        Door::Custom | Door::NameTls => either(endpoint.door),
    };
    item(endpoint, term, note)
}

/// Where it is reached from inside a VPC.
pub fn endpoint_inside(endpoint: &EndpointView) -> AnyView {
    let (term, note) = match endpoint.door {
        Door::Port => (tr!(inside.by_address), tr!(inside.by_address_note)),
        Door::Name => (tr!(endpoints.by_name), tr!(inside.by_name_note)),
        Door::Custom | Door::NameTls => either(endpoint.door),
    };
    item(endpoint, term, note)
}

/// On whichever side.
fn either(door: Door) -> (String, String) {
    match door {
        Door::Custom => (tr!(endpoints.custom), tr!(endpoints.custom_note)),
        _ => (tr!(endpoints.by_name_tls), tr!(endpoints.by_name_tls_note)),
    }
}

fn item(endpoint: &EndpointView, term: String, note: String) -> AnyView {
    let note = match (endpoint.door, &endpoint.certificate) {
        (Door::NameTls, None) => {
            // A file, not a page: the browser itself has to ask for it.
            let root = view! { <a href=paths::LOCAL_CA rel="external" download>{tr!(endpoints.root)}</a> };
            view! { {note} " " {root} }.into_any()
        }
        (Door::NameTls, Some(shown)) => {
            let (href, name) = (paths::certificate(&shown.id), shown.name.clone());
            let certificate = view! { <TextLink href>{name}</TextLink> };
            view! { {tr!(own_certificate.note)} " " {certificate} }.into_any()
        }
        _ => note.into_any(),
    };
    let unanswered = endpoint.unanswered.map(unanswered);
    let text = endpoint.url.clone();
    view! {
        <DescriptionItem term>
            <CopyText text label=tr!(layout.copy) done=tr!(layout.copied) />
            <p class="note">{note}</p>
            {unanswered}
        </DescriptionItem>
    }
    .into_any()
}

#[component]
pub fn Endpoints(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let list = move || {
        let doors = gateway.with(|gateway| gateway.internet.endpoints.clone());
        if doors.is_empty() {
            return view! { <p class="muted">{tr!(endpoints.closed)}</p> }.into_any();
        }
        view! { <DescriptionList>{doors.iter().map(endpoint).collect::<Vec<_>>()}</DescriptionList> }.into_any()
    };
    view! { <Section title=tr!(endpoints.title)>{list}</Section> }.into_any()
}
