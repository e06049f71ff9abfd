//! What takes the place of the document's shared gateway, which an installation of one's own does not have.

use crate::layout::Fresh;
use crate::paths;
use domain::view::ServiceDetail;
use leptos::prelude::*;
use ui::{Callout, Section, TextLink, Tone};

#[component]
pub(super) fn SharedGateway(service: Fresh<ServiceDetail>) -> impl IntoView {
    let id = service.with_untracked(|service| service.summary.id.clone());
    let text = move || {
        let (default, own) =
            service.with(|service| (service.invocation.default_gateway.clone(), service.summary.gateway_id.clone()));
        match default {
            Some(default) if default.id == own => {
                tr!(calling.is_default, gateway = default.name.to_string()).into_any()
            }
            Some(default) => {
                let link = view! { <TextLink href=paths::gateway(&default.id)>{default.name.to_string()}</TextLink> };
                view! { {tr!(calling.other_default)} " " {link} }.into_any()
            }
            None => tr!(calling.no_default).into_any(),
        }
    };
    view! {
        <Section title=tr!(calling.shared)>
            <Callout tone=Tone::Neutral>{tr!(calling.no_shared)} " " {text}</Callout>
            <p>
                <TextLink href=paths::invocation(&id)>{tr!(calling.dedicated)}</TextLink>
            </p>
        </Section>
    }
    .into_any()
}
