//! What may be done with a token: it gets another name or end, is replaced, or deleted.

use super::api::{DeleteToken, EditToken, RotateToken};
use super::times::{ends, overlaps};
use crate::context::{Draft, form_state_of, use_draft};
use crate::layout::{Fresh, bump_after};
use domain::view::{ServiceDetail, TokenView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use server_fn::ServerFn;
use ui::{Button, ButtonKind, Callout, FormError, Hidden, SelectField, TextField, Tone, Toolbar};

#[component]
pub(super) fn Change(service: Fresh<ServiceDetail>, token: TokenView, is_last: bool) -> impl IntoView {
    let name = service.with_untracked(|service| service.summary.name.to_string());
    let of = Of {
        service: Signal::stored(service.with_untracked(|service| service.summary.id.to_string())),
        id: Signal::stored(token.id.to_string()),
        revision: Signal::stored(token.revision.to_string()),
    };
    let mut failed = [EditToken::PATH, RotateToken::PATH, DeleteToken::PATH].into_iter().filter_map(use_draft);
    let is_own = |draft: Draft| draft.fields.iter().any(|(name, value)| name == "id" && *value == token.id.as_str());
    // What is wrong stands in it.
    let open = failed.any(is_own);
    view! {
        <details class="disclose" open=open>
            <summary>{tr!(tokens.change)}</summary>
            <div class="stack">
                {edit(of, token.clone())} {rotate(of, token.clone())} {delete(of, token, is_last.then_some(name))}
            </div>
        </details>
    }
    .into_any()
}

/// Which token, as all of the forms say it.
#[derive(Clone, Copy)]
struct Of {
    service: Signal<String>,
    id: Signal<String>,
    revision: Signal<String>,
}

impl Of {
    fn fields(self) -> AnyView {
        view! {
            <Hidden name="service" value=self.service />
            <Hidden name="id" value=self.id />
            <Hidden name="revision" value=self.revision />
        }
        .into_any()
    }
}

fn edit(of: Of, token: TokenView) -> AnyView {
    let action = ServerAction::<EditToken>::new();
    bump_after(action);
    let form = form_state_of(action, "id", token.id.as_str());
    view! {
        <FormError message=form.general() />
        <ActionForm action>
            {of.fields()} <Toolbar>
                <TextField
                    name="draft[label]"
                    label=tr!(tokens.label)
                    value=form.value("label", &token.label)
                    error=form.field("label")
                    maxlength=64
                    id_suffix=token.id.to_string()
                />
                <SelectField
                    name="draft[lifetime]"
                    label=tr!(tokens.ends)
                    value=form.value("lifetime", "keep")
                    error=form.field("lifetime")
                    options=ends()
                    id_suffix=token.id.to_string()
                />
                <Button label=tr!(layout.save) pending=form.pending />
            </Toolbar>
        </ActionForm>
    }
    .into_any()
}

/// One that has expired has nobody left who would have to change over.
fn rotate(of: Of, token: TokenView) -> Option<AnyView> {
    let action = ServerAction::<RotateToken>::new();
    bump_after(action);
    let form = form_state_of(action, "id", token.id.as_str());
    (!token.expired).then(|| {
        view! {
            <FormError message=form.general() />
            <ActionForm action>
                {of.fields()} <Toolbar>
                    <SelectField
                        name="overlap"
                        label=tr!(tokens.overlap)
                        value=form.value("overlap", "86400")
                        error=form.field("overlap")
                        options=overlaps()
                        id_suffix=token.id.to_string()
                    />
                    <Button label=tr!(tokens.rotate) pending=form.pending />
                </Toolbar>
            </ActionForm>
        }
        .into_any()
    })
}

/// The last one that lets somebody in asks for the service's name.
fn delete(of: Of, token: TokenView, last_of: Option<String>) -> AnyView {
    let action = ServerAction::<DeleteToken>::new();
    bump_after(action);
    let form = form_state_of(action, "id", token.id.as_str());
    let value = form.value("confirmation", "");
    let error = form.field("confirmation");
    let suffix = token.id.to_string();
    let typed = last_of.map(|name| {
        view! {
            <Callout tone=Tone::Warn>{tr!(tokens.last)}</Callout>
            <TextField
                name="confirmation"
                label=tr!(delete_service.confirm, name = name)
                value
                error
                required=true
                autocomplete="off"
                id_suffix=suffix
            />
        }
    });
    view! {
        <FormError message=form.general() />
        <ActionForm action>
            {of.fields()} <div class="stack">
                {typed} <div>
                    <Button label=tr!(tokens.delete) kind=ButtonKind::Danger pending=form.pending />
                </div>
            </div>
        </ActionForm>
    }
    .into_any()
}
