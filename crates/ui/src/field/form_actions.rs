use leptos::prelude::*;

/// The buttons that end a form; the one that goes on comes first.
#[component]
pub fn FormActions(children: Children) -> impl IntoView {
    view! { <div class="form-actions">{children()}</div> }.into_any()
}
