//! The sections that say what the service is and what it takes.

use super::fields::{Fields, grid};
use leptos::prelude::*;
use ui::Section;

pub(super) fn basics(fields: &Fields, fixed_name: Option<String>) -> AnyView {
    let name = match fixed_name {
        // It is part of the endpoint.
        Some(name) => view! {
            <ui::TextField name="draft[name]" label=tr!(services.name) hint=tr!(wizard.name_stays) value=name readonly=true mono=true />
        }
        .into_any(),
        None => view! {
            <ui::TextField
                name="draft[name]"
                label=tr!(services.name)
                hint=tr!(deploy.name_hint)
                value=fields.value("draft[name]")
                error=fields.form.field("name")
                required=true
                mono=true
            />
        }
        .into_any(),
    };
    let group = fields.line("draft[group]", tr!(wizard.group), tr!(wizard.group_hint));
    let labels = fields.area("draft[labels]", tr!(wizard.labels), tr!(wizard.labels_hint), 2);
    view! {
        <Section title=tr!(deploy.basics) id="basics">
            <div class="stack">{name} {group} {labels}</div>
        </Section>
    }
    .into_any()
}

pub(super) fn resources(fields: &Fields) -> AnyView {
    let numbers = vec![
        fields.number("draft[replicas]", tr!(services.replicas)),
        fields.number("draft[cpu]", tr!(wizard.cpu)),
        fields.number("draft[memory]", tr!(wizard.memory)),
        fields.number("draft[gpus]", tr!(wizard.gpus)),
    ];
    let shared = fields.number("draft[shm]", tr!(wizard.shm));
    view! {
        <Section title=tr!(deploy.resources) description=tr!(wizard.resources_hint) id="resources">
            <div class="of-started stack">
                {grid(numbers)} <div class="of-container">{shared}</div>
            </div>
            <p class="of-external muted">{tr!(wizard.external_resources)}</p>
        </Section>
    }
    .into_any()
}
