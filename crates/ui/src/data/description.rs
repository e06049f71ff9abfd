use leptos::prelude::*;

/// Properties of one thing, term beside value; under each other on a phone.
#[component]
pub fn DescriptionList(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }.into_any()
}

#[component]
pub fn DescriptionItem(#[prop(into)] term: String, children: Children) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{term}</dt>
            <dd>{children()}</dd>
        </div>
    }
    .into_any()
}
