use crate::{Icon, IconName};
use leptos::prelude::*;

/// What is wrong with the form as a whole; announced when it appears. The alert region is always there, since a
/// screen reader only reads changes of regions it already knows.
#[component]
pub fn FormError(#[prop(into)] message: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div class="form-error" role="alert">
            {move || {
                message
                    .get()
                    .map(|text| {
                        view! {
                            <div class="callout callout-bad">
                                <Icon name=IconName::Error />
                                <div class="callout-body">{text}</div>
                            </div>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}
