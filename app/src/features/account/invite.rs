//! Inviting somebody: a link that works once.

use super::api;
use super::users::role_text;
use crate::context::form_state;
use domain::role::Role;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, Callout, CopyText, FormError, IconName, RadioCard, RadioCards, Section, Tone};

pub fn roles() -> Vec<RadioCard> {
    vec![
        RadioCard::new(Role::Viewer.as_str(), role_text(Role::Viewer), tr!(users.viewer_body)),
        RadioCard::new(Role::Administrator.as_str(), role_text(Role::Administrator), tr!(users.administrator_body)),
    ]
}

/// The link, which is shown once.
pub fn made(link: String) -> AnyView {
    view! {
        <div role="status">
            <Callout tone=Tone::Good title=tr!(users.link_title)>
                <p>{tr!(users.link_body)}</p>
                <CopyText text=link label=tr!(layout.copy) done=tr!(layout.copied) />
            </Callout>
        </div>
    }
    .into_any()
}

#[component]
pub fn Invite() -> impl IntoView {
    let action = ServerAction::<api::Invite>::new();
    let form = form_state(action);
    let answer = form.answer();
    let link = move || match action.value().get().or_else(|| answer.clone().map(Ok)) {
        Some(Ok(link)) => Some(made(link)),
        _ => None,
    };
    view! {
        <Section title=tr!(users.invite) description=tr!(users.invite_hint)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <RadioCards
                        name="role"
                        legend=tr!(users.role)
                        options=roles()
                        value=form.value("role", Role::Viewer.as_str())
                        error=form.field("role")
                    />
                    <Button label=tr!(users.make_link) kind=ButtonKind::Primary icon=IconName::Plus pending=form.pending />
                </div>
            </ActionForm>
            {link}
        </Section>
    }
    .into_any()
}
