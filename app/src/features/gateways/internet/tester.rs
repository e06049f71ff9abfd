//! "Would this address pass?", answered by the same code that answers in the engine.

use crate::layout::Fresh;
use crate::paths;
use crate::texts::use_texts;
use domain::view::GatewayDetail;
use domain::whitelist::parse_address;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{Button, Callout, IconName, Section, TextField, Tone, Toolbar};

#[component]
pub fn Tester(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let texts = use_texts();
    let typed = use_query_map().with_untracked(|query| query.get("test")).unwrap_or_default();
    let parsed = (!typed.is_empty()).then(|| parse_address(&typed));
    let error = match &parsed {
        Some(Err(invalid)) => Some(texts.invalid(invalid)),
        _ => None,
    };
    let verdict = move || {
        let address = match &parsed {
            Some(Ok(address)) => *address,
            _ => return None,
        };
        // Follows the list: an edit answers the question anew.
        let entry =
            gateway.with(|gateway| gateway.internet.whitelist.matching(address).map(|entry| entry.cidr.to_string()));
        let (tone, text) = match entry {
            Some(entry) => (Tone::Good, tr!(tester.passes, address = address.to_string(), entry = entry)),
            None => (Tone::Bad, tr!(tester.refused, address = address.to_string())),
        };
        Some(view! { <div role="status"><Callout tone>{text}</Callout></div> })
    };
    view! {
        <Section title=tr!(tester.title)>
            <form method="get" action=paths::gateway_internet(&id)>
                <Toolbar>
                    <TextField
                        name="test"
                        label=tr!(tester.address)
                        placeholder="203.0.113.9"
                        value=typed.clone()
                        error=Signal::stored(error)
                        required=true
                        maxlength=paths::LONGEST_VALUE
                        mono=true
                    />
                    <Button label=tr!(tester.test) icon=IconName::Search />
                </Toolbar>
            </form>
            {verdict}
        </Section>
    }
    .into_any()
}
