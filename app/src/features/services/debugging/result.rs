//! An answer as it comes.

use super::words::{failure, is_not_allowed, ms, tone};
use crate::layout::Fresh;
use crate::paths;
use domain::debugging::Answer;
use domain::view::ServiceDetail;
use leptos::prelude::*;
use ui::{Badge, Callout, Section, Stat, StatGrid, TextLink, Tone};

#[component]
pub(super) fn Outcome(
    service: Fresh<ServiceDetail>,
    answer: RwSignal<Option<Answer>>,
    running: RwSignal<bool>,
) -> impl IntoView {
    let is_there = Memo::new(move |_| answer.with(Option::is_some));
    move || {
        is_there.get().then(|| {
            view! {
                <Section title=tr!(debugging.answer)>
                    <div class="stack">
                        <State service answer running /> <Times answer /> <Headers answer /> <Body answer />
                    </div>
                </Section>
            }
        })
    }
}

/// What a part of the page needs to know of the answer, anew only where that changes.
fn part<T>(answer: RwSignal<Option<Answer>>, read: impl Fn(&Answer) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: Default + PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| answer.with(|answer| answer.as_ref().map(&read).unwrap_or_default()))
}

#[component]
fn State(service: Fresh<ServiceDetail>, answer: RwSignal<Option<Answer>>, running: RwSignal<bool>) -> impl IntoView {
    let head = part(answer, |answer| (answer.status, answer.url.clone()));
    let failed = part(answer, |answer| answer.failed);
    let refused = part(answer, |answer| is_not_allowed(answer).then(|| answer.from.clone()));
    let gateway = service.with_untracked(|service| service.summary.gateway_id.clone());
    let line = move || {
        let (status, url) = head.get();
        let badge = status.map(|status| view! { <Badge tone=tone(status) label=status.to_string() /> });
        let busy = running.get().then(|| view! { " " {tr!(debugging.under_way)} });
        view! {
            <p role="status">{badge} " " <code class="wrap">{url}</code> {busy}</p>
        }
    };
    let why = move || failed.get().map(|why| view! { <Callout tone=Tone::Bad>{failure(why)}</Callout> });
    let not_allowed = move || {
        refused.get().map(|from| {
            let href = paths::whitelist(&gateway, None);
            view! {
                <Callout tone=Tone::Warn>
                    {tr!(debugging.source, address = from)} " "
                    <TextLink href>{tr!(calling.edit_whitelist)}</TextLink>
                </Callout>
            }
        })
    };
    view! {
        {line}
        {why}
        {not_allowed}
    }
    .into_any()
}

#[component]
fn Times(answer: RwSignal<Option<Answer>>) -> impl IntoView {
    let time = move |read: fn(&Answer) -> Option<u64>| {
        let at = part(answer, read);
        view! { {move || at.get().map_or_else(|| "–".to_owned(), ms)} }.into_any()
    };
    let size = part(answer, |answer| answer.bytes);
    let size = view! { {move || tr!(debugging.bytes, bytes = size.get())} }.into_any();
    view! {
        <StatGrid>
            <Stat label=tr!(debugging.connected) value=time(|answer| answer.connected_us) />
            <Stat label=tr!(debugging.first_byte) value=time(|answer| answer.head_us) />
            <Stat label=tr!(debugging.total) value=time(|answer| answer.end_us) />
            <Stat label=tr!(debugging.size) value=size />
        </StatGrid>
    }
    .into_any()
}

#[component]
fn Headers(answer: RwSignal<Option<Answer>>) -> impl IntoView {
    let headers = part(answer, |answer| answer.headers.clone());
    let text = move || {
        let lines = |(name, value): &(String, String)| format!("{name}: {value}\n");
        headers.with(|headers| headers.iter().map(lines).collect::<String>())
    };
    view! {
        <details class="disclose">
            <summary>{tr!(debugging.answer_headers)}</summary>
            <div class="code">
                <pre class="code-text">
                    <code>{text}</code>
                </pre>
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn Body(answer: RwSignal<Option<Answer>>) -> impl IntoView {
    let text = part(answer, |answer| answer.text.clone());
    let binary = part(answer, |answer| (answer.binary_bytes, answer.hex.clone()));
    let cut = part(answer, |answer| answer.cut);
    let hex = move || {
        let (bytes, hex) = binary.get();
        (bytes > 0).then(
            || view! { <p class="muted">{tr!(debugging.binary, bytes = bytes)}</p> <code class="wrap">{hex}</code> },
        )
    };
    view! {
        <div class="code debug-body" role="region" aria-label=tr!(debugging.answer_body) tabindex="0">
            <pre class="code-text">
                <code>{move || text.get()}</code>
            </pre>
        </div>
        {hex}
        {move || cut.get().then(|| view! { <p class="muted">{tr!(debugging.cut)}</p> })}
    }
    .into_any()
}
