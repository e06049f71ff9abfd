//! What the service is called and where it belongs.

use super::Reader;
use crate::error::Invalid;
use crate::id::{GatewayId, VSwitchId, VpcId, WorkspaceId};
use crate::label::Labels;
use crate::name::ServiceName;
use crate::secret::Secret;
use crate::service::document::refusal::Refusal;

pub(super) struct Place {
    pub(super) name: ServiceName,
    pub(super) gateway_id: Option<GatewayId>,
    pub(super) vpc_id: Option<VpcId>,
    pub(super) vswitch_id: Option<VSwitchId>,
    pub(super) workspace_id: Option<WorkspaceId>,
    pub(super) group: Option<ServiceName>,
    pub(super) labels: Labels,
    pub(super) token: Option<Secret>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Place> {
    let name = reader.required("metadata.name", ServiceName::parse);
    let gateway_id = reader.optional("networking.gateway", str::parse);
    let vpc_id = reader.optional("cloud.networking.vpc_id", str::parse);
    let vswitch_id = reader.optional("cloud.networking.vswitch_id", str::parse);
    let elsewhere = Invalid::KeyRefused { why: Refusal::Workspace, instead: String::new() };
    let workspace_id = reader.optional("metadata.workspace_id", |text| text.parse().map_err(|_| elsewhere));
    let group = reader.optional("metadata.group", ServiceName::parse);
    if let (Some(name), Some(Some(group))) = (&name, &group)
        && name == group
    {
        reader.note("metadata.group", Invalid::NameTaken { name: name.to_string() });
    }
    let labels = labels(reader);
    let token = reader.optional("token", token);
    Some(Place {
        name: name?,
        gateway_id: gateway_id?,
        vpc_id: vpc_id?,
        vswitch_id: vswitch_id?,
        workspace_id: workspace_id?,
        group: group?,
        labels: labels?,
        token: token?,
    })
}

fn labels(reader: &mut Reader<'_>) -> Option<Labels> {
    let object = reader.get("labels").and_then(|labels| labels.as_object());
    let pairs = object.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
    reader.take("labels", Labels::of(pairs))
}

/// A secret that callers send in a header, and that nobody guesses.
fn token(text: &str) -> Result<Secret, Invalid> {
    const SHORTEST: usize = 16;
    const LONGEST: usize = 512;
    match text.len() {
        0..SHORTEST => Err(Invalid::TooShort { min: SHORTEST }),
        len if len > LONGEST => Err(Invalid::TooLong { max: LONGEST, len }),
        _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => Err(Invalid::TokenCharacter),
        _ => Ok(Secret::new(text)),
    }
}
