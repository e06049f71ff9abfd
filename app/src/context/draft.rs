//! What was typed into a form that failed, and why it failed: from the action where the browser runs it, from the
//! server's memory where the form was posted without JavaScript. A form shows both alike.

use crate::error::ApiError;
use crate::texts::use_texts;
use domain::FieldErrors;
use leptos::ev::SubmitEvent;
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos::server::SharedValue;
use serde::{Deserialize, Serialize};
use server_fn::ServerFn;

/// A POST without JavaScript that failed, or answered something to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Path of the server function.
    pub path: String,
    pub error: Option<ApiError>,
    /// What the server function answered, shown once.
    pub answer: Option<String>,
    /// Names and values, without secrets.
    pub fields: Vec<(String, String)>,
}

#[derive(Clone)]
struct Provided(Option<Draft>);

/// Makes the draft known to all forms of the page; the browser gets it with the page.
pub fn provide_draft() {
    let shared = SharedValue::new(|| {
        #[cfg(feature = "ssr")]
        return super::request().and_then(|request| request.draft);
        #[cfg(not(feature = "ssr"))]
        return None::<Draft>;
    });
    provide_context(Provided(shared.into_inner()));
}

pub fn use_draft(path: &str) -> Option<Draft> {
    use_context::<Provided>()?.0.filter(|draft| draft.path == path)
}

/// A form's errors and what its fields start with.
#[derive(Clone)]
pub struct FormState {
    draft: Option<Draft>,
    /// Found by the browser itself, before anything was sent.
    refused: RwSignal<Option<FieldErrors>>,
    error: Signal<Option<ApiError>>,
    pub pending: Signal<bool>,
}

/// The state of the form of this action.
pub fn form_state<S>(action: ServerAction<S>) -> FormState
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    state(action, use_draft(S::PATH))
}

/// The state of one of several forms alike, each with an action of its own: the one whose field `name` has this value.
pub fn form_state_of<S>(action: ServerAction<S>, name: &str, value: &str) -> FormState
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let own = |draft: &Draft| draft.fields.iter().any(|(key, has)| key == name && has == value);
    state(action, use_draft(S::PATH).filter(own))
}

/// The state of a form that may also be sent to another server function, of this path.
pub fn form_state_or<S>(action: ServerAction<S>, other: &str) -> FormState
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    state(action, use_draft(S::PATH).or_else(|| use_draft(other)))
}

fn state<S>(action: ServerAction<S>, draft: Option<Draft>) -> FormState
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let before = draft.as_ref().and_then(|draft| draft.error.clone());
    let value = action.value();
    let refused = RwSignal::new(None::<FieldErrors>);
    let error = Signal::derive(move || match (refused.get(), value.get()) {
        (Some(fields), _) => Some(ApiError::Invalid { fields }),
        (None, Some(result)) => result.err(),
        (None, None) => before.clone(),
    });
    Effect::new(move |_| {
        if error.with(|error| error.as_ref().is_some_and(ApiError::is_about_fields)) {
            request_animation_frame(focus_first_error);
        }
    });
    FormState { draft, refused, error, pending: action.pending().into() }
}

/// Leads the reader, and the screen reader, to what must be mended first.
fn focus_first_error() {
    use wasm_bindgen::JsCast;
    let field = document().query_selector("main [aria-invalid=true]").ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}

impl FormState {
    /// For `on:submit:capture` around the form: what the server would refuse is not sent. The capture phase comes
    /// before the form's own handler.
    pub fn check<S, V, F>(&self, validate: F) -> impl Fn(SubmitEvent) + 'static + use<S, V, F>
    where
        S: FromFormData + 'static,
        V: 'static,
        F: Fn(S) -> Result<V, FieldErrors> + 'static,
    {
        let refused = self.refused;
        move |event| {
            // What cannot be read here is the server's to judge.
            let errors = S::from_event(&event).ok().and_then(|form| validate(form).err());
            if errors.is_some() {
                event.prevent_default();
                event.stop_propagation();
            }
            refused.set(errors);
        }
    }

    /// What the browser itself found, before anything was sent.
    pub fn refuse(&self, errors: Option<FieldErrors>) {
        self.refused.set(errors);
    }

    /// The sentence below this field.
    pub fn field(&self, name: &'static str) -> Signal<Option<String>> {
        let error = self.error;
        let texts = use_texts();
        Signal::derive(move || {
            let error = error.get()?;
            error.field(name).map(|invalid| texts.invalid(invalid))
        })
    }

    /// The sentence above the form, for what belongs to no field.
    pub fn general(&self) -> Signal<Option<String>> {
        let error = self.error;
        let texts = use_texts();
        Signal::derive(move || {
            let error = error.get()?;
            (!error.is_about_fields()).then(|| texts.error(&error))
        })
    }

    /// What the field starts with: what was typed before, else this.
    pub fn value(&self, name: &str, otherwise: &str) -> String {
        let typed = self.draft.as_ref().and_then(|draft| draft.fields.iter().find(|(key, _)| key == name));
        typed.map_or_else(|| otherwise.to_owned(), |(_, value)| value.clone())
    }

    /// The same for fields that show something newer than what was typed before.
    pub fn without_draft(&self) -> Self {
        Self { draft: None, ..self.clone() }
    }

    /// What is wrong with none of the fields that are shown, each by its name.
    pub fn others(&self, is_shown: impl Fn(&str) -> bool + Send + Sync + 'static) -> Signal<Option<String>> {
        let error = self.error;
        let texts = use_texts();
        Signal::derive(move || {
            let Some(ApiError::Invalid { fields }) = error.get() else { return None };
            let others = fields.0.iter().filter(|each| !is_shown(&each.field));
            let said: Vec<_> = others.map(|each| format!("{}: {}", each.field, texts.invalid(&each.error))).collect();
            (!said.is_empty()).then(|| said.join("\n"))
        })
    }

    /// What was chosen before of the boxes with this name; `None` where nothing was sent yet.
    pub fn chosen(&self, name: &str) -> Option<Vec<String>> {
        let draft = self.draft.as_ref()?;
        Some(draft.fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect())
    }

    /// What the server function answered, where no script was there to receive it.
    pub fn answer(&self) -> Option<String> {
        self.draft.as_ref().and_then(|draft| draft.answer.clone())
    }
}
