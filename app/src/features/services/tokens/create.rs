//! A further token.

use super::api::CreateToken;
use super::times::lifetimes;
use crate::context::form_state;
use crate::layout::{Fresh, bump_after, empty_after};
use domain::view::ServiceDetail;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use ui::{Button, FormError, Hidden, IconName, SelectField, TextField, Toolbar};

#[component]
pub(super) fn Create(service: Fresh<ServiceDetail>) -> impl IntoView {
    let action = ServerAction::<CreateToken>::new();
    bump_after(action);
    let form = form_state(action);
    let id = service.with_untracked(|service| service.summary.id.to_string());
    let around = NodeRef::<html::Div>::new();
    empty_after(action, around);
    view! {
        <div node_ref=around>
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="service" value=Signal::stored(id) />
                <Toolbar>
                    <TextField
                        name="draft[label]"
                        label=tr!(tokens.label)
                        value=form.value("label", "")
                        error=form.field("label")
                        maxlength=64
                    />
                    <SelectField
                        name="draft[lifetime]"
                        label=tr!(tokens.expires)
                        value=form.value("lifetime", "")
                        error=form.field("lifetime")
                        options=lifetimes()
                    />
                    <Button label=tr!(tokens.create) icon=IconName::Plus pending=form.pending />
                </Toolbar>
            </ActionForm>
        </div>
    }
    .into_any()
}
