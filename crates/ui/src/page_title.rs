use crate::escape::for_raw_element;
use leptos::prelude::*;
use leptos_meta::Title;

/// Document title. The only place that may use leptos_meta's `<Title>`, which does not escape its text in SSR.
/// A title formatter set elsewhere must not add markup characters of its own.
#[component]
pub fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    let text = for_raw_element(&text).into_owned();
    view! { <Title text=text /> }
}
