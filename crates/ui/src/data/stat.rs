use crate::{MaybeText, Slot};
use leptos::prelude::*;

/// Figures side by side; wraps on narrow screens.
#[component]
pub fn StatGrid(children: Children) -> impl IntoView {
    view! { <dl class="stats">{children()}</dl> }.into_any()
}

/// One figure with its name, inside a [`StatGrid`].
#[component]
pub fn Stat(
    #[prop(into)] label: String,
    #[prop(into)] value: Slot,
    #[prop(optional, into)] hint: MaybeText,
) -> impl IntoView {
    view! {
        <div class="stat">
            <dt class="stat-label">{label}</dt>
            <dd class="stat-value">{value.0}</dd>
            {hint.0.map(|hint| view! { <dd class="stat-hint">{hint}</dd> })}
        </div>
    }
    .into_any()
}
