//! Groups as they are shown.

use super::super::summary;
use super::{GroupTokenHeld, HeldGroup};
use crate::observed::Observed;
use crate::{Control, ControlError, Desired};
use domain::id::GroupId;
use domain::role::Permission;
use domain::service::{Service, is_valid};
use domain::view::{EndpointView, GroupDetail, GroupMember, GroupSummary, TokenView};
use identity::{Principal, authorize};

impl Control {
    /// By name.
    pub fn groups(&self, principal: &Principal) -> Result<Vec<GroupSummary>, ControlError> {
        authorize(principal, Permission::Read)?;
        let desired = self.desired();
        let own = desired.groups.values().filter(|held| held.group.workspace_id == principal.workspace_id);
        let mut all: Vec<GroupSummary> = own.map(|held| shown(held, &desired)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    pub fn group(&self, principal: &Principal, id: &GroupId) -> Result<GroupDetail, ControlError> {
        authorize(principal, Permission::Read)?;
        let held = self.find_group(principal, id)?;
        let (desired, observed) = (self.desired(), self.observed());
        let mut members: Vec<GroupMember> =
            desired.in_group(id).filter_map(|service| member(service, &desired, &observed)).collect();
        members.sort_by(|a, b| a.service.name.cmp(&b.service.name));
        share(&mut members, &held);
        let of_group = |endpoint: EndpointView| EndpointView {
            url: format!("{}/api/predict/{}", endpoint.url, held.group.name),
            ..endpoint
        };
        let gateway = desired.gateways.get(&held.group.gateway_id);
        let internet = gateway.map(|gateway| self.public_endpoints(gateway)).unwrap_or_default();
        let inside = gateway.filter(|gateway| !gateway.vpcs.is_empty());
        let vpc = inside.map(|gateway| self.endpoints_inside(gateway)).unwrap_or_default();
        Ok(GroupDetail {
            summary: shown(&held, &desired),
            revision: held.group.revision,
            members,
            internet: internet.into_iter().map(of_group).collect(),
            vpc: vpc.into_iter().map(of_group).collect(),
            tokens: self.views(&held.tokens),
        })
    }
}

impl Control {
    fn views(&self, tokens: &[GroupTokenHeld]) -> Vec<TokenView> {
        let now = self.now();
        let view = |GroupTokenHeld { row, .. }: &GroupTokenHeld| TokenView {
            id: row.id.clone(),
            label: String::new(),
            revision: 0,
            created_at: row.created_at,
            expires_at: row.expires_at,
            expired: !is_valid(row.expires_at, now),
            last_used: self.inner.token_uses.of(&row.id),
        };
        tokens.iter().map(view).collect()
    }
}

fn shown(held: &HeldGroup, desired: &Desired) -> GroupSummary {
    let gateway = desired.gateways.get(&held.group.gateway_id);
    GroupSummary {
        id: held.group.id.clone(),
        name: held.group.name.clone(),
        gateway_id: held.group.gateway_id.clone(),
        gateway_name: gateway.map(|gateway| gateway.name.to_string()).unwrap_or_default(),
        weights: held.group.weights,
        services: desired.in_group(&held.group.id).count() as u64,
    }
}

fn member(service: &Service, desired: &Desired, observed: &Observed) -> Option<GroupMember> {
    Some(GroupMember {
        service: summary(service, desired, observed)?,
        revision: service.revision,
        place: service.place.clone()?,
        share_percent: None,
    })
}

/// What falls to each of them now, as the engine shares it: nothing to who has no ready replica.
fn share(members: &mut [GroupMember], held: &HeldGroup) {
    let weight = |member: &GroupMember| match member.place.weight(held.group.weights) {
        _ if member.service.ready == 0 => 0,
        Some(weight) => u64::from(weight),
        None => u64::from(member.service.ready),
    };
    let whole: u64 = members.iter().map(weight).sum();
    for member in members {
        member.share_percent = (whole > 0).then(|| {
            let share = (weight(member) * 1000 / whole) as u32;
            f64::from(share) / 10.0
        });
    }
}
