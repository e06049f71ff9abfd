//! One token in the table.

use super::Revealed;
use super::api::RevealToken;
use super::change::Change;
use crate::context::{form_state_of, use_viewer};
use crate::layout::{Fresh, When};
use domain::role::Permission;
use domain::view::{ServiceDetail, TokenView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Badge, Button, CopyText, FormError, Hidden, IconName, Tone};

/// `is_last`: nobody could call the service without it.
pub(super) fn row(service: Fresh<ServiceDetail>, token: &TokenView, revealed: Revealed, is_last: bool) -> AnyView {
    let label = (!token.label.is_empty()).then(|| token.label.clone());
    let ends = token.expires_at.map(|at| view! { <When at /> });
    let ends = match ends {
        Some(at) if token.expired => view! { <Badge tone=Tone::Warn label=tr!(tokens.expired) /> " " {at} }.into_any(),
        Some(at) => at.into_any(),
        None => tr!(tokens.never).into_any(),
    };
    let change =
        use_viewer().may(Permission::DeployServices).then(|| view! { <Change service token=token.clone() is_last /> });
    let id = token.id.clone();
    let used = move || {
        let at = service.with(|service| {
            service.invocation.tokens.iter().find(|token| token.id == id).and_then(|token| token.last_used)
        });
        match at {
            Some(at) => view! { <When at /> }.into_any(),
            None => tr!(tokens.not_used).into_any(),
        }
    };
    view! {
        <tr>
            <th scope="row" class="wrap">
                {label} <Secret service token=token.clone() revealed /> {change}
            </th>
            <td data-label=tr!(gateways.created)>
                <When at=token.created_at />
            </td>
            <td data-label=tr!(tokens.expires)>{ends}</td>
            <td data-label=tr!(tokens.last_used)>{used}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Secret(service: Fresh<ServiceDetail>, token: TokenView, revealed: Revealed) -> impl IntoView {
    let action = ServerAction::<RevealToken>::new();
    let form = form_state_of(action, "id", token.id.as_str());
    let of = token.id.clone();
    if let Some(secret) = form.answer() {
        revealed.set(Some((of.clone(), secret)));
    }
    Effect::new(move |_| {
        if let Some(Ok(secret)) = action.value().get() {
            revealed.set(Some((of.clone(), secret)));
        }
    });
    let may = use_viewer().may(Permission::RevealTokens);
    let service = Signal::stored(service.with_untracked(|service| service.summary.id.to_string()));
    let (id, pending) = (token.id, form.pending);
    let shown = move || {
        let own = revealed.with(|all| all.as_ref().filter(|(of, _)| *of == id).map(|(_, secret)| secret.clone()));
        if let Some(secret) = own {
            return view! { <CopyText text=secret label=tr!(layout.copy) done=tr!(layout.copied) /> }.into_any();
        }
        let id = Signal::stored(id.to_string());
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
    };
    view! {
        <FormError message=form.general() />
        {shown}
    }
    .into_any()
}
