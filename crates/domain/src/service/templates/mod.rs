//! Documents for what people deploy, with a few values to fill in. What comes out is a document like any other: it can
//! be changed in the form and as JSON before it is deployed.

mod embeddings;
mod llama;
mod llm;
mod other;
#[cfg(test)]
mod tests;
mod torchserve;
mod triton;

use super::document::path::put;
use crate::error::{FieldErrors, Invalid};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How a template can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Process,
    Container,
    External,
}

impl Way {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Container => "container",
            Self::External => "external",
        }
    }
}

/// Something to deploy. Its name for people is the console's, by `id`.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    pub id: &'static str,
    /// What runs, as its makers call it.
    pub program: &'static str,
    /// The usual one first.
    pub ways: &'static [Way],
    pub parameters: &'static [Parameter],
    build: fn(&mut Draft<'_>),
}

/// A value to fill in.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    /// Filled in at first.
    pub default: &'static str,
    /// Shows the form of a value where there is no default.
    pub example: &'static str,
    pub required: bool,
    /// Only for this way to run.
    pub only: Option<Way>,
    pub secret: bool,
}

const fn parameter(name: &'static str, default: &'static str, example: &'static str) -> Parameter {
    Parameter { name, default, example, required: false, only: None, secret: false }
}

const fn required(name: &'static str, default: &'static str, example: &'static str) -> Parameter {
    Parameter { name, default, example, required: true, only: None, secret: false }
}

const fn image(default: &'static str) -> Parameter {
    Parameter { name: "image", default, example: default, required: true, only: Some(Way::Container), secret: false }
}

const TOKEN: Parameter =
    Parameter { name: "hf_token", default: "", example: "hf_…", required: false, only: None, secret: true };

/// All there are, in the order in which they are offered.
pub const TEMPLATES: &[Template] = &[
    llm::VLLM,
    llm::SGLANG,
    llama::LLAMA,
    triton::TRITON,
    torchserve::TORCHSERVE,
    embeddings::EMBEDDINGS,
    other::SAMPLE,
    other::OPENAI,
];

/// The template of this id.
pub fn template(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

impl Template {
    /// Its document. Values that are missing have their defaults, and unknown ones are an error; whether the others make
    /// sense is judged where every document is.
    ///
    /// # Errors
    /// By name of the parameter; `runtime` where it cannot run so.
    pub fn document(&self, way: Way, name: &str, values: &BTreeMap<String, String>) -> Result<Value, FieldErrors> {
        let mut errors = FieldErrors::default();
        if !self.ways.contains(&way) {
            errors.push("runtime", Invalid::Choice);
        }
        for unknown in values.keys().filter(|name| !self.parameters.iter().any(|known| known.name == *name)) {
            errors.push(unknown, Invalid::Choice);
        }
        let mut filled = BTreeMap::new();
        for parameter in self.parameters.iter().filter(|parameter| parameter.only.is_none_or(|only| only == way)) {
            let value = values.get(parameter.name).map_or(parameter.default, |value| value.trim());
            if parameter.required && value.is_empty() {
                errors.push(parameter.name, Invalid::Required);
            }
            filled.insert(parameter.name, value);
        }
        let mut draft = Draft { way, values: filled, document: Value::Object(Map::new()) };
        draft.say("metadata.name", name);
        draft.say("metadata.instance", 1);
        (self.build)(&mut draft);
        errors.finish(Some(draft.document))
    }
}

/// A document that is being written.
struct Draft<'v> {
    way: Way,
    values: BTreeMap<&'static str, &'v str>,
    document: Value,
}

impl Draft<'_> {
    fn value(&self, name: &str) -> &str {
        self.values.get(name).copied().unwrap_or_default()
    }

    fn say(&mut self, path: &str, value: impl Into<Value>) {
        put(&mut self.document, path, value.into());
    }

    /// A key of what runs.
    fn runs(&mut self, key: &str, value: impl Into<Value>) {
        let at = match self.way {
            Way::Process => "process",
            Way::Container => "containers[0]",
            Way::External => "external",
        };
        self.say(&format!("{at}.{key}"), value);
    }

    /// A number where it is one, or what was typed for the reader to refuse.
    fn number(&mut self, path: &str, parameter: &str) {
        let typed = self.value(parameter);
        let value = typed.parse::<u32>().map_or_else(|_| Value::from(typed), Value::from);
        if !typed.is_empty() {
            self.say(path, value);
        }
    }

    /// The program and its arguments; the container's image where it is one. A list of words, so that no value
    /// somebody fills in can become two.
    fn command(&mut self, words: Vec<String>) {
        if self.way == Way::Container {
            let image = self.value("image").to_owned();
            self.runs("image", image);
        }
        self.runs("command", super::document::words::line(&words));
    }

    /// Asked until the model is loaded, for up to an hour; then whether it can take requests, and whether it lives.
    fn checks(&mut self, path: &str, lives: bool) {
        self.runs(
            "startup_check",
            json!({ "http_get": { "path": path }, "period_seconds": 5, "timeout_seconds": 5, "failure_threshold": 720 }),
        );
        self.runs(
            "readiness_check",
            json!({ "http_get": { "path": path }, "period_seconds": 2, "timeout_seconds": 5 }),
        );
        if lives {
            // Busy is not dead: a minute without an answer, and then some.
            self.runs(
                "liveness_check",
                json!({ "http_get": { "path": path }, "period_seconds": 10, "timeout_seconds": 10, "failure_threshold": 12 }),
            );
        }
    }

    /// What suits servers that answer with long streams in the shape of OpenAI's API.
    fn streams(&mut self) {
        self.say("networking.gateway_policy.openai_metrics", true);
        self.say("networking.gateway_policy.sse_keepalive_ms", 15_000);
        self.grace(120);
    }

    /// Prompts that begin alike go where their beginning was computed already.
    fn prefixes(&mut self) {
        self.say("networking.gateway_policy.load_balancing.policy", "prefix_affinity");
    }

    fn grace(&mut self, seconds: u32) {
        self.say("metadata.eas.termination_grace_period", seconds);
    }

    fn gpus(&mut self) {
        self.number("metadata.gpu", "gpus");
    }

    fn token(&mut self) {
        let token = self.value("hf_token").to_owned();
        if !token.is_empty() {
            self.runs("env", json!([{ "name": "HF_TOKEN", "value": token }]));
        }
    }

    /// A folder of the host at the same path for the replica. A process sees it anyway.
    fn folder(&mut self, path: &str) {
        if self.way == Way::Container {
            self.say("storage", json!([{ "mount_path": path, "host_path": { "path": path, "readOnly": true } }]));
        }
    }
}

/// Words of a command from text that has no blanks in it.
fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A flag with its value, where there is one.
fn option(words: &mut Vec<String>, flag: &str, value: &str) {
    if !value.is_empty() {
        words.extend([flag.to_owned(), value.to_owned()]);
    }
}
