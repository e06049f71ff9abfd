//! The token: masked until it is revealed, which is noted in the audit.

use super::api::RevealToken;
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, When};
use domain::role::Permission;
use domain::view::{ServiceDetail, TokenView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, CopyText, DescriptionItem, DescriptionList, FormError, Hidden, IconName, Section};

/// The token that was revealed on this page.
pub type Revealed = RwSignal<Option<String>>;

#[component]
pub fn Token(service: Fresh<ServiceDetail>, revealed: Revealed) -> impl IntoView {
    let tokens = service.with_untracked(|service| service.invocation.tokens.clone());
    let id = service.with_untracked(|service| service.summary.id.to_string());
    let rows = tokens.into_iter().map(|token| row(id.clone(), &token, revealed)).collect::<Vec<_>>();
    view! {
        <Section title=tr!(invocation.token) description=tr!(invocation.token_hint)>
            <DescriptionList>{rows}</DescriptionList>
        </Section>
    }
    .into_any()
}

fn row(service: String, token: &TokenView, revealed: Revealed) -> AnyView {
    let action = ServerAction::<RevealToken>::new();
    let form = form_state(action);
    if let Some(secret) = form.answer() {
        revealed.set(Some(secret));
    }
    Effect::new(move |_| {
        if let Some(Ok(secret)) = action.value().get() {
            revealed.set(Some(secret));
        }
    });
    let may = use_viewer().may(Permission::RevealTokens);
    let (id, service, created_at) = (Signal::stored(token.id.to_string()), Signal::stored(service), token.created_at);
    let pending = form.pending;
    let shown = move || match revealed.get() {
        Some(secret) => view! { <CopyText text=secret label=tr!(layout.copy) done=tr!(layout.copied) /> }.into_any(),
        None => {
            let button = may.then(|| {
                view! {
                    <ActionForm action>
                        <Hidden name="service" value=service />
                        <Hidden name="id" value=id />
                        <Button label=tr!(invocation.reveal) icon=IconName::Eye pending=pending />
                    </ActionForm>
                }
            });
            view! { <div class="actions-row"><code>"••••••••••••••••"</code> {button}</div> }.into_any()
        }
    };
    view! {
        <DescriptionItem term=tr!(invocation.token)>
            <FormError message=form.general() />
            {shown} <p class="note">{tr!(gateways.created)} " " <When at=created_at /></p>
        </DescriptionItem>
    }
    .into_any()
}
