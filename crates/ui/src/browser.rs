//! What needs a browser. Only called from event handlers and effects, so rendering stays the same on both sides.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::{Date, Object, Reflect, Uint8Array};
use leptos::{ev, html, prelude::*};
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlDocument, HtmlTextAreaElement, Node};

/// Copies and lights `copied` for two seconds.
pub(crate) fn copy(text: String, copied: RwSignal<bool>) {
    spawn_local(async move {
        if write_clipboard(&text).await {
            let _ = copied.try_set(true);
            let clear = move || {
                let _ = copied.try_set(false);
            };
            set_timeout(clear, Duration::from_secs(2));
        }
    });
}

async fn write_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    // Absent on plain HTTP from another host, which is how a console in a private network is often reached.
    let present = Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| !c.is_undefined() && !c.is_null());
    if present && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok() {
        return true;
    }
    copy_selection(text).unwrap_or(false)
}

/// The older way: select the text in a field and ask the document to copy.
fn copy_selection(text: &str) -> Result<bool, JsValue> {
    let document = document();
    let area: HtmlTextAreaElement = document.create_element("textarea")?.dyn_into().map_err(JsValue::from)?;
    area.set_value(text);
    area.set_class_name("sr-only");
    let focused = document.active_element();
    let Some(body) = document.body() else { return Ok(false) };
    body.append_child(&area)?;
    area.select();
    let done = document.unchecked_into::<HtmlDocument>().exec_command("copy");
    area.remove();
    if let Some(element) = focused.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
    done
}

/// What a chosen file holds, in base64; `None` where it cannot be read any more.
pub async fn file_base64(file: &web_sys::Blob) -> Option<String> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(STANDARD.encode(Uint8Array::new(&buffer).to_vec()))
}

/// Closes a `<details>` on Escape (focus goes back to its summary), on a click elsewhere and after a choice.
pub(crate) fn close_on_leave(details: NodeRef<html::Details>) {
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            let Some(element) = details.get_untracked().filter(|d| d.open()) else { return };
            if event.key() == "Escape" {
                element.set_open(false);
                if let Ok(Some(summary)) = element.query_selector("summary")
                    && let Some(summary) = summary.dyn_ref::<web_sys::HtmlElement>()
                {
                    let _ = summary.focus();
                }
            }
        });
        let clicks = window_event_listener(ev::click, move |event| {
            let Some(element) = details.get_untracked().filter(|d| d.open()) else { return };
            let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let inside = element.contains(target.as_ref().map(AsRef::<Node>::as_ref));
            let chosen = target.is_some_and(|t| t.closest(".menu-item").ok().flatten().is_some());
            if !inside || chosen {
                element.set_open(false);
            }
        });
        on_cleanup(move || {
            keys.remove();
            clicks.remove();
        });
    });
}

/// Closes the phone navigation once one of its links was followed; the router does not reload the page.
pub(crate) fn close_popover_after_link(event: &ev::MouseEvent) {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    if target.closest("a").ok().flatten().is_some()
        && let Ok(Some(popover)) = target.closest("[popover]")
        && let Some(popover) = popover.dyn_ref::<web_sys::HtmlElement>()
    {
        // Fails when it is not open, which is the normal case on a wide screen.
        let _ = popover.hide_popover();
    }
}

/// `iso` in the reader's zone and the page's language; `None` when it is not a date.
pub(crate) fn local_time(iso: &str) -> Option<String> {
    let date = Date::new(&iso.into());
    if date.get_time().is_nan() {
        return None;
    }
    let options = Object::new();
    for (key, value) in [
        ("year", "numeric"),
        ("month", "short"),
        ("day", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
        ("hourCycle", "h23"),
        ("timeZoneName", "short"),
    ] {
        Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    let language = document().document_element().and_then(|e| e.get_attribute("lang")).unwrap_or_default();
    let language = if language.is_empty() { "en" } else { &language };
    date.to_locale_string(language, &options).as_string()
}
