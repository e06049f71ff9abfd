use crate::escape::for_raw_element;
use leptos::prelude::*;
use leptos_meta::Title;

// The only file that may use leptos_meta's `<Title>`, which does not escape its text in SSR.

/// The document's title.
#[component]
pub fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    let text = for_raw_element(&text).into_owned();
    view! { <Title text=text /> }
}

/// The product's name behind every title, to tell tabs of different products apart; not behind itself.
#[component]
pub fn TitleSuffix(#[prop(into)] product: String) -> impl IntoView {
    let product = for_raw_element(&product).into_owned();
    let formatter =
        move |title: String| if title == product { title } else { [title.as_str(), product.as_str()].join(" · ") };
    view! { <Title formatter /> }
}
