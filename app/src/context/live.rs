//! News from the server: that something changed. Pages ask again, with their own permissions.

use leptos::prelude::*;

/// Counts the news; part of the key of every resource that shows what changes by itself.
#[derive(Clone, Copy)]
pub struct Live(pub RwSignal<u32>);

pub fn provide_live() {
    let live = Live(RwSignal::new(0));
    provide_context(live);
    // Nobody who is not signed in is told any news.
    #[cfg(feature = "hydrate")]
    if super::use_viewer().user.is_some() {
        Effect::new(move |_| listen(live));
    }
}

pub fn use_live() -> Live {
    use_context::<Live>().unwrap_or_else(|| Live(RwSignal::new(0)))
}

/// The browser opens the connection again by itself when it was lost; what happened meanwhile is news then.
#[cfg(feature = "hydrate")]
fn listen(live: Live) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    let Ok(source) = web_sys::EventSource::new("/events") else { return };
    let heard = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |_| {
        live.0.try_update(|count| *count = count.wrapping_add(1));
    });
    let _ = source.add_event_listener_with_callback("changed", heard.as_ref().unchecked_ref());
    let mut connected = false;
    let opened = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |_| {
        if std::mem::replace(&mut connected, true) {
            live.0.try_update(|count| *count = count.wrapping_add(1));
        }
    });
    let _ = source.add_event_listener_with_callback("open", opened.as_ref().unchecked_ref());
    // Both live as long as the page.
    heard.forget();
    opened.forget();
}
