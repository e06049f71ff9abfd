//! Data that follows the server's news without the page being built again, so that what somebody types stays.

use crate::context::use_live;
use crate::error::ApiError;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// What was read first, and a signal that later answers go into.
pub type Fresh<T> = RwSignal<T>;

/// Asks again at every news. An answer that fails leaves what is shown; the page says nothing wrong by it.
pub fn fresh<T, F>(first: T, ask: impl Fn() -> F + Clone + Send + Sync + 'static) -> Fresh<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let data = RwSignal::new(first);
    let live = use_live();
    // What came while the first answer was under way is not in it.
    let arrival = live.at_arrival();
    let answered = StoredValue::new(arrival);
    Effect::new(move |before: Option<u32>| {
        let now = live.0.get();
        if before.unwrap_or(arrival) != now {
            let ask = ask.clone();
            spawn_local(async move {
                if let Ok(newer) = ask().await {
                    // Answers may overtake each other.
                    if answered.try_update_value(|last| std::mem::replace(last, now.max(*last)) > now) != Some(false) {
                        return;
                    }
                    let _ = data.try_update(|data| {
                        if *data != newer {
                            *data = newer;
                        }
                    });
                }
            });
        }
        now
    });
    data
}

/// Loads the page that the action leads to: what was rendered before was for somebody else.
pub fn load_after<S>(action: ServerAction<S>)
where
    S: ServerFn<Output = String, Error = ApiError> + Clone + Send + Sync + 'static,
{
    Effect::new(move |_| {
        if let Some(Ok(path)) = action.value().get() {
            let _ = window().location().set_href(&path);
        }
    });
}

/// The revision that a form's values were read from. News do not move it, since the form still shows what it showed;
/// one's own answers do: from then on the reader knows how things are.
pub fn seen_revision(newest: Signal<i64>, own: Signal<usize>) -> Signal<String> {
    let seen = Memo::new(move |before: Option<&(usize, i64, bool)>| {
        let (answers, revision) = (own.get(), newest.get());
        match before.copied() {
            None => (answers, revision, false),
            Some((then, _, _)) if then != answers => (answers, revision, true),
            Some((_, shown, true)) if shown != revision => (answers, revision, false),
            Some(unchanged) => unchanged,
        }
    });
    Signal::derive(move || seen.with(|(_, revision, _)| revision.to_string()))
}

/// Figures that move all the time are no news; a page about them looks again by itself.
pub fn look_every(pause: Duration) {
    let live = use_live();
    Effect::new(move |_| {
        let look = move || live.0.update(|count| *count = count.wrapping_add(1));
        if let Ok(clock) = set_interval_with_handle(look, pause) {
            on_cleanup(move || clock.clear());
        }
    });
}

/// One's own changes are news at once.
pub fn bump_after<S>(action: ServerAction<S>)
where
    S: ServerFn + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
{
    let live = use_live();
    let version = action.version();
    Effect::new(move |before: Option<usize>| {
        let now = version.get();
        if before.is_some_and(|before| before != now) {
            live.0.update(|count| *count = count.wrapping_add(1));
        }
        now
    });
}

/// Empties the form after each success, for the next entry; a failure leaves what was typed.
pub fn empty_after<S>(action: ServerAction<S>, around: NodeRef<html::Div>)
where
    S: ServerFn<Output = (), Error = ApiError> + Clone + Send + Sync + 'static,
{
    Effect::new(move |_| {
        if !matches!(action.value().get(), Some(Ok(()))) {
            return;
        }
        let form = around.get_untracked().and_then(|around| around.query_selector("form").ok().flatten());
        if let Some(form) = form {
            form.unchecked_into::<web_sys::HtmlFormElement>().reset();
        }
    });
}
