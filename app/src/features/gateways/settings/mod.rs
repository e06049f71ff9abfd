//! A gateway's settings: its name, labels and protection; who is let in and believed; what it says for its services.

pub mod api;
mod arrival;
mod general;
mod timers;
mod traffic;

use super::detail::{Header, Tab, of_address};
use crate::context::use_viewer;
use arrival::Arrival;
use domain::role::Permission;
use general::General;
use leptos::prelude::*;
use timers::timers;
use traffic::Traffic;
use ui::{PageTitle, Section};

#[component]
pub fn Settings() -> impl IntoView {
    of_address(|gateway| {
        let allowed = use_viewer().may(Permission::ManageGateways);
        let name = Memo::new(move |_| gateway.with(|gateway| gateway.summary.name.to_string()));
        // Built again when the name was changed on this page.
        let header = move || {
            let title = format!("{} – {}", tr!(settings.tab), name.get());
            untrack(|| view! { <PageTitle text=title /> <Header gateway tab=Tab::Settings /> }.into_any())
        };
        view! {
            {header}
            <General gateway allowed />
            <Arrival gateway allowed />
            <Traffic gateway allowed />
            <Section title=tr!(settings.timers) description=tr!(settings.timers_note)>{timers()}</Section>
        }
        .into_any()
    })
}
