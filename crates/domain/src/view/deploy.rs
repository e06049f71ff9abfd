//! What the deploy wizard needs to know.

use crate::cidr::Cidr;
use crate::error::{FieldErrors, Invalid};
use crate::gateway::GatewayKind;
use crate::id::{GatewayId, ServiceId, VSwitchId, VpcId};
use crate::name::GatewayName;
use crate::service::form::{Capacity, Change, Form};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployChoices {
    /// All of the workspace, the default one first.
    pub gateways: Vec<GatewayChoice>,
    /// Those that its account may link, by name.
    pub vpcs: Vec<VpcChoice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayChoice {
    pub id: GatewayId,
    pub name: GatewayName,
    pub kind: GatewayKind,
    pub is_default: bool,
    /// Of its services for which none is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<ServiceVpc>,
    /// VPCs in which it serves nothing, with what stands against them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<(VpcId, Invalid)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcChoice {
    pub id: VpcId,
    pub name: String,
    pub blocks: Vec<Cidr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vswitches: Vec<VSwitchChoice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VSwitchChoice {
    pub id: VSwitchId,
    pub name: String,
    pub zone: String,
}

/// What a service says now, as its form and its document show it. Secrets are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDocument {
    pub id: ServiceId,
    pub name: String,
    pub revision: i64,
    pub form: Form,
    pub document: String,
}

/// What the wizard starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployStart {
    /// Of an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ServiceDocument>,
    pub choices: DeployChoices,
    /// Its errors are of fields that nobody filled in yet.
    pub preview: Preview,
}

/// What the wizard is asked to start with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeployQuery {
    /// An update of this service.
    pub id: Option<ServiceId>,
    /// Id of a template.
    pub template: String,
    /// `process`, `container` or `external`; empty is the template's first.
    pub way: String,
    /// Of the template's parameters; others are not looked at.
    pub values: BTreeMap<String, String>,
    /// Preselected.
    pub gateway: String,
}

/// A template, as it is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateView {
    pub id: String,
    /// What runs, as its makers call it.
    pub program: String,
    /// The usual one first.
    pub ways: Vec<String>,
    /// Without secrets, which have no place in an address: they are variables of the environment, in the form.
    pub parameters: Vec<ParameterView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterView {
    pub name: String,
    pub default: String,
    pub example: String,
    pub required: bool,
    pub label_container: bool,
}

/// What would be deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Form and document with the edits of both.
    pub form: Form,
    pub document: String,
    /// By field; what no field shows by key.
    #[serde(default)]
    pub errors: FieldErrors,
    /// `None` as long as something is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// The gateway that it would be bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<GatewayId>,
    /// Of an update.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The update starts other replicas.
    #[serde(default)]
    pub is_rolled: bool,
}

/// The VPC that a service is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceVpc {
    pub id: VpcId,
    pub name: String,
}
