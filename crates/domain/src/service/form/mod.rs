//! The form of the wizard over a document: what its fields show, and what they change. All else in the document stays
//! as it is.

mod diff;
mod fields;
mod lines;
mod shape;
mod summary;
#[cfg(test)]
mod tests;
mod typed;
#[cfg(test)]
mod typed_tests;

pub use diff::{Change, diff};
pub use fields::{FIELDS, Field, Form, Of};
pub use summary::{Capacity, summary};
pub use typed::{Merged, Typed};

use super::document::path::{get, put, remove};
use super::document::{self, KeyError};
use super::draft::CheckedDraft;
use crate::error::{FieldError, FieldErrors, Invalid};
use serde_json::{Map, Value};
use shape::Shape;

/// The ways to run, and where each one is in the document.
const WAYS: [(&str, &str); 3] = [("container", "containers[0]"), ("process", "process"), ("external", "external")];

/// What the fields show of a document. Secrets are not shown.
pub fn fill(document: &Value) -> Form {
    shown(&canonical(document))
}

/// The document after what was typed. Fields that still say what the document says change nothing; fields that do not
/// belong to what runs are not looked at.
pub fn merge(form: &Form, base: &Value) -> Value {
    let form = form.clean();
    let mut document = canonical(base);
    let way = form.way();
    move_to(&mut document, way);
    let is_method = |field: &&Field| field.shape == Shape::Method;
    // The method decides which other fields of a check count; what they take away must not take the check away.
    let order = FIELDS.iter().filter(is_method).chain(FIELDS.iter().filter(|field| !is_method(field)));
    for field in order.chain(FIELDS.iter().filter(is_method)) {
        let typed = form.get(field.name).unwrap_or_default();
        let path = field.at(way);
        let is_there = field.cleaned(&field.shape.read(&document, &path));
        if field.is_of(way) && is_there != typed && form.counts(field) {
            field.shape.write(&mut document, &path, typed);
        }
    }
    document
}

/// The service that a form over a document says.
///
/// # Errors
/// All that is wrong, by field; what no field shows by the key of the document.
pub fn check(form: &Form, base: &Value) -> Result<CheckedDraft, FieldErrors> {
    let form = form.clean();
    let typed = FIELDS.iter().filter(|field| field.is_of(form.way())).filter_map(|field| {
        let error = lines::wrong(field.name, form.get(field.name)?)?;
        Some(FieldError { field: field.name.into(), error })
    });
    let mut errors = FieldErrors(typed.collect());
    match document::parse_value(&begun(merge(&form, base), form.way())) {
        Ok(service) if errors.is_empty() => Ok(service),
        Ok(_) => Err(errors),
        Err(keys) => {
            for FieldError { field, error } in told(keys, form.way()).0 {
                if errors.get(&field).is_none() {
                    errors.push(&field, error);
                }
            }
            Err(errors)
        }
    }
}

/// What runs is chosen, also where nothing else was said of it: what is missing is missing there.
fn begun(mut document: Value, way: &str) -> Value {
    let is_there = |at: &str| get(&document, at.trim_end_matches("[0]")).is_some();
    if !WAYS.iter().any(|(_, at)| is_there(at))
        && let Some((_, at)) = WAYS.iter().find(|(name, _)| *name == way)
    {
        put(&mut document, at, Map::new().into());
    }
    document
}

/// Errors of a document as those of its form.
pub fn by_field(errors: Vec<KeyError>) -> FieldErrors {
    fields(errors, |_| true)
}

/// The same where fields of other ways to run are not to be seen: those keys stay keys.
fn told(errors: Vec<KeyError>, way: &str) -> FieldErrors {
    fields(errors, |name| FIELDS.iter().find(|field| field.name == name).is_none_or(|field| field.is_of(way)))
}

fn fields(errors: Vec<KeyError>, is_shown: impl Fn(&str) -> bool) -> FieldErrors {
    let named = |KeyError { key, error }: KeyError| {
        let field = match error {
            // Of the two that one key shows.
            Invalid::RegistryPassword => "registry_password".to_owned(),
            _ => field_of(&key).filter(|field| is_shown(field)).map_or(key, str::to_owned),
        };
        FieldError { field, error }
    };
    FieldErrors(errors.into_iter().map(named).collect())
}

/// Errors of a form as those of the document below it. Keys of what runs stand as those of a process: nothing but a
/// document says which way that is, and the errors that are found beyond it name none of them.
pub fn by_key(errors: FieldErrors) -> FieldErrors {
    let key = |name: &str| FIELDS.iter().find(|field| field.name == name).map(|field| field.at("process"));
    let named = |FieldError { field, error }: FieldError| FieldError { field: key(&field).unwrap_or(field), error };
    FieldErrors(errors.0.into_iter().map(named).collect())
}

/// The field that shows this key, if one does.
pub fn field_of(key: &str) -> Option<&'static str> {
    if ["containers", "process", "external", "containers[0]"].contains(&key) {
        return Some("runtime");
    }
    let shows = |field: &&Field| {
        WAYS.iter().any(|(way, _)| {
            let rest = key.strip_prefix(&field.at(way));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    };
    // Of two that start alike, the one that says more.
    let nearest = FIELDS.iter().filter(shows).max_by_key(|field| (field.path.len(), field.name == "registry_user"));
    nearest.map(|field| field.name)
}

impl Field {
    fn at(&self, way: &str) -> String {
        let at = WAYS.iter().find(|(name, _)| *name == way).map_or("process", |(_, at)| at);
        self.path.replace('$', at)
    }

    fn is_of(&self, way: &str) -> bool {
        match self.of {
            Of::All => true,
            Of::Started => way != "external",
            Of::Container => way == "container",
            Of::External => way == "external",
        }
    }
}

impl Field {
    /// Browsers post lines with other ends, boxes as `on`, and what was typed with blanks around it.
    fn cleaned(&self, text: &str) -> String {
        let lines = text.replace("\r\n", "\n");
        match self.shape {
            Shape::Text if self.name == "script" => lines,
            Shape::Password | Shape::Secret => lines,
            Shape::Flag | Shape::FlagOff | Shape::ToZero => {
                let is_on = !["", "false", "0"].contains(&lines.trim());
                if is_on { "true".into() } else { String::new() }
            }
            _ => lines.trim().to_owned(),
        }
    }
}

impl Form {
    /// What runs, as one of the words there are.
    fn way(&self) -> &'static str {
        WAYS.iter().map(|(way, _)| *way).find(|way| *way == self.runtime).unwrap_or("process")
    }

    fn clean(&self) -> Self {
        let mut form = self.clone();
        for field in FIELDS {
            let Some(text) = form.get_mut(field.name) else { continue };
            *text = field.cleaned(text);
        }
        form
    }

    /// Whether what is typed there has anything to do with the choices before it.
    fn counts(&self, field: &Field) -> bool {
        let said = |field: &str| self.get(field).unwrap_or_default();
        match field.name {
            "hash_name" => ["hash_header", "hash_cookie"].contains(&self.balance.as_str()),
            "zero_idle_seconds" | "zero_start" | "hold_requests" | "hold_ms" => !self.scale_to_zero.is_empty(),
            name => match name.split_once('_') {
                Some((check @ ("readiness" | "startup" | "liveness"), part)) if part != "method" => {
                    match (said(&format!("{check}_method")), part) {
                        ("", _) => false,
                        (method, "path") => method == "http",
                        (method, "command") => method == "exec",
                        _ => true,
                    }
                }
                _ => true,
            },
        }
    }
}

fn shown(document: &Value) -> Form {
    let present = WAYS.iter().find(|(_, at)| get(document, at.trim_end_matches("[0]")).is_some());
    let way = present.map_or("process", |(way, _)| *way);
    let mut form = Form { runtime: way.into(), ..Form::default() };
    for field in FIELDS.iter().filter(|field| field.is_of(way)) {
        if let Some(text) = form.get_mut(field.name) {
            *text = field.shape.read(document, &field.at(way));
        }
    }
    form.clean()
}

/// Each key in its place, and metrics in the one way in which the form writes them.
fn canonical(document: &Value) -> Value {
    let mut document = document::normal_value(document);
    const LIST: &str = "autoscaler.scaleStrategies";
    let pair = |item: &Value| {
        let object = item.as_object().filter(|object| object.len() == 2)?;
        let name = object.get("metricName")?.as_str()?;
        Some((name.to_owned(), object.get("threshold")?.clone()))
    };
    if let Some(Value::Array(list)) = get(&document, LIST)
        && get(&document, "autoscaler.strategies").is_none()
        && let Some(metrics) =
            list.iter().map(pair).collect::<Option<Map<String, Value>>>().filter(|all| all.len() == list.len())
    {
        remove(&mut document, LIST);
        put(&mut document, "autoscaler.strategies", metrics.into());
    }
    if let Some(Value::Object(mut metrics)) = get(&document, "autoscaler.strategies").cloned()
        && !metrics.contains_key("gpu")
        && let Some(value) = metrics.remove("gpu[util]")
    {
        metrics.insert("gpu".into(), value);
        put(&mut document, "autoscaler.strategies", metrics.into());
    }
    document
}

/// Takes what runs to where another way to run has it; what that way does not have goes.
fn move_to(document: &mut Value, way: &str) {
    let present = WAYS.iter().find(|(_, at)| get(document, at.trim_end_matches("[0]")).is_some());
    // A form that says nothing of it yet shows a process, with all that one has.
    let (old, from) = present.copied().unwrap_or(("process", "process"));
    let to = WAYS.iter().find(|(name, _)| *name == way && *name != old);
    let Some((_, to)) = to else { return };
    let gone = FIELDS.iter().filter(|field| field.is_of(old) && !field.is_of(way));
    for field in gone {
        let path = field.at(old);
        if get(document, &path).is_some() {
            remove(document, &path);
        }
    }
    if way == "external" {
        for key in ["metadata.eas", "metadata.rolling_strategy", "autoscaler"] {
            remove(document, key);
        }
    }
    let Some(running) = get(document, from).cloned() else { return };
    remove(document, from.trim_end_matches("[0]"));
    put(document, to, running);
}
