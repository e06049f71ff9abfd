//! The sections of the wizard.

use crate::context::FormState;
use leptos::prelude::*;
use ui::{NumberField, Section, TextArea, TextField};

/// Names in the form are those of the server function's argument: `draft[name]`. Errors and drafts use the short ones.
#[component]
pub fn Basics(form: FormState) -> impl IntoView {
    view! {
        <Section title=tr!(deploy.basics) id="basics">
            <TextField
                name="draft[name]"
                label=tr!(services.name)
                hint=tr!(deploy.name_hint)
                value=form.value("name", "")
                error=form.field("name")
                required=true
                mono=true
            />
        </Section>
    }
    .into_any()
}

#[component]
pub fn Environment(form: FormState) -> impl IntoView {
    view! {
        <Section title=tr!(deploy.environment) id="environment">
            <div class="stack">
                <TextArea
                    name="draft[command]"
                    label=tr!(deploy.command)
                    hint=tr!(deploy.command_hint)
                    value=form.value("command", "inference-gateway sample-model")
                    error=form.field("command")
                    rows=2
                    required=true
                    mono=true
                />
                <TextField
                    name="draft[port]"
                    label=tr!(deploy.port)
                    hint=tr!(deploy.port_hint)
                    value=form.value("port", "")
                    error=form.field("port")
                    mono=true
                />
                <TextArea
                    name="draft[env]"
                    label=tr!(deploy.env)
                    hint=tr!(deploy.env_hint)
                    value=form.value("env", "")
                    error=form.field("env")
                    rows=3
                    mono=true
                />
                <TextField
                    name="draft[probe_path]"
                    label=tr!(deploy.probe)
                    hint=tr!(deploy.probe_hint)
                    value=form.value("probe_path", "")
                    error=form.field("probe_path")
                    placeholder="/health"
                    mono=true
                />
            </div>
        </Section>
    }
    .into_any()
}

#[component]
pub fn Resources(form: FormState) -> impl IntoView {
    view! {
        <Section title=tr!(deploy.resources) id="resources">
            <NumberField
                name="draft[replicas]"
                label=tr!(services.replicas)
                hint=tr!(deploy.replicas_hint)
                value=form.value("replicas", "1")
                error=form.field("replicas")
                required=true
            />
        </Section>
    }
    .into_any()
}
