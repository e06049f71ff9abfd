//! What somebody types to deploy a service.

use super::scaling::Autoscaler;
use super::spec::ServiceSpec;
use super::workload::{DEFAULT_GRACE, Probe, RESERVED_ENV, Workload};
use crate::error::{FieldErrors, Invalid};
use crate::id::{GatewayId, VSwitchId, VpcId, WorkspaceId};
use crate::label::Labels;
use crate::name::ServiceName;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// Ports that the document reserves for its own engine; refused so that a service can move between both.
pub const RESERVED_PORTS: [u16; 2] = [8080, 9090];
pub const MAX_REPLICAS: u32 = 100;
pub const MAX_COMMAND: usize = 4096;

/// What somebody typed in the deploy wizard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDraft {
    pub name: String,
    pub command: String,
    #[serde(default)]
    pub env: String,
    #[serde(default)]
    pub port: String,
    pub replicas: String,
    #[serde(default)]
    pub probe_path: String,
    pub gateway: String,
    /// Empty: none was chosen.
    #[serde(default)]
    pub vpc: String,
}

/// A draft that is right as far as that can be judged without asking the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedDraft {
    pub name: ServiceName,
    /// `None`: the workspace's default gateway.
    pub gateway_id: Option<GatewayId>,
    pub vpc_id: Option<VpcId>,
    pub vswitch_id: Option<VSwitchId>,
    /// `None`: that of whoever deploys it. Another one than theirs is refused.
    pub workspace_id: Option<WorkspaceId>,
    pub group: Option<ServiceName>,
    pub labels: Labels,
    /// `None`: one is made for a new service, and an old one keeps what it has.
    pub token: Option<Secret>,
    pub replicas: u32,
    pub scaling: Option<Autoscaler>,
    pub spec: ServiceSpec,
}

impl ServiceDraft {
    /// Everything that can be judged without asking the store.
    pub fn validate(&self) -> Result<CheckedDraft, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", ServiceName::parse(&self.name));
        let gateway = errors.take("gateway", self.gateway.parse::<GatewayId>().map_err(|_| Invalid::Choice));
        let vpc_id = errors.take("vpc", parse_vpc(&self.vpc));
        let command = errors.take("command", parse_command(&self.command));
        let env = errors.take("env", parse_env(&self.env));
        let replicas = errors.take("replicas", parse_replicas(&self.replicas));
        let fixed_port = errors.take("port", parse_port(&self.port));
        if let (Some(Some(port)), Some(2..)) = (fixed_port, replicas) {
            errors.push("port", Invalid::FixedPortReplicas { port });
        }
        let probe = errors.take("probe_path", parse_probe(&self.probe_path));
        let value = (|| {
            let workload = Workload {
                command: command?,
                env: env?,
                fixed_port: fixed_port?,
                readiness: probe?.into(),
                grace_seconds: DEFAULT_GRACE,
                ..Workload::default()
            };
            Some(CheckedDraft {
                name: name?,
                gateway_id: Some(gateway?),
                vpc_id: vpc_id?,
                vswitch_id: None,
                workspace_id: None,
                group: None,
                labels: Labels::default(),
                token: None,
                replicas: replicas?,
                scaling: None,
                spec: ServiceSpec { workload, ..ServiceSpec::default() },
            })
        })();
        errors.finish(value)
    }
}

/// Splits a command line into words as a POSIX shell would: blanks separate, quotes and backslashes hold together.
/// Nothing is expanded.
pub fn parse_command(text: &str) -> Result<Vec<String>, Invalid> {
    if text.len() > MAX_COMMAND {
        return Err(Invalid::TooLong { max: MAX_COMMAND, len: text.len() });
    }
    if text.contains('\0') {
        return Err(Invalid::ControlCharacter);
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().push(chars.next().ok_or(Invalid::UnclosedQuote)?),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(Invalid::UnclosedQuote);
    }
    words.extend(word);
    if words.first().is_none_or(String::is_empty) { Err(Invalid::Required) } else { Ok(words) }
}

/// `NAME=value`, one a line; empty lines and lines that start with `#` do not count.
pub fn parse_env(text: &str) -> Result<Vec<(String, String)>, Invalid> {
    if text.len() > 16 * MAX_COMMAND {
        return Err(Invalid::TooLong { max: 16 * MAX_COMMAND, len: text.len() });
    }
    let mut env = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = Invalid::EnvLine { line: at + 1 };
        let (name, value) = line.split_once('=').ok_or(wrong.clone())?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || !name.chars().all(plain)
            || name.starts_with(|c: char| c.is_ascii_digit())
            || value.contains('\0')
        {
            return Err(wrong);
        }
        if RESERVED_ENV.contains(&name) {
            return Err(Invalid::EnvReserved { name: name.into() });
        }
        env.push((name.into(), value.into()));
    }
    Ok(env)
}

/// A number of replicas for a service whose program may insist on one port.
pub fn check_replicas(text: &str, fixed_port: Option<u16>) -> Result<u32, Invalid> {
    match (parse_replicas(text)?, fixed_port) {
        (2.., Some(port)) => Err(Invalid::FixedPortReplicas { port }),
        (replicas, _) => Ok(replicas),
    }
}

fn parse_replicas(text: &str) -> Result<u32, Invalid> {
    let range = Invalid::OutOfRange { min: 1, max: u64::from(MAX_REPLICAS) };
    match text.trim().parse::<u32>().map_err(|_| range.clone())? {
        // Scaling from zero needs somebody to hold the request; the document excludes it with a dedicated gateway.
        0 => Err(Invalid::ReplicasZero),
        replicas if replicas <= MAX_REPLICAS => Ok(replicas),
        _ => Err(range),
    }
}

fn parse_port(text: &str) -> Result<Option<u16>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let range = Invalid::OutOfRange { min: 1024, max: 65535 };
    let port: u16 = text.parse().map_err(|_| range.clone())?;
    if RESERVED_PORTS.contains(&port) {
        return Err(Invalid::ReservedPort { port });
    }
    // Replicas run as an unprivileged user.
    if port < 1024 { Err(range) } else { Ok(Some(port)) }
}

fn parse_vpc(text: &str) -> Result<Option<VpcId>, Invalid> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| Invalid::Choice) }
}

fn parse_probe(text: &str) -> Result<Probe, Invalid> {
    let text = text.trim();
    if text.is_empty() { Ok(Probe::Tcp) } else { parse_path(text).map(|path| Probe::Http { path }) }
}

/// The path that a check asks for.
pub(super) fn parse_path(text: &str) -> Result<String, Invalid> {
    if text.len() > 512 {
        return Err(Invalid::TooLong { max: 512, len: text.len() });
    }
    if !text.starts_with('/') || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Invalid::Path);
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draft() -> ServiceDraft {
        ServiceDraft {
            name: "sample".into(),
            command: "inference-gateway sample-model".into(),
            replicas: "2".into(),
            gateway: "gw-abc".into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_plain_draft_is_fine() {
        let CheckedDraft { vpc_id, spec, .. } = draft().validate().expect("valid");
        assert_eq!(vpc_id, None);
        assert_eq!(spec.workload.command, ["inference-gateway", "sample-model"]);
        assert_eq!(spec.workload.readiness, Probe::Tcp.into());
    }

    #[test]
    fn what_the_document_refuses() {
        let refused = |change: fn(&mut ServiceDraft), field: &str, error: Invalid| {
            let mut draft = draft();
            change(&mut draft);
            let errors = draft.validate().expect_err("refused");
            assert_eq!(errors.get(field), Some(&error));
        };
        refused(|d| d.replicas = "0".into(), "replicas", Invalid::ReplicasZero);
        refused(|d| d.port = "8080".into(), "port", Invalid::ReservedPort { port: 8080 });
        refused(|d| d.port = "9090".into(), "port", Invalid::ReservedPort { port: 9090 });
        refused(|d| d.port = "8000".into(), "port", Invalid::FixedPortReplicas { port: 8000 });
        refused(|d| d.gateway = "".into(), "gateway", Invalid::Choice);
        refused(|d| d.vpc = "nonsense".into(), "vpc", Invalid::Choice);
        refused(|d| d.env = "PORT=1".into(), "env", Invalid::EnvReserved { name: "PORT".into() });
        refused(|d| d.env = "A=1\nnonsense".into(), "env", Invalid::EnvLine { line: 2 });
    }

    #[test]
    fn commands_split_like_a_shell() {
        assert_eq!(parse_command(r#"a "b c" 'd "e' f\ g "" "#).expect("valid"), ["a", "b c", "d \"e", "f g", ""]);
        assert_eq!(parse_command("a 'b"), Err(Invalid::UnclosedQuote));
        assert_eq!(parse_command("  "), Err(Invalid::Required));
        assert_eq!(parse_command("$(reboot) ; `x`").expect("plain words"), ["$(reboot)", ";", "`x`"]);
    }

    proptest! {
        #[test]
        fn a_quoted_word_survives(word in "[^'\\x00]{1,40}") {
            prop_assert_eq!(parse_command(&format!("'{word}'")).expect("valid"), [word]);
        }

        #[test]
        fn nothing_typed_panics(text in any::<String>()) {
            let _ = parse_command(&text);
            let _ = parse_env(&text);
        }
    }
}
