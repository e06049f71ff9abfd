//! The picture of a gateway: who reaches it where, by which names, and what is behind it.

pub mod api;
mod picture;
mod plan;
mod words;

use super::detail::{Header, Tab};
use crate::layout::{Fresh, of_address};
use api::read_structure;
use domain::view::{GatewayDetail, Structure as Drawn};
use leptos::prelude::*;
use picture::picture;
use ui::{PageTitle, Section};

#[component]
pub fn Structure() -> impl IntoView {
    of_address(read_structure, page)
}

fn page(shown: Fresh<(GatewayDetail, Drawn)>) -> AnyView {
    let gateway = RwSignal::new(shown.with_untracked(|(gateway, _)| gateway.clone()));
    Effect::new(move |_| gateway.set(shown.with(|(gateway, _)| gateway.clone())));
    let (id, name) = gateway.with_untracked(|gateway| (gateway.summary.id.clone(), gateway.summary.name.to_string()));
    let more = move || {
        let more = shown.with(|(_, drawn)| drawn.more_services);
        (more > 0).then(|| view! { <p class="muted">{tr!(structure.more, count = more)}</p> })
    };
    view! {
        <PageTitle text=format!("{} – {name}", tr!(structure.tab)) />
        <Header gateway tab=Tab::Structure />
        <Section title=tr!(structure.title) description=tr!(structure.note)>
            {move || shown.with(|(_, drawn)| picture(&id, drawn))}
            {more}
        </Section>
    }
    .into_any()
}
