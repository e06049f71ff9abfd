//! From a name in a path to the service: its own, its group's, or both.

use crate::answer::Refusal;
use crate::config::{Gateway, Service};
use crate::message::Fields;
use std::sync::Arc;

/// `<service>`, `<group>` for the one whose turn it is, or `<group>.<service>`. No configuration in which a name could
/// be two of these is taken; a service's own name, which is the most usual, is looked up first.
pub fn service<'g>(gateway: &'g Gateway, name: &str, fields: &Fields) -> Result<&'g Arc<Service>, Refusal> {
    if let Some(service) = gateway.services.get(name) {
        return Ok(service);
    }
    if let Some(group) = gateway.groups.get(name) {
        return group.next(fields).ok_or(Refusal::NoHealthyUpstream);
    }
    let (group, name) = name.split_once('.').ok_or(Refusal::NoSuchService)?;
    let service = gateway.services.get(name).ok_or(Refusal::NoSuchService)?;
    service.within(group).map(|_| service).ok_or(Refusal::NoSuchService)
}
