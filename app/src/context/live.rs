//! News from the server: that something changed. Pages ask again, with their own permissions.

use leptos::prelude::*;

/// Counts the news; part of the key of every resource that shows what changes by itself.
#[derive(Clone, Copy)]
pub struct Live(pub RwSignal<u32>, StoredValue<u32>);

impl Live {
    fn new() -> Self {
        Self(RwSignal::new(0), StoredValue::new(0))
    }

    /// How many there were when the reader came to this page: before anything of it was asked for.
    pub fn at_arrival(&self) -> u32 {
        self.1.get_value()
    }

    /// Each path is a page that the reader comes to.
    pub fn follow(self, path: Memo<String>) {
        Effect::new(move |_| {
            path.track();
            self.1.set_value(self.0.get_untracked());
        });
    }
}

pub fn provide_live() {
    let live = Live::new();
    provide_context(live);
    // Nobody who is not signed in is told any news.
    #[cfg(feature = "hydrate")]
    if super::use_viewer().user.is_some() {
        Effect::new(move |_| listen(live, std::time::Duration::from_secs(1)));
    }
}

pub fn use_live() -> Live {
    use_context::<Live>().unwrap_or_else(Live::new)
}

/// The browser opens a connection that was lost again by itself, but not one that was answered with an error, as by a
/// proxy while the console starts: that is done here, ever more slowly. What happened meanwhile is news then, and so is
/// what happened since the page was rendered.
#[cfg(feature = "hydrate")]
fn listen(live: Live, wait: std::time::Duration) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(60);
    let Ok(source) = web_sys::EventSource::new("/events") else { return };
    let news = move || {
        live.0.try_update(|count| *count = count.wrapping_add(1));
    };
    let heard = Closure::<dyn FnMut()>::new(news);
    let opened = Closure::<dyn FnMut()>::new(news);
    let asked = source.clone();
    let failed = Closure::<dyn FnMut()>::new(move || {
        if asked.ready_state() == web_sys::EventSource::CLOSED {
            set_timeout(move || listen(live, (wait * 2).min(LONGEST)), wait);
        }
    });
    for (name, closure) in [("changed", heard), ("open", opened), ("error", failed)] {
        let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        // Lives as long as the page.
        closure.forget();
    }
}
