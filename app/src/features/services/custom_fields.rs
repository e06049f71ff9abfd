//! The sections of the wizard.

use crate::context::FormState;
use domain::view::GatewayChoice;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{NumberField, Section, SelectField, SelectOption, TextArea, TextField};

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

#[component]
pub fn NetworkChoice(form: FormState, gateways: Vec<GatewayChoice>) -> impl IntoView {
    // The gateway that one came from, else the default one.
    let asked = use_query_map().with_untracked(|query| query.get("gateway"));
    let default = gateways.iter().find(|gateway| gateway.is_default).map(|gateway| gateway.id.to_string());
    let chosen = asked.or(default).unwrap_or_default();
    let option = |gateway: &GatewayChoice| {
        let name = gateway.name.to_string();
        let label = if gateway.is_default { tr!(deploy.default_gateway, name = name) } else { name };
        SelectOption::new(gateway.id.to_string(), format!("{label} ({})", gateway.id))
    };
    let mut options = vec![SelectOption::new("", tr!(deploy.choose_gateway))];
    options.extend(gateways.iter().map(option));
    view! {
        <Section title=tr!(deploy.network) id="network">
            <SelectField
                name="draft[gateway]"
                label=tr!(deploy.gateway)
                hint=tr!(deploy.gateway_hint)
                value=form.value("gateway", &chosen)
                error=form.field("gateway")
                options
                required=true
            />
        </Section>
    }
    .into_any()
}
