//! The request builder. With a script the answer streams onto the page; without, the form is posted and the page shows
//! the whole answer.

mod fields;

use super::api::DebugService;
use super::history::{self, Past};
use super::result::Outcome;
use super::stream::Exchange;
use crate::context::form_state;
use crate::layout::Fresh;
use crate::texts::use_texts;
use domain::debugging::{Answer, DebugDraft, Heard};
use domain::view::ServiceDetail;
use fields::Fields;
use leptos::ev::SubmitEvent;
use leptos::form::{ActionForm, FromFormData};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ui::{Badge, Button, ButtonKind, FormActions, FormError, Hidden, IconName, Section};

#[component]
pub(super) fn Builder(service: Fresh<ServiceDetail>) -> impl IntoView {
    let action = ServerAction::<DebugService>::new();
    let form = form_state(action);
    let id = service.with_untracked(|service| service.summary.id.clone());
    let whole: Option<Answer> = form.answer().and_then(|text| serde_json::from_str(&text).ok());
    let (answer, problem) = (RwSignal::new(whole), RwSignal::new(None::<String>));
    let exchange = Exchange::new();
    let past = RwSignal::new(Vec::<Past>::new());
    let chosen = RwSignal::new(None::<DebugDraft>);
    let general = form.general();
    let error = Signal::derive(move || problem.get().or_else(|| general.get()));
    let (texts, of, refuse) = (use_texts(), id.clone(), form.clone());
    // Before the form's own handler, which would post it.
    let send = move |event: SubmitEvent| {
        let Ok(DebugService { id, draft }) = DebugService::from_event(&event) else { return };
        event.prevent_default();
        event.stop_propagation();
        problem.set(None);
        refuse.refuse(draft.validate().err());
        if draft.validate().is_err() {
            return;
        }
        answer.set(Some(Answer::default()));
        spawn_local(async move {
            let hear = |all: Vec<Heard>| {
                let _ = answer
                    .try_update(|answer| all.into_iter().for_each(|each| answer.get_or_insert_default().hear(each)));
            };
            match exchange.send(&id, &draft, hear).await {
                Ok(_) => {
                    let Some(Some(answer)) = answer.try_get_untracked() else { return };
                    let ms = answer.end_us.or(answer.head_us).unwrap_or_default() / 1000;
                    let _ = past.try_set(history::add(&id, &draft, answer.status, ms));
                }
                Err(error) => {
                    let _ = problem.try_set(Some(texts.error(&error)));
                    let _ = answer.try_set(None);
                }
            }
        });
    };
    Effect::new({
        let id = id.clone();
        move |_| past.set(history::read(&id))
    });
    let hidden = Signal::stored(id.to_string());
    let fields = move || view! { <Fields service form=form.clone() chosen=chosen.get() /> };
    let running = exchange.running;
    let stop = move || {
        running.get().then(|| {
            view! {
                <div on:click=move |_| exchange.stop()>
                    <Button label=tr!(debugging.stop) button_type="button" icon=IconName::Close />
                </div>
            }
        })
    };
    view! {
        <div on:submit:capture=send>
            <ActionForm action>
                <div class="stack">
                    <FormError message=error />
                    <Hidden name="id" value=hidden />
                    {fields}
                    <FormActions>
                        <Button label=tr!(debugging.send) kind=ButtonKind::Primary pending=running />
                        {stop}
                    </FormActions>
                </div>
            </ActionForm>
        </div>
        <Outcome service answer running />
        {move || past_requests(past, chosen, of.clone())}
    }
    .into_any()
}

/// Each fills the form again.
fn past_requests(
    past: RwSignal<Vec<Past>>,
    chosen: RwSignal<Option<DebugDraft>>,
    id: domain::id::ServiceId,
) -> Option<AnyView> {
    let line = move |past: Past| {
        let text = format!("{} {}", past.draft.method, if past.draft.path.is_empty() { "/" } else { &past.draft.path });
        let status =
            past.status.map(|status| view! { <Badge tone=super::words::tone(status) label=status.to_string() /> });
        let ms = format!("{} ms", past.ms);
        view! {
            <li>
                <button type="button" class="label-chip" on:click=move |_| chosen.set(Some(past.draft.clone()))>
                    {text}
                </button>
                " "
                {status}
                " "
                <span class="muted">{ms}</span>
            </li>
        }
        .into_any()
    };
    let all = past.get();
    (!all.is_empty()).then(|| {
        let forget = move |_| {
            history::clear(&id);
            past.set(Vec::new());
        };
        view! {
            <Section title=tr!(debugging.history) description=tr!(debugging.history_hint)>
                <ul class="past">{all.into_iter().map(line).collect::<Vec<_>>()}</ul>
                <div on:click=forget>
                    <Button label=tr!(debugging.forget) button_type="button" icon=IconName::Trash />
                </div>
            </Section>
        }
        .into_any()
    })
}
