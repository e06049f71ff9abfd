//! What the wizard starts with: a service as it is, a template, or next to nothing.

use crate::{Control, ControlError};
use domain::error::{FieldErrors, Invalid};
use domain::role::Permission;
use domain::service::document::text;
use domain::service::form::{Form, Typed, fill, merge};
use domain::service::templates::{TEMPLATES, Template, Way, template};
use domain::view::{DeployChoices, DeployQuery, DeployStart, ParameterView, TemplateView};
use identity::{Principal, authorize};
use serde_json::{Map, Value};

impl Control {
    pub fn start_deploy(&self, principal: &Principal, query: &DeployQuery) -> Result<DeployStart, ControlError> {
        authorize(principal, Permission::DeployServices)?;
        let choices = self.deploy_choices(principal)?;
        if let Some(id) = &query.id {
            let of = self.service_document(principal, id)?;
            let typed = typed(of.form.clone(), of.document.clone());
            let preview = self.preview(principal, Some(id), &typed, true)?;
            return Ok(DeployStart { of: Some(of), choices, preview });
        }
        let document = if query.template.is_empty() { blank() } else { of_template(query)? };
        let mut form = fill(&document);
        form.gateway = preselected(&choices, &query.gateway);
        let document = merge(&form, &document);
        let preview = self.preview(principal, None, &typed(fill(&document), text(&document)), true)?;
        Ok(DeployStart { of: None, choices, preview })
    }
}

/// All templates, in the order in which they are offered.
pub fn templates() -> Vec<TemplateView> {
    TEMPLATES.iter().map(offered).collect()
}

fn offered(template: &Template) -> TemplateView {
    let open = template.parameters.iter().filter(|parameter| !parameter.secret);
    let parameter = |parameter: &domain::service::templates::Parameter| ParameterView {
        name: parameter.name.to_owned(),
        default: parameter.default.to_owned(),
        example: parameter.example.to_owned(),
        // Of one way only: the browser must not insist on it for the others.
        required: parameter.required && parameter.only.is_none(),
        label_container: parameter.only == Some(Way::Container),
    };
    TemplateView {
        id: template.id.to_owned(),
        program: template.program.to_owned(),
        ways: template.ways.iter().map(|way| way.as_str().to_owned()).collect(),
        parameters: open.map(parameter).collect(),
    }
}

fn typed(form: Form, document: String) -> Typed {
    Typed { form: Some(form), base: document.clone(), document }
}

fn blank() -> Value {
    let form = Form { runtime: "process".into(), replicas: "1".into(), ..Form::default() };
    merge(&form, &Value::Object(Map::new()))
}

fn of_template(query: &DeployQuery) -> Result<Value, FieldErrors> {
    let template = template(&query.template).ok_or_else(|| FieldErrors::one("template", Invalid::Choice))?;
    let way = match query.way.as_str() {
        "" => template.ways.first().copied(),
        word => [Way::Process, Way::Container, Way::External].into_iter().find(|way| way.as_str() == word),
    };
    let way = way.ok_or_else(|| FieldErrors::one("runtime", Invalid::Choice))?;
    let mut values = query.values.clone();
    values.retain(|name, _| template.parameters.iter().any(|parameter| parameter.name == name));
    template.document(way, template.id, &values)
}

/// The gateway that one came from, else the default one, else the only one.
fn preselected(choices: &DeployChoices, asked: &str) -> String {
    let all = &choices.gateways;
    let found = all.iter().find(|gateway| gateway.id.as_str() == asked);
    let found = found.or_else(|| all.iter().find(|gateway| gateway.is_default));
    found.or(all.first().filter(|_| all.len() == 1)).map(|gateway| gateway.id.to_string()).unwrap_or_default()
}
