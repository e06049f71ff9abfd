//! What strangers get, and which proxies are believed.

use super::api::SetGatewayArrival;
use crate::context::form_state;
use crate::layout::{Fresh, bump_after, seen_revision};
use domain::arrival::ArrivalDraft;
use domain::view::GatewayDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, FormActions, FormError, Hidden, RadioCard, RadioCards, Section, TextArea};

#[component]
pub fn Arrival(gateway: Fresh<GatewayDetail>, allowed: bool) -> impl IntoView {
    let action = ServerAction::<SetGatewayArrival>::new();
    bump_after(action);
    let form = form_state(action);
    let shown = gateway.get_untracked();
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let revision = seen_revision(newest, action.version().into());
    let now = shown.arrival.draft();
    let check = form
        .check(|form: SetGatewayArrival| ArrivalDraft { strangers: form.strangers, proxies: form.proxies }.validate());
    let strangers = vec![
        RadioCard::new("refuse", tr!(arrival.refuse), tr!(arrival.refuse_body)),
        RadioCard::new("drop", tr!(arrival.drop), tr!(arrival.drop_body)),
    ];
    let save = allowed.then(|| {
        view! {
            <FormActions>
                <Button label=tr!(layout.save) pending=form.pending />
            </FormActions>
        }
    });
    view! {
        <Section title=tr!(arrival.title) description=tr!(arrival.note)>
            <div on:submit:capture=check>
                <ActionForm action>
                    <div class="stack">
                        <FormError message=form.general() />
                        <Hidden name="id" value=Signal::stored(shown.summary.id.to_string()) />
                        <Hidden name="revision" value=revision />
                        <RadioCards
                            name="strangers"
                            legend=tr!(arrival.strangers)
                            options=strangers
                            value=form.value("strangers", &now.strangers)
                            error=form.field("strangers")
                        />
                        <TextArea
                            name="proxies"
                            label=tr!(arrival.proxies)
                            hint=tr!(arrival.proxies_hint)
                            value=form.value("proxies", &now.proxies)
                            error=form.field("proxies")
                            rows=3
                            mono=true
                        />
                        <p class="muted">{tr!(arrival.proxies_where)}</p>
                        {save}
                    </div>
                </ActionForm>
            </div>
        </Section>
    }
    .into_any()
}
