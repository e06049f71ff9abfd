//! From a document whose keys are known to the service that it says.

mod address;
mod check;
mod place;
mod reader;
mod running;
mod scaling;
mod storage;
mod traffic;

use super::KeyError;
use crate::error::Invalid;
use crate::service::draft::CheckedDraft;
use crate::service::{MAX_REPLICAS, Runtime, ServiceSpec};
use reader::Reader;
use serde_json::Value;

/// `None` only where an error was noted.
pub(super) fn read(root: &Value, errors: &mut Vec<KeyError>) -> Option<CheckedDraft> {
    let mut reader = Reader { root, errors };
    let place = place::read(&mut reader);
    let workload = running::read(&mut reader);
    let traffic = traffic::traffic(&mut reader);
    let rollout = traffic::rollout(&mut reader);
    let scaling = scaling::read(&mut reader);
    // Before anything that is wrong ends it: all that is wrong is told at once.
    let is_started = reader.get("external").is_none();
    let started = match &scaling {
        Some(scaling) if is_started => replicas(&mut reader, scaling.as_ref()),
        _ => None,
    };
    let (place, workload, scaling) = (place?, workload?, scaling?);
    let replicas = match &workload.runtime {
        Runtime::External { addresses, .. } => u32::try_from(addresses.len()).ok()?,
        _ => started?,
    };
    if let Some(port) = workload.insists_on_port().filter(|_| most(replicas, scaling.as_ref()) > 1) {
        reader.note("process.port", Invalid::FixedPortReplicas { port });
    }
    let spec = ServiceSpec { workload, traffic, rollout, vswitch_id: None };
    Some(CheckedDraft {
        name: place.name,
        gateway_id: place.gateway_id,
        vpc_id: place.vpc_id,
        vswitch_id: place.vswitch_id,
        workspace_id: place.workspace_id,
        group: place.group,
        labels: place.labels,
        token: place.token,
        replicas,
        scaling,
        spec,
    })
}

fn most(replicas: u32, scaling: Option<&crate::service::Autoscaler>) -> u32 {
    scaling.map_or(replicas, |scaling| scaling.max.max(replicas))
}

/// How many there shall be at first: within what the autoscaler may choose.
fn replicas(reader: &mut Reader<'_>, scaling: Option<&crate::service::Autoscaler>) -> Option<u32> {
    const KEY: &str = "metadata.instance";
    let (min, max) = scaling.map_or((1, MAX_REPLICAS), |scaling| (scaling.min, scaling.max));
    if reader.get(KEY).is_none() {
        return Some(min);
    }
    let replicas = reader.number(KEY)?;
    let may_be_none = scaling.is_some_and(|scaling| scaling.zero.is_some());
    match replicas {
        0 if may_be_none => Some(0),
        0 => reader.take(KEY, Err(Invalid::ReplicasZero)),
        _ if (min..=max).contains(&replicas) => Some(replicas),
        _ => reader.take(KEY, Err(Invalid::OutOfRange { min: min.into(), max: max.into() })),
    }
}
