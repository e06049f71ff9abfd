//! Signing in.

use super::api;
use crate::context::form_state;
use crate::layout::{EntryPage, Message, load_after};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{Button, ButtonKind, FormError, Hidden, PageTitle, TextField};

#[component]
pub fn SignIn() -> impl IntoView {
    let action = ServerAction::<api::SignIn>::new();
    let form = form_state(action);
    load_after(action);
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_else(|| "/".into());
    view! {
        <PageTitle text=tr!(sign_in.title) />
        <EntryPage>
            <h1 id="page-title" tabindex="-1">{tr!(sign_in.title)}</h1>
            <Message />
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="next" value=Signal::stored(next) />
                    <TextField
                        name="name"
                        label=tr!(sign_in.name)
                        value=form.value("name", "")
                        error=form.field("name")
                        autocomplete="username"
                        required=true
                        autofocus=true
                    />
                    <TextField
                        name="password"
                        kind="password"
                        label=tr!(sign_in.password)
                        error=form.field("password")
                        autocomplete="current-password"
                        required=true
                    />
                    <Button label=tr!(sign_in.submit) kind=ButtonKind::Primary pending=form.pending />
                </div>
            </ActionForm>
        </EntryPage>
    }
    .into_any()
}
