use crate::Slot;
use leptos::prelude::*;

/// A page for one thing, outside the console: signing in, first set-up, an error.
#[component]
pub fn CenteredPage(
    #[prop(optional, into)] brand: Slot,
    #[prop(optional, into)] footer: Slot,
    /// For set-up pages with more than a few fields.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=if wide { "centered centered-wide" } else { "centered" }>
            {brand.0.map(|brand| view! { <header class="centered-brand">{brand}</header> })}
            <main class="centered-main" id="main" tabindex="-1">
                {children()}
            </main>
            {footer.0.map(|footer| view! { <footer class="centered-footer">{footer}</footer> })}
        </div>
    }
    .into_any()
}
