//! What a request is made of.

use super::super::super::tokens::token_name;
use crate::context::FormState;
use crate::layout::Fresh;
use domain::debugging::{DebugDraft, METHODS};
use domain::view::{Door, ServiceDetail};
use leptos::prelude::*;
use ui::{CheckField, SelectField, SelectOption, TextArea, TextField, Toolbar};

/// Starts with what was chosen from the history, else with what was typed before.
#[component]
pub(super) fn Fields(service: Fresh<ServiceDetail>, form: FormState, chosen: Option<DebugDraft>) -> impl IntoView {
    let (doors, tokens) = service.with_untracked(|service| {
        let all = &service.invocation;
        let doors = all.internet.iter().chain(&all.vpc).filter(|endpoint| endpoint.door == Door::Port);
        let doors: Vec<_> = doors.map(|door| SelectOption::new(door.url.clone(), door.url.clone())).collect();
        let tokens = all.tokens.iter().filter(|token| !token.expired);
        (doors, tokens.map(|token| SelectOption::new(token.id.to_string(), token_name(token))).collect::<Vec<_>>())
    });
    let value = |name: &str, of: fn(&DebugDraft) -> &String, otherwise: &str| match &chosen {
        Some(draft) => of(draft).clone(),
        None => form.value(name, otherwise),
    };
    let json = match &chosen {
        Some(draft) => draft.json,
        // A box that is not checked is not sent.
        None if form.chosen("method").is_some_and(|sent| !sent.is_empty()) => form.value("json", "") == "true",
        None => true,
    };
    let methods = METHODS.iter().map(|method| SelectOption::new(*method, *method)).collect::<Vec<_>>();
    let first = tokens.first().map(|token| token.value.clone()).unwrap_or_default();
    let none = SelectOption::new("", tr!(debugging.no_token));
    let tokens = tokens.into_iter().chain([none]).collect::<Vec<_>>();
    let method = value("method", |draft| &draft.method, "GET");
    let endpoint = value("endpoint", |draft| &draft.endpoint, "");
    let path = value("path", |draft| &draft.path, "");
    let headers = value("headers", |draft| &draft.headers, "");
    let body = value("body", |draft| &draft.body, "");
    let field = |name| form.field(name);
    let errors = (field("method"), field("endpoint"), field("path"), field("headers"), field("body"), field("token"));
    view! {
        <Toolbar>
            <SelectField
                name="draft[method]"
                label=tr!(debugging.method)
                value=method
                error=errors.0
                options=methods
            />
            <SelectField
                name="draft[endpoint]"
                label=tr!(calling.endpoint)
                value=endpoint
                error=errors.1
                options=doors
            />
            <TextField
                name="draft[path]"
                label=tr!(debugging.path)
                value=path
                error=errors.2
                placeholder="/v1/models"
                mono=true
            />
        </Toolbar>
        <SelectField
            name="draft[token]"
            label="Authorization"
            hint=tr!(debugging.token_hint)
            value=first
            error=errors.5
            options=tokens
        />
        <TextArea
            name="draft[headers]"
            label=tr!(debugging.headers)
            hint=tr!(debugging.headers_hint)
            value=headers
            error=errors.3
            rows=2
            mono=true
        />
        <TextArea
            name="draft[body]"
            label=tr!(debugging.body)
            value=body
            error=errors.4
            rows=6
            mono=true
        />
        <CheckField name="draft[json]" label=tr!(debugging.json) checked=json />
    }
    .into_any()
}
