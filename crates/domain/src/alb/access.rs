//! Enabling an ALB gateway's accesses: all of them, and the services bound to it, are in one VPC.

use crate::error::{FieldErrors, Invalid};
use crate::gateway::Gateway;
use crate::id::{VSwitchId, VpcId};
use crate::network::{Inventory, LinkDraft, Vpc};
use crate::whitelist::Whitelist;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// From inside the VPC.
    Vpc,
    /// From outside.
    Internet,
}

impl Access {
    /// The VPC in which the gateway has this access; `None` while it is off.
    pub(super) fn of(self, gateway: &Gateway) -> Option<&VpcId> {
        match self {
            Self::Vpc => gateway.vpcs.first().map(|link| &link.vpc_id),
            Self::Internet => Some(&gateway.alb.as_ref()?.public.as_ref()?.vpc_id),
        }
    }
}

/// Whether an ALB gateway can have this access in `wanted`. `services` are the names and VPCs of those bound to it that
/// are in one.
///
/// # Errors
/// What stands against it: another account's VPC, an access of this kind that is there already, or something of the
/// gateway's that is in another VPC.
pub fn check_vpc(
    gateway: &Gateway,
    access: Access,
    wanted: &Vpc,
    all: &Inventory,
    services: &[(String, VpcId)],
) -> Result<(), Invalid> {
    if wanted.account_id != gateway.account_id {
        return Err(Invalid::AlbOtherAccount);
    }
    if let Some(vpc) = access.of(gateway) {
        return Err(Invalid::AlbOneVpc { vpc: all.vpc_name(vpc) });
    }
    let other = if access == Access::Vpc { Access::Internet } else { Access::Vpc };
    if let Some(vpc) = other.of(gateway).filter(|vpc| **vpc != wanted.id) {
        return Err(Invalid::AlbOtherVpc { vpc: all.vpc_name(vpc) });
    }
    match services.iter().find(|(_, vpc)| *vpc != wanted.id) {
        Some((service, vpc)) => Err(Invalid::AlbServiceVpc { service: service.clone(), vpc: all.vpc_name(vpc) }),
        None => Ok(()),
    }
}

/// What somebody chose to enable public access.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicDraft {
    pub vpc: String,
    pub vswitches: Vec<String>,
    /// Who may enter: separated by commas or line feeds.
    pub blocks: String,
}

/// What the list starts as, unless somebody narrows it.
pub const EVERYONE: &str = "0.0.0.0/0";

impl PublicDraft {
    /// VPC, vSwitches and list. `reachable` are the VPCs that the gateway may be in.
    pub fn validate(
        &self,
        all: &Inventory,
        reachable: impl Fn(&VpcId) -> bool,
    ) -> Result<(VpcId, Vec<VSwitchId>, Whitelist), FieldErrors> {
        let list = if self.blocks.trim() == EVERYONE {
            Ok(Whitelist::everyone_v4())
        } else {
            Whitelist::default().with_typed(&self.blocks, "")
        };
        let link = LinkDraft { vpc: self.vpc.clone(), vswitches: self.vswitches.clone(), authoritative_dns: false };
        match (link.validate(all, reachable, &[]), list) {
            (Ok((vpc, vswitches)), Ok(list)) => Ok((vpc, vswitches, list)),
            (link, list) => {
                let mut errors = FieldErrors::default();
                errors.0.extend(link.err().into_iter().chain(list.err()).flat_map(|found| found.0));
                Err(errors)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alb::{AlbInstance, PublicZones};
    use crate::cidr::Cidr;
    use crate::gateway::{GatewayKind, InternetAccess, TlsSettings};
    use crate::id::{AccountId, AlbId, GatewayId, RANDOM_LEN, WorkspaceId};
    use crate::name::GatewayName;
    use crate::network::VpcLink;
    use chrono::DateTime;

    fn vpc(n: u8, account: u8) -> Vpc {
        Vpc {
            id: VpcId::from_random([n; RANDOM_LEN]),
            account_id: AccountId::from_random([account; RANDOM_LEN]),
            region: "local".into(),
            name: format!("vpc-{n}"),
            blocks: vec![Cidr::parse(&format!("10.{n}.0.0/16")).expect("block")],
            revision: 1,
        }
    }

    fn gateway(private: Option<u8>, public: Option<u8>) -> Gateway {
        let id = |n: u8| VpcId::from_random([n; RANDOM_LEN]);
        let at = DateTime::UNIX_EPOCH;
        Gateway {
            id: GatewayId::from_random([9; RANDOM_LEN]),
            account_id: AccountId::from_random([1; RANDOM_LEN]),
            workspace_id: WorkspaceId::from_random([1; RANDOM_LEN]),
            name: GatewayName::parse("edge").expect("valid"),
            kind: GatewayKind::Alb,
            internet: InternetAccess { enabled: public.is_some(), ..InternetAccess::default() },
            vpcs: private
                .map(|n| VpcLink {
                    vpc_id: id(n),
                    vswitches: Vec::new(),
                    whitelist: Whitelist::everyone_v4(),
                    peers: Vec::new(),
                    authoritative_dns: false,
                    linked_at: at,
                })
                .into_iter()
                .collect(),
            alb: (private.is_some() || public.is_some()).then(|| AlbInstance {
                id: AlbId::from_random([1; RANDOM_LEN]),
                public: public.map(|n| PublicZones { vpc_id: id(n), vswitches: Vec::new() }),
                created_at: at,
            }),
            tls: TlsSettings::default(),
            labels: Default::default(),
            protected: false,
            traffic: Default::default(),
            arrival: Default::default(),
            is_default: false,
            revision: 1,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn everything_is_in_one_vpc() {
        let all =
            Inventory { vpcs: [vpc(1, 1), vpc(2, 1)].map(|vpc| (vpc.id.clone(), vpc)).into(), ..Inventory::default() };
        let check = |private, public, access, wanted: &Vpc, services: &[(String, VpcId)]| {
            check_vpc(&gateway(private, public), access, wanted, &all, services)
        };
        let (one, two, foreign) = (vpc(1, 1), vpc(2, 1), vpc(1, 2));
        let in_two = [("model".to_owned(), two.id.clone())];
        for access in [Access::Vpc, Access::Internet] {
            assert_eq!(check(None, None, access, &one, &[]), Ok(()));
            assert_eq!(check(None, None, access, &foreign, &[]), Err(Invalid::AlbOtherAccount));
            assert_eq!(check(None, None, access, &two, &in_two), Ok(()));
            let refused = Invalid::AlbServiceVpc { service: "model".into(), vpc: "vpc-2".into() };
            assert_eq!(check(None, None, access, &one, &in_two), Err(refused));
        }
        let other = || Err(Invalid::AlbOtherVpc { vpc: "vpc-1".into() });
        assert_eq!(check(Some(1), None, Access::Internet, &one, &[]), Ok(()));
        assert_eq!(check(Some(1), None, Access::Internet, &two, &[]), other());
        assert_eq!(check(None, Some(1), Access::Vpc, &one, &[]), Ok(()));
        assert_eq!(check(None, Some(1), Access::Vpc, &two, &[]), other());
        let again = || Err(Invalid::AlbOneVpc { vpc: "vpc-1".into() });
        assert_eq!(check(Some(1), None, Access::Vpc, &two, &[]), again());
        assert_eq!(check(None, Some(1), Access::Internet, &one, &[]), again());
    }

    #[test]
    fn all_that_is_wrong_with_a_public_access_at_once() {
        let draft = PublicDraft { vpc: "x".into(), vswitches: Vec::new(), blocks: "10.0.0.0/99".into() };
        let errors = draft.validate(&Inventory::default(), |_| true).expect_err("two fields are wrong");
        assert!(errors.get("vpc").is_some() && errors.get("blocks").is_some(), "{errors:?}");
        let draft = PublicDraft { blocks: String::new(), ..draft };
        let errors = draft.validate(&Inventory::default(), |_| true).expect_err("nobody is no choice by accident");
        assert_eq!(errors.get("blocks"), Some(&Invalid::Required));
    }
}
