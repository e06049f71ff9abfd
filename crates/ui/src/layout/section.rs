use crate::{MaybeText, Slot};
use leptos::prelude::*;

/// A framed panel. Use it for things that stand beside each other; in a running page prefer [`Section`].
#[component]
pub fn Card(
    #[prop(optional, into)] title: MaybeText,
    #[prop(optional, into)] actions: Slot,
    /// Let the content reach the frame, as a table does.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    let head = (title.0.is_some() || actions.0.is_some()).then(|| {
        view! {
            <div class="card-head">
                {title.0.map(|title| view! { <h2 class="card-title">{title}</h2> })}
                {actions.0.map(|actions| view! { <div class="card-actions">{actions}</div> })}
            </div>
        }
    });
    view! {
        <section class="card">
            {head} <div class=if flush { "card-flush" } else { "card-body" }>{children()}</div>
        </section>
    }
    .into_any()
}

/// A part of a page under its own heading, set off by space and a line.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    #[prop(optional, into)] description: Slot,
    #[prop(optional, into)] actions: Slot,
    /// For links to this part.
    #[prop(optional, into)]
    id: MaybeText,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" id=id.0>
            <div class="section-head">
                <div class="section-text">
                    <h2 class="section-title">{title}</h2>
                    {description.0.map(|text| view! { <div class="section-description">{text}</div> })}
                </div>
                {actions.0.map(|actions| view! { <div class="section-actions">{actions}</div> })}
            </div>
            {children()}
        </section>
    }
    .into_any()
}

#[component]
pub fn Divider() -> impl IntoView {
    view! { <hr class="divider" /> }
}
