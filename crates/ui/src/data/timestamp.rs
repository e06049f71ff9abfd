use crate::MaybeText;
use leptos::prelude::*;

/// A moment. The server writes `utc_text`; after hydration the reader's own zone takes its place and the UTC text
/// moves to the tooltip. An effect does that, so hydration sees what the server wrote.
#[component]
pub fn TimeStamp(
    /// RFC 3339, for machines and for the browser's conversion.
    #[prop(into)]
    iso: String,
    #[prop(into)] utc_text: String,
    #[prop(optional, into)] prefix: MaybeText,
) -> impl IntoView {
    let local = RwSignal::new(None::<String>);
    #[cfg(feature = "hydrate")]
    {
        let iso = iso.clone();
        Effect::new(move |_| local.set(crate::browser::local_time(&iso)));
    }
    let shown = {
        let utc_text = utc_text.clone();
        move || local.get().unwrap_or_else(|| utc_text.clone())
    };
    view! {
        <span class="when">
            {prefix.0.map(|prefix| view! { <span class="when-prefix">{prefix}</span> })}
            <time datetime=iso title=utc_text>
                {shown}
            </time>
        </span>
    }
    .into_any()
}
