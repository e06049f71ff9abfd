//! Choosing a password, typed twice.

use crate::context::FormState;
use domain::role::MIN_PASSWORD;
use leptos::prelude::*;
use ui::TextField;

/// `name` is the field's; the second is `repeated`.
#[component]
pub fn NewPassword(form: FormState, name: &'static str, label: String) -> impl IntoView {
    view! {
        <TextField
            name=name
            kind="password"
            label
            hint=tr!(join.password_hint, min = MIN_PASSWORD)
            error=form.field(name)
            autocomplete="new-password"
            required=true
        />
        <TextField
            name="repeated"
            kind="password"
            label=tr!(join.repeated)
            error=form.field("repeated")
            autocomplete="new-password"
            required=true
        />
    }
    .into_any()
}
