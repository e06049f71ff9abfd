//! Letting another machine join.

use super::api::InviteHost;
use crate::context::form_state;
use crate::layout::{Fresh, bump_after};
use domain::view::HostsView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Callout, CopyText, FormError, IconName, Section, SelectField, SelectOption, TextField, Tone,
};

#[component]
pub fn Add(hosts: Fresh<HostsView>) -> impl IntoView {
    let action = ServerAction::<InviteHost>::new();
    bump_after(action);
    let form = form_state(action);
    let answer = form.answer();
    let command = move || match action.value().get().or_else(|| answer.clone().map(Ok)) {
        Some(Ok(command)) => Some(made(command)),
        _ => None,
    };
    let open = hosts.with_untracked(|hosts| hosts.link.is_some());
    let zones = hosts.with_untracked(|hosts| hosts.zones.clone());
    let zone = form.value("zone", zones.first().map_or("", String::as_str));
    let options: Vec<_> = zones.into_iter().map(|zone| SelectOption::new(zone.clone(), zone)).collect();
    let fields = open.then(|| {
        view! {
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <TextField
                        name="name"
                        label=tr!(hosts.name)
                        value=form.value("name", "")
                        error=form.field("name")
                        required=true
                        maxlength=63
                    />
                    <SelectField name="zone" label=tr!(networks.zone) options value=zone error=form.field("zone") />
                    <Button label=tr!(hosts.make_command) kind=ButtonKind::Primary icon=IconName::Plus pending=form.pending />
                </div>
            </ActionForm>
        }
    });
    let closed = (!open).then(|| {
        view! {
            <Callout tone=Tone::Info title=tr!(hosts.closed_title)>
                <p>{tr!(hosts.closed)}</p>
            </Callout>
        }
    });
    view! {
        <Section title=tr!(hosts.add) description=tr!(hosts.add_hint)>
            {closed}
            {fields}
            {command}
        </Section>
    }
    .into_any()
}

fn made(command: String) -> AnyView {
    view! {
        <div role="status">
            <Callout tone=Tone::Good title=tr!(hosts.made_title)>
                <p>{tr!(hosts.made_body)}</p>
                <CopyText text=command label=tr!(layout.copy) done=tr!(layout.copied) />
                <p>{tr!(hosts.made_next)}</p>
            </Callout>
        </div>
    }
    .into_any()
}
