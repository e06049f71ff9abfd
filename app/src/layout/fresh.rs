//! Data that follows the server's news without the page being built again, so that what somebody types stays.

use crate::context::use_live;
use crate::error::ApiError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn;

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
    Effect::new(move |before: Option<u32>| {
        let now = live.0.get();
        if before.is_some_and(|before| before != now) {
            let ask = ask.clone();
            spawn_local(async move {
                if let Ok(newer) = ask().await {
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
