//! Model services: a command with replicas, bound to a gateway.

use crate::error::{FieldErrors, Invalid};
use crate::id::{AccountId, GatewayId, ServiceId, TokenId, VpcId, WorkspaceId};
use crate::name::ServiceName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Ports that the document reserves for its own engine; refused so that a service can move between both.
pub const RESERVED_PORTS: [u16; 2] = [8080, 9090];
pub const MAX_REPLICAS: u32 = 100;
pub const MAX_COMMAND: usize = 4096;
/// Set by the agent for every replica.
pub const RESERVED_ENV: [&str; 3] = ["PORT", "HOST", "LISTENING_PORT"];
/// Largest request body, bytes.
pub const DEFAULT_BODY_LIMIT: u64 = 100 * 1024 * 1024;

/// How the agent finds out that a replica can take requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Probe {
    /// A connection to its port is accepted.
    Tcp,
    /// `GET path` answers 200 to 399.
    Http { path: String },
}

/// What runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Program and arguments; no shell is involved.
    pub command: Vec<String>,
    pub env: Vec<(String, String)>,
    /// The one port the program insists on; `None` where it listens on `$PORT`.
    pub fixed_port: Option<u16>,
    pub replicas: u32,
    pub probe: Probe,
    /// How long a replica may take to finish its requests when it is stopped.
    pub grace_seconds: u32,
}

impl Workload {
    /// The same with the environment's names only: values may be secrets.
    pub fn without_values(&self) -> Self {
        let env = self.env.iter().map(|(name, _)| (name.clone(), String::new())).collect();
        Self { env, ..self.clone() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub id: ServiceId,
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub name: ServiceName,
    pub gateway_id: GatewayId,
    /// Decides which ALB gateways may serve it; its replicas use their host's network all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    pub workload: Workload,
    /// What the user wants: running, or stopped with everything kept.
    pub running: bool,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A token of a service, without the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    pub id: TokenId,
    pub service_id: ServiceId,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

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
    pub gateway_id: GatewayId,
    pub vpc_id: Option<VpcId>,
    pub workload: Workload,
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
                replicas: replicas?,
                probe: probe?,
                grace_seconds: 30,
            };
            Some(CheckedDraft { name: name?, gateway_id: gateway?, vpc_id: vpc_id?, workload })
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
    if text.is_empty() {
        return Ok(Probe::Tcp);
    }
    if text.len() > 512 {
        return Err(Invalid::TooLong { max: 512, len: text.len() });
    }
    if !text.starts_with('/') || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Invalid::Path);
    }
    Ok(Probe::Http { path: text.into() })
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
        let CheckedDraft { vpc_id, workload, .. } = draft().validate().expect("valid");
        assert_eq!(vpc_id, None);
        assert_eq!(workload.command, ["inference-gateway", "sample-model"]);
        assert_eq!(workload.probe, Probe::Tcp);
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
