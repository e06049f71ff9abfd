//! Fields of the wizard's form, filled with what was typed or what the document says.

use crate::context::FormState;
use domain::service::form::Form;
use leptos::prelude::*;
use ui::{CheckField, Fold, SelectField, SelectOption, TextArea, TextField};

#[derive(Clone)]
pub(super) struct Fields {
    pub form: FormState,
    pub shown: Form,
}

/// Names on the page are those of the server function's argument, `draft[cpu]`; errors and values use the short ones.
fn short(name: &'static str) -> &'static str {
    name.trim_start_matches("draft[").trim_end_matches(']')
}

fn said(hint: String) -> Option<String> {
    (!hint.is_empty()).then_some(hint)
}

impl Fields {
    pub fn value(&self, name: &'static str) -> String {
        let name = short(name);
        self.form.value(name, self.shown.get(name).unwrap_or_default())
    }

    /// One line; the hint may be empty.
    pub fn line(&self, name: &'static str, label: String, hint: String) -> AnyView {
        let (value, error) = (self.value(name), self.form.field(short(name)));
        view! { <TextField name label value error hint=said(hint) mono=true /> }.into_any()
    }

    /// A number; browsers keep what is none of their numbers to themselves, so this is a line like others.
    pub fn number(&self, name: &'static str, label: String) -> AnyView {
        self.line(name, label, String::new())
    }

    /// What was typed into it is in no draft and in no answer of the server.
    pub fn secret(&self, name: &'static str, label: String, hint: String) -> AnyView {
        let (value, error) = (self.shown.get(short(name)).unwrap_or_default().to_owned(), self.form.field(short(name)));
        view! {
            <TextField name label value error hint=said(hint) kind="password" autocomplete="new-password" mono=true />
        }
        .into_any()
    }

    pub fn area(&self, name: &'static str, label: String, hint: String, rows: u32) -> AnyView {
        let (value, error) = (self.value(name), self.form.field(short(name)));
        view! { <TextArea name label value error hint=said(hint) rows mono=true /> }.into_any()
    }

    pub fn check(&self, name: &'static str, label: String, hint: String) -> AnyView {
        // A box that is not checked is not sent.
        let typed = self.form.chosen(short(name)).map(|sent| !sent.is_empty());
        let checked = typed.unwrap_or_else(|| !self.shown.get(short(name)).unwrap_or_default().is_empty());
        let error = self.form.field(short(name));
        view! { <CheckField name label checked error hint=said(hint) /> }.into_any()
    }

    pub fn select(&self, name: &'static str, label: String, options: Vec<(&str, String)>) -> AnyView {
        let options = options.into_iter().map(|(value, label)| SelectOption::new(value, label)).collect();
        let (value, error) = (self.value(name), self.form.field(short(name)));
        view! { <SelectField name label value options error /> }.into_any()
    }

    /// A part that most people leave as it is; it opens by itself where something in it is wrong.
    pub fn fold(&self, title: String, names: &'static [&'static str], content: Vec<AnyView>) -> AnyView {
        let errors: Vec<_> = names.iter().map(|name| self.form.field(name)).collect();
        let open = Signal::derive(move || errors.iter().any(|error| error.with(Option::is_some)));
        view! {
            <Fold title open>
                <div class="field-grid">{content}</div>
            </Fold>
        }
        .into_any()
    }
}

/// Fields beside each other, for what runs in one of these ways only.
pub(super) fn of(way: &'static str, content: Vec<AnyView>) -> AnyView {
    view! { <div class=format!("stack {way}")>{content}</div> }.into_any()
}

pub(super) fn grid(content: Vec<AnyView>) -> AnyView {
    view! { <div class="field-grid">{content}</div> }.into_any()
}
