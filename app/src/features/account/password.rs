//! Changing one's password; ends all other sessions.

use super::api::ChangePassword;
use crate::context::form_state;
use crate::layout::NewPassword;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, FormError, Section, TextField};

#[component]
pub fn PasswordForm() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let form = form_state(action);
    view! {
        <Section title=tr!(account.password) description=tr!(account.password_hint)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <TextField
                        name="old"
                        kind="password"
                        label=tr!(account.old)
                        error=form.field("old")
                        autocomplete="current-password"
                        required=true
                    />
                    <NewPassword form=form.clone() name="new" label=tr!(account.new) />
                    <Button label=tr!(account.change) kind=ButtonKind::Primary pending=form.pending />
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}
