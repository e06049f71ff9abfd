//! Sends a request for the service to the console and reads what is heard, as it comes. Runs in the browser only.

use crate::error::ApiError;
use crate::paths;
use domain::debugging::{DebugDraft, Heard};
use domain::id::ServiceId;
use js_sys::{Reflect, Uint8Array};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStreamDefaultReader, RequestInit, Response};

/// At most one request under way, which ends with the page, or when it is stopped.
#[derive(Clone, Copy)]
pub struct Exchange {
    pub running: RwSignal<bool>,
    /// Not in a storage of its thread: the server drops pages on another than it made them on.
    current: StoredValue<Option<SendWrapper<AbortController>>>,
}

impl Exchange {
    pub fn new() -> Self {
        let exchange = Self { running: RwSignal::new(false), current: StoredValue::new(None) };
        // Effects run in the browser only.
        Effect::new(move |_| on_cleanup(move || exchange.stop()));
        exchange
    }

    pub fn stop(self) {
        if let Some(Some(controller)) = self.current.try_update_value(Option::take) {
            controller.abort();
        }
    }

    /// Returns when nothing more comes. What came together is heard together. `Ok(false)`: it was stopped.
    pub async fn send(
        self,
        id: &ServiceId,
        draft: &DebugDraft,
        hear: impl FnMut(Vec<Heard>),
    ) -> Result<bool, ApiError> {
        self.stop();
        let Ok(controller) = AbortController::new() else { return Err(ApiError::Unreachable) };
        self.current.try_set_value(Some(SendWrapper::new(controller.clone())));
        let _ = self.running.try_set(true);
        let read = read(&paths::debug(id), draft, &controller, hear).await;
        let is_stopped = controller.signal().aborted();
        if !is_stopped {
            self.current.try_set_value(None);
        }
        let _ = self.running.try_set(false);
        if is_stopped { Ok(false) } else { read.map(|()| true) }
    }
}

async fn read(
    path: &str,
    draft: &DebugDraft,
    controller: &AbortController,
    mut hear: impl FnMut(Vec<Heard>),
) -> Result<(), ApiError> {
    let broken = |_: JsValue| ApiError::Unreachable;
    let headers = Headers::new().map_err(broken)?;
    headers.set("content-type", "application/json").map_err(broken)?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_signal(Some(&controller.signal()));
    init.set_body(&serde_json::to_string(draft).unwrap_or_default().into());
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &init)).await.map_err(broken)?;
    let answer: Response = answer.unchecked_into();
    if !answer.ok() {
        let text = JsFuture::from(answer.text().map_err(broken)?).await.map_err(broken)?;
        let text = text.as_string().unwrap_or_default();
        return Err(serde_json::from_str(&text).unwrap_or(ApiError::Unreachable));
    }
    let reader = answer.body().ok_or(ApiError::Unreachable)?.get_reader();
    let reader: ReadableStreamDefaultReader = reader.unchecked_into();
    let mut rest = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(broken)?;
        if Reflect::get(&part, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(());
        }
        let bytes = Reflect::get(&part, &"value".into()).map_err(broken)?;
        rest.extend_from_slice(&bytes.unchecked_into::<Uint8Array>().to_vec());
        let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
        let whole: Vec<u8> = rest.drain(..=end).collect();
        let lines = whole.split(|byte| *byte == b'\n');
        hear(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect());
    }
}
