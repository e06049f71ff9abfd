//! A request to the gateway's root, made on demand; works as a link without JavaScript.

use super::super::api::check_connectivity;
use crate::layout::Fresh;
use crate::paths;
use crate::texts::use_texts;
use domain::view::{Connectivity, ConnectivityOutcome, GatewayDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{Button, Callout, IconName, Section, Tone};

#[component]
pub fn ConnectivityCheck(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let asked = use_query_map().with_untracked(|query| query.get("check").is_some());
    let action = paths::gateway_internet(&id);
    let result = Resource::new_blocking(move || asked, {
        move |asked| {
            let id = id.clone();
            async move { if asked { Some(check_connectivity(id).await) } else { None } }
        }
    });
    let texts = use_texts();
    view! {
        <Section title=tr!(connectivity.title) description=tr!(connectivity.description)>
            <form method="get" action=action>
                <Button label=tr!(connectivity.check) name="check" value="1" icon=IconName::Refresh />
            </form>
            <Transition>
                {move || Suspend::new(async move {
                    match result.await? {
                        Ok(Some(found)) => Some(outcome(&found)),
                        Ok(None) => Some(view! { <Callout tone=Tone::Neutral>{tr!(endpoints.closed)}</Callout> }.into_any()),
                        Err(error) => Some(view! { <Callout tone=Tone::Bad>{texts.error(&error)}</Callout> }.into_any()),
                    }
                })}
            </Transition>
        </Section>
    }
    .into_any()
}

fn outcome(found: &Connectivity) -> AnyView {
    let ms = found.micros.div_ceil(1000);
    let (tone, text) = match &found.outcome {
        ConnectivityOutcome::Reached => (Tone::Good, tr!(connectivity.reached, url = found.url.clone(), ms = ms)),
        ConnectivityOutcome::SourceNotAllowed => {
            (Tone::Warn, tr!(connectivity.not_allowed, address = found.from.clone()))
        }
        ConnectivityOutcome::Unexpected { status } => (Tone::Bad, tr!(connectivity.unexpected, status = *status)),
        ConnectivityOutcome::Refused { detail } => (Tone::Bad, tr!(connectivity.refused, detail = detail.clone())),
        ConnectivityOutcome::TimedOut => (Tone::Bad, tr!(connectivity.timed_out)),
    };
    let elsewhere = (!found.from_there).then(|| view! { <p class="muted">{tr!(connectivity.not_from_there)}</p> });
    view! {
        <div role="status">
            <Callout tone>{text} {elsewhere}</Callout>
        </div>
    }
    .into_any()
}
