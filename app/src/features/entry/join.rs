//! Making a user from a one-time link.

use super::api;
use crate::context::{FormState, form_state};
use crate::error::ApiError;
use crate::layout::{EntryPage, NewPassword, load_after};
use crate::paths;
use crate::texts::use_texts;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use ui::{Button, ButtonKind, Callout, FormError, Hidden, LinkButton, PageTitle, TextField, Tone};

#[component]
pub fn Join() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let offer = Resource::new_blocking(
        {
            let token = token.clone();
            move || token.clone()
        },
        api::read_invitation,
    );
    let action = ServerAction::<api::Join>::new();
    let form = form_state(action);
    load_after(action);
    view! {
        <EntryPage>
            <Suspense>
                {move || {
                    let (token, form) = (token.clone(), form.clone());
                    Suspend::new(async move {
                        match offer.await {
                            Ok(offer) => fields(action, form, token, offer),
                            Err(error) => unusable(&error),
                        }
                    })
                }}
            </Suspense>
        </EntryPage>
    }
    .into_any()
}

fn fields(action: ServerAction<api::Join>, form: FormState, token: String, offer: api::Offer) -> AnyView {
    let title = if offer.first { tr!(join.first_title) } else { tr!(join.title) };
    let body = if offer.first { tr!(join.first_body) } else { tr!(join.body) };
    view! {
        <PageTitle text=title.clone() />
        <h1 id="page-title" tabindex="-1">{title}</h1>
        <p class="muted">{body}</p>
        <ActionForm action>
            <div class="stack">
                <FormError message=form.general() />
                <Hidden name="token" value=Signal::stored(token) />
                <TextField
                    name="name"
                    label=tr!(sign_in.name)
                    value=form.value("name", "")
                    error=form.field("name")
                    autocomplete="username"
                    required=true
                    autofocus=true
                />
                <NewPassword form=form.clone() name="password" label=tr!(sign_in.password) />
                <Button label=tr!(join.submit) kind=ButtonKind::Primary pending=form.pending />
            </div>
        </ActionForm>
    }
    .into_any()
}

fn unusable(error: &ApiError) -> AnyView {
    let (title, why) = (tr!(join.unusable), use_texts().error(error));
    view! {
        <PageTitle text=title.clone() />
        <h1 id="page-title" tabindex="-1">{title}</h1>
        <Callout tone=Tone::Warn>{why}</Callout>
        <LinkButton href=paths::SIGN_IN>{tr!(sign_in.title)}</LinkButton>
    }
    .into_any()
}
