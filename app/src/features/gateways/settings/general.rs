//! Name, labels, protection against deletion.

use super::api::SetGatewaySettings;
use crate::context::form_state;
use crate::layout::{Fresh, bump_after, seen_revision};
use domain::gateway::SettingsDraft;
use domain::view::GatewayDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, CheckField, FormActions, FormError, Hidden, Section, TextArea, TextField};

#[component]
pub fn General(gateway: Fresh<GatewayDetail>, allowed: bool) -> impl IntoView {
    let action = ServerAction::<SetGatewaySettings>::new();
    bump_after(action);
    let form = form_state(action);
    let shown = gateway.get_untracked();
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let revision = seen_revision(newest, action.version().into());
    // A box that was not checked is not among what was sent.
    let protected = form.chosen("protected").map_or(shown.protected, |sent| !sent.is_empty());
    let check = form.check(|form: SetGatewaySettings| {
        SettingsDraft { name: form.name, labels: form.labels, protected: form.protected }.validate()
    });
    let save = allowed.then(|| {
        view! {
            <FormActions>
                <Button label=tr!(layout.save) pending=form.pending />
            </FormActions>
        }
    });
    view! {
        <Section title=tr!(settings.general)>
            <div on:submit:capture=check>
                <ActionForm action>
                    <div class="stack">
                        <FormError message=form.general() />
                        <Hidden name="id" value=Signal::stored(shown.summary.id.to_string()) />
                        <Hidden name="revision" value=revision />
                        <TextField
                            name="name"
                            label=tr!(gateways.name)
                            value=form.value("name", shown.summary.name.as_str())
                            error=form.field("name")
                            required=true
                            maxlength=63
                        />
                        <TextArea
                            name="labels"
                            label=tr!(settings.labels)
                            hint=tr!(settings.labels_hint)
                            value=form.value("labels", &shown.summary.labels.text())
                            error=form.field("labels")
                            rows=3
                            mono=true
                        />
                        <CheckField
                            name="protected"
                            label=tr!(settings.protected)
                            hint=tr!(settings.protected_hint)
                            checked=protected
                        />
                        {save}
                    </div>
                </ActionForm>
            </div>
        </Section>
    }
    .into_any()
}
