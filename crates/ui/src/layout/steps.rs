use crate::{Icon, IconName, MaybeText, href};
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepState {
    Done,
    Current,
    /// Filled in, but not right.
    Failed,
    #[default]
    Upcoming,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepItem {
    pub label: String,
    /// Set where the step may be visited.
    pub href: Option<String>,
    pub state: StepState,
    /// The state in words, for those who do not see the drawing.
    pub state_text: Option<String>,
}

impl StepItem {
    pub fn new(label: impl Into<String>, state: StepState) -> Self {
        Self { label: label.into(), state, ..Self::default() }
    }
}

/// The rail of a wizard; lies flat above the form on a phone.
#[component]
pub fn Steps(#[prop(optional, into)] label: MaybeText, items: Vec<StepItem>) -> impl IntoView {
    let items = items.into_iter().enumerate().map(|(index, item)| step(index + 1, item)).collect_view();
    view! {
        <nav class="steps" aria-label=label.0>
            <ol>{items}</ol>
        </nav>
    }
    .into_any()
}

fn step(number: usize, item: StepItem) -> AnyView {
    let class = match item.state {
        StepState::Done => "step step-done",
        StepState::Current => "step step-current",
        StepState::Failed => "step step-failed",
        StepState::Upcoming => "step step-upcoming",
    };
    let mark = match item.state {
        StepState::Done => view! { <Icon name=IconName::Check class="icon icon-small" /> }.into_any(),
        StepState::Failed => view! { <Icon name=IconName::Close class="icon icon-small" /> }.into_any(),
        StepState::Current | StepState::Upcoming => number.into_any(),
    };
    let body = view! {
        <span class="step-mark" aria-hidden="true">
            {mark}
        </span>
        <span class="step-label">{item.label}</span>
        {item.state_text.map(|text| view! { <span class="sr-only">{text}</span> })}
    };
    let current = (item.state == StepState::Current).then_some("step");
    let body = match item.href {
        Some(to) => view! {
            <a class="step-body" href=href::safe(to) aria-current=current>
                {body}
            </a>
        }
        .into_any(),
        None => view! {
            <span class="step-body" aria-current=current>
                {body}
            </span>
        }
        .into_any(),
    };
    view! { <li class=class>{body}</li> }.into_any()
}
