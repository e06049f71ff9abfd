//! A conversation with a model that speaks OpenAI's API. It needs a script: what it shows is the answer's pace.

use super::reply::{Reply, Turn};
use super::stream::Exchange;
use super::talk::{Problem, Talk, ask};
use super::words::{failure, ms};
use crate::layout::Fresh;
use crate::texts::use_texts;
use domain::view::ServiceDetail;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::{Button, ButtonKind, Callout, FormActions, IconName, Section, TextArea, TextField, Tone};

#[component]
pub(super) fn Chat(service: Fresh<ServiceDetail>) -> impl IntoView {
    let talk = Talk {
        turns: RwSignal::new(Vec::new()),
        reply: RwSignal::new(Reply::default()),
        first_us: RwSignal::new(None),
        took_ms: RwSignal::new(0.0),
        problem: RwSignal::new(None),
        exchange: Exchange::new(),
        texts: use_texts(),
    };
    let (model, text) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let running = talk.exchange.running;
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let said = text.get_untracked().trim().to_owned();
        if said.is_empty() || running.get_untracked() {
            return;
        }
        if let Some(form) =
            event.target().and_then(|form| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlFormElement>(form).ok())
        {
            form.reset();
        }
        text.set(String::new());
        let (id, token) = service.with_untracked(|service| {
            let valid = service.invocation.tokens.iter().find(|token| !token.expired);
            (service.summary.id.clone(), valid.map(|token| token.id.to_string()).unwrap_or_default())
        });
        spawn_local(ask(talk, id, token, model.get_untracked(), said));
    };
    let problem = move || {
        talk.problem.get().map(|problem| {
            let text = match problem {
                Problem::Said(text) => text,
                Problem::Failed(why) => failure(why),
            };
            view! { <Callout tone=Tone::Bad>{text}</Callout> }
        })
    };
    let stop = move || {
        running.get().then(|| {
            view! {
                <div on:click=move |_| talk.exchange.stop()>
                    <Button label=tr!(debugging.stop) button_type="button" icon=IconName::Close />
                </div>
            }
        })
    };
    view! {
        <p class="no-js-only muted">{tr!(chat.needs_script)}</p>
        <div class="js-only">
            <Section title=tr!(debugging.chat) description=tr!(chat.hint)>
                <div class="stack">
                    <ol class="chat" aria-live="polite">
                        {move || talk.turns.get().into_iter().map(turn).collect::<Vec<_>>()}
                        {move || {
                            running.get().then(|| turn(Turn { role: "assistant", content: talk.reply.with(|reply| reply.text.clone()) }))
                        }}
                    </ol>
                    {move || pace(talk)}
                    {problem}
                    <form on:submit=send>
                        <div class="stack">
                            <div on:input=move |event| model.set(event_target_value(&event))>
                                <TextField name="model" label=tr!(chat.model) hint=tr!(chat.model_hint) mono=true />
                            </div>
                            <div on:input=move |event| text.set(event_target_value(&event))>
                                <TextArea name="message" label=tr!(chat.message) rows=3 required=true />
                            </div>
                            <FormActions>
                                <Button label=tr!(debugging.send) kind=ButtonKind::Primary pending=running />
                                {stop}
                            </FormActions>
                        </div>
                    </form>
                </div>
            </Section>
        </div>
    }
    .into_any()
}

fn turn(turn: Turn) -> AnyView {
    let who = if turn.role == "user" { tr!(chat.you) } else { tr!(chat.model) };
    view! {
        <li class="chat-turn" data-role=turn.role>
            <span class="muted">{who}</span>
            <div class="chat-text">{turn.content}</div>
        </li>
    }
    .into_any()
}

fn pace(talk: Talk) -> Option<AnyView> {
    let (first, tokens) = (talk.first_us.get()?, talk.reply.with(|reply| reply.tokens));
    let seconds = talk.took_ms.get() / 1000.0;
    // Of the first word nobody knows how long it took to be written.
    let rate = (tokens > 1 && seconds > 0.0).then(|| format!("{:.1}", (tokens - 1) as f64 / seconds));
    let rate = rate.unwrap_or_else(|| "–".into());
    Some(view! { <p class="muted">{tr!(chat.pace, first = ms(first), tokens = tokens, rate = rate)}</p> }.into_any())
}
