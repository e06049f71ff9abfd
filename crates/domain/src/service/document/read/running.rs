//! What runs: a container, a process, or nothing here.

use super::{Reader, address, check, storage};
use crate::endpoint::DEFAULT_WEIGHT;
use crate::error::Invalid;
use crate::service::document::hidden::KEPT;
use crate::service::document::limits;
use crate::service::document::refusal::Refusal;
use crate::service::document::words::SHELL;
use crate::service::draft::RESERVED_PORTS;
use crate::service::workload::{DEFAULT_GRACE, RESERVED_ENV};
use crate::service::{RegistryCredentials, Resources, Runtime, Workload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Workload> {
    let ways = ["containers", "process", "external"];
    reader.at_most_one("", &ways);
    for index in 1..reader.list("containers").len() {
        reader.refuse(&format!("containers[{index}]"), Refusal::OneContainer, "");
    }
    let way = ways.into_iter().find(|way| reader.get(way).is_some());
    let (at, runtime) = match way {
        Some("containers") => ("containers[0]", container(reader)),
        Some("process") => ("process", Some(Runtime::Process)),
        Some(_) => return external(reader),
        None => return reader.take("containers", Err(Invalid::Required)),
    };
    if runtime == Some(Runtime::Process) {
        if reader.get("dockerAuth").is_some() {
            reader.refuse("dockerAuth", Refusal::OnlyContainers, "containers[].image");
        }
        if reader.get("metadata.shm_size").is_some() {
            reader.refuse("metadata.shm_size", Refusal::SharedMemory, "containers[].image");
        }
    }
    let fixed_port = port(reader, &format!("{at}.port"), runtime.as_ref());
    let known = fixed_port.flatten();
    let command = command(reader, at, runtime.as_ref());
    let env = env(reader, at);
    let python_packages = packages(reader, at);
    let readiness = check::read(reader, &format!("{at}.readiness_check"), known);
    let startup = check::read(reader, &format!("{at}.startup_check"), known);
    let liveness = check::read(reader, &format!("{at}.liveness_check"), known);
    let resources = resources(reader);
    let mounts = runtime.as_ref().map(|runtime| storage::read(reader, runtime));
    Some(Workload {
        runtime: runtime?,
        command: command?,
        env: env?,
        fixed_port: fixed_port?,
        readiness: readiness?.unwrap_or_default(),
        startup: startup?,
        liveness: liveness?,
        grace_seconds: grace(reader),
        resources: resources?,
        mounts: mounts??,
        python_packages: python_packages?,
        restart: 0,
    })
}

fn grace(reader: &Reader<'_>) -> u32 {
    reader.number("metadata.eas.termination_grace_period").unwrap_or(DEFAULT_GRACE)
}

fn container(reader: &mut Reader<'_>) -> Option<Runtime> {
    let image = reader.required("containers[0].image", image);
    let credentials = reader.optional("dockerAuth", docker_auth);
    Some(Runtime::Container { image: image?, credentials: credentials? })
}

fn image(text: &str) -> Result<String, Invalid> {
    match text.len() {
        0 => Err(Invalid::Required),
        len if len > 512 => Err(Invalid::TooLong { max: 512, len }),
        // A word that starts with - would be an option to whoever takes it.
        _ if text.starts_with('-') || !text.bytes().all(|byte| byte.is_ascii_graphic()) => Err(Invalid::Image),
        _ => Ok(text.to_owned()),
    }
}

fn docker_auth(text: &str) -> Result<RegistryCredentials, Invalid> {
    let bytes = STANDARD.decode(text).map_err(|_| Invalid::DockerAuth)?;
    let plain = String::from_utf8(bytes).map_err(|_| Invalid::DockerAuth)?;
    let (user, password) = plain.split_once(':').ok_or(Invalid::DockerAuth)?;
    if user.is_empty() || plain.contains('\0') {
        return Err(Invalid::DockerAuth);
    }
    if password.is_empty() || password == KEPT {
        return Err(Invalid::RegistryPassword);
    }
    Ok(RegistryCredentials { user: user.into(), password: password.into() })
}

fn external(reader: &mut Reader<'_>) -> Option<Workload> {
    let meaningless = [
        "metadata.instance",
        "metadata.cpu",
        "metadata.memory",
        "metadata.gpu",
        "metadata.shm_size",
        "metadata.rolling_strategy",
        "metadata.eas",
        "storage",
        "autoscaler",
        "dockerAuth",
        "external.readiness_check.exec",
    ];
    for key in meaningless {
        if reader.get(key).is_some() {
            reader.refuse(key, Refusal::External, "");
        }
    }
    let mut addresses: Vec<SocketAddr> = Vec::new();
    let mut weights = BTreeMap::new();
    let list = reader.list("external.addresses");
    if list.is_empty() {
        reader.note("external.addresses", Invalid::Required);
    }
    for (index, entry) in list.iter().enumerate() {
        let key = format!("external.addresses[{index}]");
        let text = entry.as_str().unwrap_or_default();
        match address::read(text) {
            None => {
                let entry = text.chars().take(64).collect();
                reader.note(&key, Invalid::SocketAddress { entry });
            }
            Some((address, _)) if addresses.contains(&address) => reader.note(&key, Invalid::KeyTwice),
            Some((address, weight)) => {
                addresses.push(address);
                weights.extend(weight.filter(|weight| *weight != DEFAULT_WEIGHT).map(|weight| (address, weight)));
            }
        }
    }
    let readiness = check::read(reader, "external.readiness_check", None)?.unwrap_or_default();
    let runtime = Runtime::External { addresses, weights };
    Some(Workload { runtime, readiness, grace_seconds: DEFAULT_GRACE, ..Workload::default() })
}

fn port(reader: &mut Reader<'_>, key: &str, runtime: Option<&Runtime>) -> Option<Option<u16>> {
    let Some(number) = reader.long(key) else { return Some(None) };
    let port = u16::try_from(number).ok()?;
    // A process runs as an unprivileged user of the host; a container has ports of its own.
    let least = if runtime == Some(&Runtime::Process) { 1024 } else { 1 };
    if RESERVED_PORTS.contains(&port) {
        return reader.take(key, Err(Invalid::ReservedPort { port }));
    }
    if port < least {
        return reader.take(key, Err(Invalid::OutOfRange { min: least.into(), max: 65535 }));
    }
    Some(Some(port))
}

fn command(reader: &mut Reader<'_>, at: &str, runtime: Option<&Runtime>) -> Option<Vec<String>> {
    reader.at_most_one(at, &["command", "script"]);
    let (command, script) = (format!("{at}.command"), format!("{at}.script"));
    if reader.get(&script).is_some() {
        let script = reader.required(&script, |text| match text.len() {
            len if len > limits::SCRIPT => Err(Invalid::TooLong { max: limits::SCRIPT, len }),
            _ if text.contains('\0') => Err(Invalid::ControlCharacter),
            _ if text.trim().is_empty() => Err(Invalid::Required),
            _ => Ok(text.to_owned()),
        })?;
        return Some(SHELL.into_iter().map(str::to_owned).chain([script]).collect());
    }
    match reader.get(&command) {
        // The image says what it runs.
        None if runtime != Some(&Runtime::Process) => Some(Vec::new()),
        value => reader.take(&command, check::command(value)),
    }
}

fn env(reader: &mut Reader<'_>, at: &str) -> Option<Vec<(String, String)>> {
    let list = format!("{at}.env");
    let mut env = Vec::new();
    let mut names = BTreeSet::new();
    let mut length = 0;
    for index in 0..reader.list(&list).len() {
        let key = format!("{list}[{index}].name");
        let name = reader.required(&key, |name| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            match name {
                "" => Err(Invalid::Required),
                _ if RESERVED_ENV.contains(&name) => Err(Invalid::EnvReserved { name: name.into() }),
                _ if !name.chars().all(plain) || name.starts_with(|c: char| c.is_ascii_digit()) => {
                    Err(Invalid::EnvName)
                }
                _ => Ok(name.to_owned()),
            }
        });
        let value = reader.optional(&format!("{list}[{index}].value"), |value| {
            if value.contains('\0') { Err(Invalid::ControlCharacter) } else { Ok(value.to_owned()) }
        });
        let (Some(name), Some(value)) = (name, value) else { continue };
        if !names.insert(name.clone()) {
            reader.note(&key, Invalid::KeyTwice);
        }
        let value = value.unwrap_or_default();
        length += name.len() + value.len();
        env.push((name, value));
    }
    if length > limits::ENV {
        return reader.take(&list, Err(Invalid::TooLong { max: limits::ENV, len: length }));
    }
    Some(env)
}

fn packages(reader: &mut Reader<'_>, at: &str) -> Option<Vec<String>> {
    let list = format!("{at}.prepare.pythonRequirements");
    let mut packages = Vec::new();
    for index in 0..reader.list(&list).len() {
        let requirement = reader.required(&format!("{list}[{index}]"), |text| {
            // An option to pip is no requirement, and some run programs.
            let is_plain = text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text.len() <= 256
                && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
                && text.trim() == text;
            if is_plain { Ok(text.to_owned()) } else { Err(Invalid::Requirement) }
        });
        packages.extend(requirement);
    }
    Some(packages)
}

fn resources(reader: &mut Reader<'_>) -> Option<Resources> {
    let cpu_millis = thousandths(reader, "metadata.cpu", 1000.0, Invalid::Cores);
    let shm_mib = thousandths(reader, "metadata.shm_size", 1024.0, Invalid::Gibibytes);
    Some(Resources {
        cpu_millis: cpu_millis?,
        memory_mib: reader.number("metadata.memory"),
        gpus: reader.number("metadata.gpu").unwrap_or_default(),
        shm_mib: shm_mib?,
    })
}

/// A number with a part behind the point as whole parts of it; one that does not come out whole is wrong.
fn thousandths(reader: &mut Reader<'_>, key: &str, parts: f64, error: Invalid) -> Option<Option<u32>> {
    let Some(number) = reader.get(key).and_then(serde_json::Value::as_f64) else { return Some(None) };
    let whole = (number * parts).round();
    let fits = (1.0..=f64::from(u32::MAX)).contains(&whole) && (whole / parts - number).abs() < 1e-9;
    // In range, and whole.
    if fits { Some(Some(whole as u32)) } else { reader.take(key, Err(error)) }
}
