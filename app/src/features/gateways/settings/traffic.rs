//! Timeouts and balancing of all services of the gateway.

use super::api::SetGatewayTraffic;
use crate::context::form_state;
use crate::layout::{Fresh, bump_after, seen_revision};
use domain::traffic::TrafficDraft;
use domain::view::GatewayDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, FormActions, FormError, Hidden, RadioCard, RadioCards, Section, TextField};

#[component]
pub fn Traffic(gateway: Fresh<GatewayDetail>, allowed: bool) -> impl IntoView {
    let action = ServerAction::<SetGatewayTraffic>::new();
    bump_after(action);
    let form = form_state(action);
    let shown = gateway.get_untracked();
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let revision = seen_revision(newest, action.version().into());
    let now = shown.settings.draft();
    let check = form.check(|form: SetGatewayTraffic| {
        let SetGatewayTraffic { connect, first_byte, idle, request, balance, hash_name, .. } = form;
        TrafficDraft { connect, first_byte, idle, request, balance, hash_name }.validate()
    });
    let time = |name: &'static str, label: String, hint: String, now: &str| {
        let (value, error) = (form.value(name, now), form.field(name));
        view! { <TextField name label hint value error required=true /> }.into_any()
    };
    let save = allowed.then(|| {
        view! {
            <FormActions>
                <Button label=tr!(layout.save) pending=form.pending />
            </FormActions>
        }
    });
    let times = [
        time("connect", tr!(settings.connect), tr!(settings.connect_hint), &now.connect),
        time("first_byte", tr!(settings.first_byte), tr!(settings.first_byte_hint), &now.first_byte),
        time("request", tr!(settings.request), tr!(settings.request_hint), &now.request),
        time("idle", tr!(settings.idle), tr!(settings.idle_hint), &now.idle),
    ];
    view! {
        <Section title=tr!(settings.traffic) description=tr!(settings.traffic_note)>
            <div on:submit:capture=check>
                <ActionForm action>
                    <div class="stack">
                        <FormError message=form.general() />
                        <Hidden name="id" value=Signal::stored(shown.summary.id.to_string()) />
                        <Hidden name="revision" value=revision />
                        {times.collect_view()}
                        <RadioCards
                            name="balance"
                            legend=tr!(settings.balance)
                            options=ways()
                            value=form.value("balance", &now.balance)
                            error=form.field("balance")
                        />
                        <TextField
                            name="hash_name"
                            label=tr!(settings.hash_name)
                            hint=tr!(settings.hash_name_hint)
                            value=form.value("hash_name", &now.hash_name)
                            error=form.field("hash_name")
                            maxlength=64
                            mono=true
                        />
                        {save}
                    </div>
                </ActionForm>
            </div>
        </Section>
    }
    .into_any()
}

fn ways() -> Vec<RadioCard> {
    vec![
        RadioCard::new("round_robin", tr!(balance.round_robin), tr!(balance.round_robin_body)),
        RadioCard::new("least_requests", tr!(balance.least_requests), tr!(balance.least_requests_body)),
        RadioCard::new("peak_ewma", tr!(balance.peak_ewma), tr!(balance.peak_ewma_body)),
        RadioCard::new("prefix_affinity", tr!(balance.prefix_affinity), tr!(balance.prefix_affinity_body)),
        RadioCard::new("hash_header", tr!(balance.hash_header), tr!(balance.hash_body)),
        RadioCard::new("hash_cookie", tr!(balance.hash_cookie), tr!(balance.hash_body)),
        RadioCard::new("hash_address", tr!(balance.hash_address), tr!(balance.hash_body)),
    ]
}
