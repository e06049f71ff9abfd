//! Why a container ended.

use crate::spec::{Ended, Outcome, ReplicaSpec, now};
use bollard::models::ContainerState;
use chrono::{DateTime, Utc};
use domain::service::Runtime;

/// A shell's and an init's way to tell of a signal.
const SIGNALLED: i64 = 128;
const KILLED: i64 = SIGNALLED + 9;

/// `last_line` is what it printed last.
pub fn ended(spec: &ReplicaSpec, state: &ContainerState, last_line: Option<String>) -> Ended {
    let at = state.finished_at.as_deref().and_then(time).unwrap_or_else(now);
    let over_memory = spec.workload.resources.memory_mib.filter(|_| ran_out(state));
    let outcome = outcome(spec, state, last_line.as_deref());
    Ended { outcome, last_line, requested: false, at, over_memory }
}

fn ran_out(state: &ContainerState) -> bool {
    state.oom_killed == Some(true) && state.exit_code != Some(0)
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    // Year 1 stands for "not yet".
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()).filter(|at| at.timestamp() > 0)
}

fn outcome(spec: &ReplicaSpec, state: &ContainerState, last_line: Option<&str>) -> Outcome {
    let status = state.exit_code.unwrap_or_default();
    if ran_out(state) {
        return Outcome::NotStarted { reason: "was killed because its host has no memory left".into() };
    }
    // Podman does not say so of everybody whom the kernel has killed for it.
    if let (Some(mib), KILLED) = (spec.workload.resources.memory_mib, status) {
        let reason = format!(
            "was killed by signal 9 (SIGKILL), as the kernel does with what uses more than its limit ({mib} MiB of memory); \
             give it more, or make it use less"
        );
        return Outcome::NotStarted { reason };
    }
    if let (Some(program), Some(why)) = (spec.workload.command.first(), last_line.and_then(of_init)) {
        let image = image(spec);
        let reason = format!(
            "`{program}` {why} in the image {image}; correct the command, or leave it empty for the image's own"
        );
        return Outcome::NotStarted { reason };
    }
    match i32::try_from(status).unwrap_or(-1) {
        signalled if (SIGNALLED + 1..SIGNALLED + 65).contains(&status) => {
            Outcome::Signalled { signal: signalled - SIGNALLED as i32 }
        }
        status => Outcome::Exited { status },
    }
}

/// The container's init starts the program, and says in its own way that it cannot: Docker's is tini, Podman's catatonit.
fn of_init(line: &str) -> Option<&'static str> {
    let tini = line.contains("[FATAL tini (") && line.contains("] exec ");
    let catatonit = line.contains("(catatonit:") && line.contains("failed to exec pid1");
    match line {
        _ if !(tini || catatonit) => None,
        line if line.contains("Permission denied") => Some("may not be executed"),
        line if line.contains("No such file") => Some("was not found"),
        _ => Some("cannot be executed"),
    }
}

pub fn image(spec: &ReplicaSpec) -> &str {
    match &spec.workload.runtime {
        Runtime::Container { image, .. } => image,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::tests::spec;
    use super::*;

    fn words(exit_code: i64, oom: bool, last: &str) -> String {
        let state = ContainerState { exit_code: Some(exit_code), oom_killed: Some(oom), ..ContainerState::default() };
        ended(&spec(), &state, Some(last.into())).to_string()
    }

    #[test]
    fn in_words() {
        assert_eq!(words(3, false, "no model"), "exited with status 3: no model");
        assert_eq!(words(143, false, "x"), "was ended by signal 15: x");
        assert!(words(137, false, "x").contains("SIGKILL"), "and what may be the reason");
        assert!(words(137, true, "x").starts_with("used more than its 512 MiB of memory"));
        assert_eq!(words(255, false, "x"), "exited with status 255: x");
        let typo = words(127, false, "[FATAL tini (7)] exec serve failed: No such file or directory");
        assert!(typo.starts_with("`serve` was not found in the image model:1"), "{typo}");
        let typo = words(1, false, "ERROR (catatonit:6): failed to exec pid1: Permission denied");
        assert!(typo.starts_with("`serve` may not be executed in the image model:1"), "{typo}");
        assert_eq!(words(127, false, "sh: 1: x: not found"), "exited with status 127: sh: 1: x: not found");
    }

    #[test]
    fn times() {
        assert_eq!(time("0001-01-01T00:00:00Z"), None);
        assert_eq!(time("2026-01-02T03:04:05.123456789Z").unwrap().timestamp(), 1_767_323_045);
        assert_eq!(time("yesterday"), None);
    }
}
