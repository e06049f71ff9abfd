//! What somebody sent: the fields of the form, the document below them, or both.

use super::{FIELDS, Form, check, fill, merge};
use crate::error::{FieldErrors, Invalid};
use crate::service::document::path::get;
use crate::service::document::{self, KeyError};
use crate::service::draft::CheckedDraft;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Fields and document show the same service, so either may be edited, and both at once as long as they do not
/// contradict each other.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// `None`: there was a document only.
    pub form: Option<Form>,
    /// JSON; empty is that of `base`.
    pub document: String,
    /// What both showed at first; empty: nothing.
    pub base: String,
}

/// Field and document of an edit, merged.
#[derive(Clone, Debug)]
pub struct Merged {
    /// `None`: errors go by key of the document.
    pub form: Option<Form>,
    pub document: Value,
}

impl Typed {
    /// # Errors
    /// The document is no JSON (at `document`), or a field and its key were changed to different things (at the field).
    pub fn merged(&self) -> Result<Merged, FieldErrors> {
        let Some(form) = &self.form else {
            return Ok(Merged { form: None, document: read(&self.document)? });
        };
        let base = if self.base.trim().is_empty() { Value::Object(Map::new()) } else { read(&self.base)? };
        if self.document.trim().is_empty() || same(&self.document, &self.base) {
            let form = form.clean();
            return Ok(Merged { document: merge(&form, &base), form: Some(form) });
        }
        let (document, was) = (read(&self.document)?, fill(&base));
        let (typed, mut both) = (form.clean(), fill(&document));
        let mut errors = FieldErrors::default();
        for name in std::iter::once("runtime").chain(FIELDS.iter().map(|field| field.name)) {
            let of = |form: &Form| form.get(name).unwrap_or_default().to_owned();
            let (before, field, key) = (of(&was), of(&typed), of(&both));
            if field == before || field == key {
                continue;
            }
            if key != before {
                errors.push(name, Invalid::ChangedTwice);
            } else if let Some(text) = both.get_mut(name) {
                *text = field;
            }
        }
        let document = merge(&both, &document);
        errors.finish(Some(Merged { form: Some(both), document }))
    }
}

impl Typed {
    /// The same without what is typed into fields that do not show it again: their text is sent with the form, and what
    /// was cleared there is to be gone.
    pub fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        if let Some(form) = &mut shown.form {
            (form.token, form.registry_password) = (String::new(), String::new());
        }
        shown
    }

    /// How many replicas fields and document showed at first.
    pub fn shown_replicas(&self) -> Option<u32> {
        let base = read(&self.base).ok()?;
        get(&base, "metadata.instance")?.as_u64()?.try_into().ok()
    }
}

impl Merged {
    /// # Errors
    /// By field, or by key where there is no form.
    pub fn check(&self) -> Result<CheckedDraft, FieldErrors> {
        match &self.form {
            Some(form) => check(form, &self.document),
            None => document::parse_value(&self.document).map_err(by_key),
        }
    }
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typed").field("form", &self.form).finish_non_exhaustive()
    }
}

/// Browsers post lines with other ends than they were sent.
fn same(one: &str, other: &str) -> bool {
    one.trim().lines().eq(other.trim().lines())
}

fn read(text: &str) -> Result<Value, FieldErrors> {
    document::normalised(text).map_err(by_key)
}

/// What is wrong with no key of its own is wrong with the whole text.
fn by_key(errors: Vec<KeyError>) -> FieldErrors {
    let mut all = FieldErrors::default();
    for error in errors {
        all.push(if error.key.is_empty() { "document" } else { &error.key }, error.error);
    }
    all
}
