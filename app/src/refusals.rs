//! What is wrong with a service's JSON, and why keys of it are not taken.

use crate::texts::Texts;
use domain::error::Invalid;
use domain::service::Refusal;

impl Texts {
    /// `None`: the error is of another area.
    pub(crate) fn service_json(&self, invalid: &Invalid) -> Option<String> {
        Some(match invalid.clone() {
            Invalid::Json { line, column } => say!(self, service_json.json, line = line, column = column),
            Invalid::WrongKind { example } => say!(self, service_json.wrong_kind, example = example),
            Invalid::KeyTwice => say!(self, service_json.key_twice),
            Invalid::UnknownKey { nearest } if nearest.is_empty() => say!(self, service_json.unknown_key),
            Invalid::UnknownKey { nearest } => say!(self, service_json.unknown_key_near, nearest = nearest),
            Invalid::KeyRefused { why, instead } if instead.is_empty() => {
                say!(self, service_json.remove, why = self.why_refused(why))
            }
            Invalid::KeyRefused { why, instead } => {
                say!(self, service_json.instead, why = self.why_refused(why), instead = instead)
            }
            Invalid::OneOf { keys } => say!(self, service_json.one_of, keys = keys),
            Invalid::OnlyWith { key } => say!(self, service_json.only_with, key = key),
            Invalid::EnvName => say!(self, service_json.env_name),
            Invalid::Folder => say!(self, service_json.folder),
            Invalid::MountLine { line } => say!(self, service_json.mount_line, line = line),
            Invalid::Image => say!(self, service_json.image),
            Invalid::DockerAuth => say!(self, service_json.docker_auth),
            Invalid::CountedElsewhere => say!(self, scaling.elsewhere),
            Invalid::RegistryPassword => say!(self, service_json.registry_password),
            Invalid::SocketAddress { entry } => say!(self, service_json.socket_address, entry = entry),
            Invalid::Requirement => say!(self, service_json.requirement),
            Invalid::Cores => say!(self, service_json.cores),
            Invalid::Gibibytes => say!(self, service_json.gibibytes),
            Invalid::TokenCharacter => say!(self, service_json.token_character),
            _ => return None,
        })
    }

    fn why_refused(&self, why: Refusal) -> String {
        match why {
            Refusal::Machines => say!(self, refusal.machines),
            Refusal::Processor => say!(self, refusal.processor),
            Refusal::GpuParts => say!(self, refusal.gpu_parts),
            Refusal::Batching => say!(self, refusal.batching),
            Refusal::Threads => say!(self, refusal.threads),
            Refusal::Asynchronous => say!(self, refusal.asynchronous),
            Refusal::Storage => say!(self, refusal.storage),
            Refusal::Encrypted => say!(self, refusal.encrypted),
            Refusal::SecurityGroup => say!(self, refusal.security_group),
            Refusal::OneHost => say!(self, refusal.one_host),
            Refusal::ServiceType => say!(self, refusal.service_type),
            Refusal::WebPages => say!(self, refusal.web_pages),
            Refusal::Disk => say!(self, refusal.disk),
            Refusal::OneContainer => say!(self, refusal.one_container),
            Refusal::Workspace => say!(self, refusal.workspace),
            Refusal::Sigterm => say!(self, refusal.sigterm),
            Refusal::CheckPort => say!(self, refusal.check_port),
            Refusal::CheckScheme => say!(self, refusal.check_scheme),
            Refusal::SharedMemory => say!(self, refusal.shared_memory),
            Refusal::AlbGateway => say!(self, refusal.alb_gateway),
            Refusal::RequirementsFile => say!(self, refusal.requirements_file),
            Refusal::ScaleToZero => say!(self, refusal.scale_to_zero),
            Refusal::Rollout => say!(self, refusal.rollout),
            Refusal::MountPath => say!(self, refusal.mount_path),
            Refusal::Spread => say!(self, refusal.spread),
            Refusal::Restarts => say!(self, refusal.restarts),
            Refusal::Supervisor => say!(self, refusal.supervisor),
            Refusal::Features => say!(self, refusal.features),
            Refusal::Path => say!(self, refusal.path),
            Refusal::External => say!(self, refusal.external),
            Refusal::OnlyContainers => say!(self, refusal.only_containers),
            Refusal::Renamed => say!(self, refusal.renamed),
            Refusal::OtherService => say!(self, refusal.other_service),
            _ => say!(self, error.bad_request),
        }
    }
}
