//! What runs: a command on the hosts, a container, or something elsewhere.

use super::fields::{Fields, grid, of};
use leptos::prelude::*;
use ui::{RadioCard, RadioCards, Section};

pub(super) fn environment(fields: &Fields) -> AnyView {
    let cards = vec![
        RadioCard::new("process", tr!(wizard.process), tr!(wizard.process_hint)),
        RadioCard::new("container", tr!(wizard.container), tr!(wizard.container_hint)),
        RadioCard::new("external", tr!(wizard.external), tr!(wizard.external_hint)),
    ];
    let way = fields.value("draft[runtime]");
    let way = if way.is_empty() { "process".to_owned() } else { way };
    let container = vec![
        fields.line("draft[image]", tr!(wizard.image), tr!(wizard.image_hint)),
        grid(vec![
            fields.line("draft[registry_user]", tr!(wizard.registry_user), String::new()),
            fields.secret("draft[registry_password]", tr!(wizard.registry_password), tr!(wizard.secret_hint)),
        ]),
    ];
    let started = vec![
        fields.area("draft[command]", tr!(deploy.command), tr!(wizard.command_hint), 3),
        fields.area("draft[script]", tr!(wizard.script), tr!(wizard.script_hint), 3),
        fields.line("draft[port]", tr!(deploy.port), tr!(deploy.port_hint)),
        fields.area("draft[env]", tr!(deploy.env), tr!(deploy.env_hint), 3),
        fields.area("draft[mounts]", tr!(wizard.mounts), tr!(wizard.mounts_hint), 2),
        fields.area("draft[packages]", tr!(wizard.packages), tr!(wizard.packages_hint), 2),
    ];
    let external = vec![fields.area("draft[addresses]", tr!(wizard.addresses), tr!(wizard.addresses_hint), 4)];
    let error = fields.form.field("runtime");
    let parts = vec![of("of-container", container), of("of-started", started), of("of-external", external)];
    view! {
        <Section title=tr!(deploy.environment) id="environment">
            <div class="stack">
                <RadioCards
                    name="draft[runtime]"
                    legend=tr!(wizard.runtime)
                    options=cards
                    value=way
                    error
                />
                {parts}
            </div>
        </Section>
    }
    .into_any()
}
