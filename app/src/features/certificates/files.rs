//! Sending a form with files in it. Without a script the browser sends it as `multipart/form-data`, and the server makes
//! text of each file; with one that is done here, so that the form stays and says what is wrong.

use crate::context::FormState;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use server_fn::ServerFn;

pub(super) const FILES: &str = "files[]";

/// For `on:submit:capture` around the form, whose own handler could not read files.
#[cfg(feature = "hydrate")]
pub(super) fn send<S>(action: ServerAction<S>, form: FormState) -> impl Fn(SubmitEvent) + 'static
where
    S: ServerFn + DeserializeOwned + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
{
    use domain::certificate::{CertificateDefect, MAX_UPLOAD};
    use domain::error::{FieldErrors, Invalid};
    use leptos::form::{FromFormData, form_data_from_event};
    use leptos::task::spawn_local;
    use wasm_bindgen::JsCast;
    move |event| {
        let Ok(data) = form_data_from_event(&event) else { return };
        event.prevent_default();
        event.stop_propagation();
        // Where nothing was chosen there is one without a name.
        let chosen = data.get_all(FILES).into_iter().filter_map(|file| file.dyn_into::<web_sys::File>().ok());
        let chosen: Vec<web_sys::File> = chosen.filter(|file| !file.name().is_empty()).collect();
        data.delete(FILES);
        if chosen.iter().map(|file| file.size()).sum::<f64>() > MAX_UPLOAD as f64 {
            let defect = CertificateDefect::TooLarge { max: MAX_UPLOAD };
            form.refuse(Some(FieldErrors::one("files", Invalid::Certificate { defect })));
            return;
        }
        form.refuse(None);
        spawn_local(async move {
            for file in chosen {
                // One that vanished meanwhile is not read, and then it is not what it should be.
                let text = ui::file_base64(&file).await.unwrap_or_default();
                let _ = data.append_with_str(FILES, &text);
            }
            if let Ok(typed) = S::from_form_data(&data) {
                action.dispatch(typed);
            }
        });
    }
}

/// On the server nothing is ever sent.
#[cfg(not(feature = "hydrate"))]
pub(super) fn send<S>(_: ServerAction<S>, _: FormState) -> impl Fn(SubmitEvent) + 'static
where
    S: ServerFn + DeserializeOwned + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
{
    |_| {}
}
