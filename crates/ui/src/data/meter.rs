use leptos::prelude::*;

/// How much of something is in use, against where it becomes too much. The `words` say what the bar shows; its colour
/// says nothing that they do not.
///
/// `low` and `high` divide the bar into fine, raised and high; it is full at `max`.
#[component]
pub fn Meter(
    #[prop(into)] label: String,
    value: u64,
    low: u64,
    high: u64,
    max: u64,
    #[prop(into)] words: String,
) -> impl IntoView {
    view! {
        <div class="meter">
            <meter
                class="meter-bar"
                aria-label=label
                min="0"
                max=max.to_string()
                low=low.to_string()
                high=high.to_string()
                optimum="0"
                value=value.min(max).to_string()
            ></meter>
            <div class="meter-words">{words}</div>
        </div>
    }
    .into_any()
}
