//! Fields and JSON that show the same while either is edited: the server reads both, and says what comes of it.

use super::super::api::{PreviewService, preview_service};
use crate::error::ApiError;
use domain::FieldErrors;
use domain::service::form::Form;
use domain::view::Preview;
use leptos::ev::Event;
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

#[derive(Clone, Copy)]
pub(super) struct Sync {
    pub preview: RwSignal<Preview>,
    /// What fields and JSON showed at last.
    pub base: RwSignal<String>,
    /// What the JSON's area holds.
    pub document: RwSignal<String>,
    /// What the fields are built with, and whether the JSON said so; what was typed before counts no more then.
    pub shown: RwSignal<(bool, Form)>,
    /// What keeps both from being read.
    pub unread: RwSignal<Option<FieldErrors>>,
    asked: StoredValue<u32>,
}

impl Sync {
    pub fn new(preview: Preview, base: String, document: String) -> Self {
        Self {
            shown: RwSignal::new((false, preview.form.clone())),
            base: RwSignal::new(base),
            document: RwSignal::new(document),
            preview: RwSignal::new(preview),
            unread: RwSignal::new(None),
            asked: StoredValue::new(0),
        }
    }

    /// For `on:change` around the form.
    pub fn changed(self, event: &Event) {
        let Some((PreviewService { id, draft, document, base }, in_json)) = sent(event) else { return };
        let mine = self.asked.try_update_value(|asked| {
            *asked += 1;
            *asked
        });
        let secrets = draft.as_ref().map(|form| (form.token.clone(), form.registry_password.clone()));
        spawn_local(async move {
            let answer = preview_service(id, draft, document.clone(), base).await;
            // Only the newest question counts; and somebody who writes JSON meanwhile is not interrupted.
            if self.asked.try_get_value() != mine {
                return;
            }
            match answer {
                Ok(preview) => {
                    if in_json {
                        // Answers have none: these fields alone know what was typed into them.
                        let (token, registry_password) = secrets.unwrap_or_default();
                        self.show(Form { token, registry_password, ..preview.form.clone() });
                    }
                    if self.document.try_get_untracked().is_some_and(|now| now == document) {
                        let _ = self.base.try_set(preview.document.clone());
                        let _ = self.document.try_set(preview.document.clone());
                    }
                    let _ = self.unread.try_set(None);
                    let _ = self.preview.try_set(preview);
                }
                Err(ApiError::Invalid { fields }) => {
                    let _ = self.unread.try_set(Some(fields));
                }
                // The form says so when it is sent.
                Err(_) => {}
            }
        });
    }
}

/// The fields were built anew below somebody who had gone on to one of them.
fn back_to(focused: Option<String>) {
    let Some(id) = focused.filter(|id| !id.is_empty()) else { return };
    request_animation_frame(move || {
        let field = document().get_element_by_id(&id).and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(field) = field {
            let _ = field.focus();
        }
    });
}

impl Sync {
    /// Fields that say the same are left alone.
    fn show(self, form: Form) {
        if self.shown.try_with_untracked(|(_, shown)| *shown != form).unwrap_or_default() {
            let focused = document().active_element().map(|field| field.id());
            let _ = self.shown.try_set((true, form));
            back_to(focused);
        }
    }
}

/// All of the form as it is, and whether it is its JSON that was edited.
fn sent(event: &Event) -> Option<(PreviewService, bool)> {
    let field: web_sys::Element = event.target()?.dyn_into().ok()?;
    let form: web_sys::HtmlFormElement = field.closest("form").ok()??.dyn_into().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    let sent = PreviewService::from_form_data(&data).ok()?;
    Some((sent, field.get_attribute("name").as_deref() == Some("document")))
}
