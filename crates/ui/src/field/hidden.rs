use leptos::prelude::*;

/// A value the form carries along, such as the revision it was rendered from.
#[component]
pub fn Hidden(name: &'static str, #[prop(into)] value: Signal<String>) -> impl IntoView {
    view! { <input type="hidden" name=name value=move || value.get() /> }
}
