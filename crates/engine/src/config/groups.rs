//! Groups of a gateway: several services behind one name.

#[cfg(test)]
mod tests;

use super::shares::Shares;
use super::table::{Group, Meant, Member, Service, Token};
use super::{ConfigError, Parted};
use crate::message::Name;
use domain::id::GatewayId;
use domain::name::ServiceName;
use http::{HeaderName, HeaderValue};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// By their names, which are shared: a copy of the map costs no copy of them.
pub type Groups = Parted<Arc<str>, Arc<Group>>;
pub type Services = Parted<Arc<str>, Arc<Service>>;

/// The groups of `gateway` once the services of `gone` are not there any more and those of `fresh` are; those that
/// have none of them stay as they are.
pub(super) fn next(
    gateway: &GatewayId,
    old: Arc<Groups>,
    gone: &[Arc<Service>],
    fresh: &[Arc<Service>],
) -> Result<Arc<Groups>, ConfigError> {
    let group_of = |service: &Arc<Service>| service.member.as_ref().map(|member| member.group.clone());
    let touched: BTreeSet<Arc<str>> = gone.iter().chain(fresh).filter_map(group_of).collect();
    if touched.is_empty() {
        return Ok(old);
    }
    let gone_ids: BTreeSet<_> = gone.iter().map(|service| &service.id).collect();
    let mut members: HashMap<Arc<str>, Vec<Arc<Service>>> = HashMap::new();
    for name in touched {
        let before = old.get(&name).into_iter().flat_map(|group| &group.members);
        members.insert(name, before.filter(|service| !gone_ids.contains(&service.id)).cloned().collect());
    }
    for (service, member) in fresh.iter().filter_map(|service| Some((service, service.member.as_ref()?))) {
        let of_group = members.entry(member.group.clone()).or_default();
        if let Some(first) = of_group.first().filter(|first| !open_alike(first, member)) {
            return Err(ConfigError::GroupTokens {
                group: member.group.to_string(),
                gateway: gateway.clone(),
                first: first.id.clone(),
                second: service.id.clone(),
            });
        }
        check_header(gateway, service, member, of_group)?;
        of_group.push(service.clone());
    }
    let mut next = Groups::clone(&old);
    for (name, members) in members {
        if members.is_empty() {
            next.remove(&name);
        } else {
            let turn = old.get(&name).map(|group| group.turn.clone()).unwrap_or_default();
            next.insert(name, Arc::new(gather(members, turn)));
        }
    }
    Ok(Arc::new(next))
}

/// A header means one service of a group, and is one that requests can have.
fn check_header(
    gateway: &GatewayId,
    service: &Arc<Service>,
    member: &Member,
    others: &[Arc<Service>],
) -> Result<(), ConfigError> {
    let Some(header) = &member.header else { return Ok(()) };
    let is_possible = HeaderName::from_bytes(header.name.as_bytes()).is_ok()
        && HeaderValue::from_str(&header.value).is_ok()
        && header.value.trim() == header.value
        // What the engine takes off, or decides itself.
        && matches!(Name::of(header.name.as_bytes()), Name::Other | Name::UserAgent);
    if !is_possible {
        return Err(ConfigError::BadGroupHeader { name: header.name.clone(), service: service.id.clone() });
    }
    let is_same = |other: &&Arc<Service>| {
        let theirs = other.member.as_ref().and_then(|member| member.header.as_ref());
        theirs.is_some_and(|theirs| theirs.value == header.value && theirs.name.eq_ignore_ascii_case(&header.name))
    };
    match others.iter().find(is_same) {
        None => Ok(()),
        Some(first) => Err(ConfigError::SharedGroupHeader {
            group: member.group.to_string(),
            gateway: gateway.clone(),
            first: first.id.clone(),
            second: service.id.clone(),
        }),
    }
}

/// Whether the two have the same tokens for the group.
fn open_alike(first: &Service, second: &Member) -> bool {
    let tokens = |member: &Member| -> Vec<_> {
        let said = |token: &Token| (token.id.clone(), token.digest, token.expires_at, token.signing.is_some());
        member.inside.tokens.iter().map(said).collect()
    };
    first.member.as_ref().is_some_and(|first| tokens(first) == tokens(second))
}

fn gather(mut members: Vec<Arc<Service>>, turn: Arc<AtomicU64>) -> Group {
    // Whatever came first: engines with the same configuration do the same.
    members.sort_by(|one, other| one.id.cmp(&other.id));
    let share = |service: &Arc<Service>| -> u32 {
        let by_replicas = || u32::try_from(service.endpoints.len().max(1)).unwrap_or(u32::MAX);
        service.member.as_ref().map_or(0, |member| member.weight.unwrap_or_else(by_replicas))
    };
    let ready = |service: &Arc<Service>| if service.endpoints.is_empty() { 0 } else { share(service) };
    let mut weights: Vec<u32> = members.iter().map(ready).collect();
    if weights.iter().all(|weight| *weight == 0) {
        // Nobody could answer: then it is one of those who should that says so.
        weights = members.iter().map(share).collect();
    }
    let header = |(at, service): (usize, &Arc<Service>)| {
        let header = service.member.as_ref()?.header.as_ref()?;
        Some(Meant { name: header.name.as_str().into(), value: header.value.as_str().into(), at })
    };
    let by_header = members.iter().enumerate().filter_map(header).collect();
    Group { shares: Shares::new(&weights), by_header, members: members.into(), turn }
}

/// Whether every path still leads to one service: whatever belongs to `fresh` is compared with all others.
pub(super) fn check(
    gateway: &GatewayId,
    fresh: &[Arc<Service>],
    services: &Services,
    groups: &Groups,
) -> Result<(), ConfigError> {
    let shared_name = |name: String| ConfigError::SharedName { gateway: gateway.clone(), name };
    let group_and_service = |name: &str| ConfigError::GroupAndService { gateway: gateway.clone(), name: name.into() };
    for service in fresh {
        if groups.get(&service.name).is_some() {
            return Err(group_and_service(&service.name));
        }
        // Names that come over the link have no dots; those that do must not pass for a service of a group.
        let dotted = service.name.split_once('.').and_then(|(group, name)| services.get(name)?.within(group));
        if dotted.is_some() {
            return Err(shared_name(service.name.to_string()));
        }
        let Some(member) = &service.member else { continue };
        let is_named_well = ServiceName::parse(&member.group).is_ok_and(|name| name.as_str() == &*member.group);
        if !is_named_well {
            return Err(ConfigError::BadGroup { group: member.group.to_string(), service: service.id.clone() });
        }
        if services.get(&member.group).is_some() {
            return Err(group_and_service(&member.group));
        }
        let full = format!("{}.{}", member.group, service.name);
        if services.get(&*full).is_some() {
            return Err(shared_name(full));
        }
    }
    Ok(())
}
