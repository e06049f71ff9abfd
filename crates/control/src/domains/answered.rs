//! Whether the built-in DNS answers for a gateway's names inside VPCs. The compiler decides the same (`compile::dns`); a
//! test holds both equal.

use crate::Control;
use domain::gateway::Gateway;
use domain::network::VpcLink;
use domain::view::Unanswered;

/// Why not, for its own name and for the private domains that it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    pub own: Option<Unanswered>,
    pub given: Option<Unanswered>,
}

impl Control {
    pub(crate) fn answered(&self, gateway: &Gateway) -> Answered {
        let desired = self.desired();
        let networks = &desired.networks;
        let granted = gateway.vpcs.iter().filter(|link| networks.may_link(&link.vpc_id, &gateway.account_id));
        let asking: Vec<&VpcLink> =
            granted.filter(|link| link.authoritative_dns && !link.vswitches.is_empty()).collect();
        let is_own =
            |link: &&&VpcLink| networks.vpcs.get(&link.vpc_id).is_some_and(|vpc| vpc.account_id == gateway.account_id);
        let of = |count: usize, otherwise| match count {
            _ if self.is_dns_off() => Some(Unanswered::ServerOff),
            0 => Some(otherwise),
            _ => None,
        };
        let own = of(asking.len(), Unanswered::NotAsked);
        Answered { own, given: own.or(of(asking.iter().filter(is_own).count(), Unanswered::ForeignVpc)) }
    }

    /// By name in the VPC of this link.
    pub(crate) fn answered_through(&self, link: &VpcLink) -> Option<Unanswered> {
        if self.is_dns_off() {
            return Some(Unanswered::ServerOff);
        }
        (!link.authoritative_dns).then_some(Unanswered::NotAsked)
    }

    pub(crate) fn is_dns_off(&self) -> bool {
        self.installation().dns.is_empty()
    }
}
