//! Checks of a replica.

use super::Reader;
use crate::error::Invalid;
use crate::service::document::check::words;
use crate::service::document::refusal::Refusal;
use crate::service::draft::{parse_command, parse_path};
use crate::service::{Check, Pace, Probe};
use serde_json::Value;

/// The check at this path; `Some(None)` where there is none. `port` is the one that the program insists on.
pub(super) fn read(reader: &mut Reader<'_>, at: &str, port: Option<u16>) -> Option<Option<Check>> {
    if reader.get(at).is_none() {
        return Some(None);
    }
    reader.at_most_one(at, &["http_get", "tcp_socket", "exec"]);
    for method in ["http_get", "tcp_socket"] {
        let path = format!("{at}.{method}.port");
        if reader.long(&path).is_some_and(|asked| port.map(u64::from) != Some(asked)) {
            reader.refuse(&path, Refusal::CheckPort, "");
        }
    }
    let scheme = format!("{at}.http_get.scheme");
    if reader.text(&scheme) == Some("HTTPS") {
        reader.refuse(&scheme, Refusal::CheckScheme, "");
    }
    let method = method(reader, at)?;
    Some(Some(Check { method, pace: pace(reader, at) }))
}

fn method(reader: &mut Reader<'_>, at: &str) -> Option<Probe> {
    let exec = format!("{at}.exec");
    if reader.get(&exec).is_some() {
        let path = format!("{exec}.command");
        let value = reader.get(&path);
        return reader.take(&path, command(value)).map(|command| Probe::Exec { command });
    }
    if reader.get(&format!("{at}.http_get")).is_none() {
        return Some(Probe::Tcp);
    }
    let path = format!("{at}.http_get.path");
    let found = reader.optional(&path, parse_path)?;
    Some(Probe::Http { path: found.unwrap_or_else(|| "/".into()) })
}

fn pace(reader: &Reader<'_>, at: &str) -> Pace {
    let number = |key: &str, default: u32| reader.number(&format!("{at}.{key}")).unwrap_or(default);
    let default = Pace::default();
    Pace {
        initial_delay_seconds: number("initial_delay_seconds", default.initial_delay_seconds),
        period_seconds: number("period_seconds", default.period_seconds),
        timeout_seconds: number("timeout_seconds", default.timeout_seconds),
        failures: number("failure_threshold", default.failures),
        successes: number("success_threshold", default.successes),
    }
}

/// A command that is one line or a list of words.
pub(super) fn command(value: Option<&Value>) -> Result<Vec<String>, Invalid> {
    use crate::service::draft::MAX_COMMAND;
    match value {
        None => Err(Invalid::Required),
        Some(Value::String(text)) => parse_command(text),
        Some(list) => {
            let words = words(list).unwrap_or_default();
            let len = words.iter().map(String::len).sum();
            match words.first() {
                _ if len > MAX_COMMAND => Err(Invalid::TooLong { max: MAX_COMMAND, len }),
                _ if words.iter().any(|word| word.contains('\0')) => Err(Invalid::ControlCharacter),
                Some(program) if !program.is_empty() => Ok(words),
                _ => Err(Invalid::Required),
            }
        }
    }
}
