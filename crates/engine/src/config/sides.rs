//! Gateways by name, on the public side and in each VPC: a name is valid on its own side only.

use super::table::{Entrance, Gateway};
use super::{ConfigError, Hosts, Parted};
use domain::id::VpcId;
use std::sync::Arc;

/// Cloning copies little.
#[derive(Clone, Default)]
pub struct Sides {
    public: Side,
    /// Those that some gateway can be entered from.
    vpcs: Parted<VpcId, Arc<Side>>,
}

/// What gateways are called on one side.
#[derive(Clone, Default)]
struct Side {
    hosts: Hosts,
    gateways: usize,
    /// How many of them have to be known before anything of a connection is taken.
    to_be_known: usize,
}

impl Sides {
    fn side(&self, vpc: Option<&VpcId>) -> Option<&Side> {
        match vpc {
            None => Some(&self.public),
            Some(vpc) => self.vpcs.get(vpc).map(Arc::as_ref),
        }
    }

    /// The gateway with this name on this side, which is the public one or a VPC's. The name is as
    /// [`crate::route::host::normalise`] gives it.
    pub fn named(&self, vpc: Option<&VpcId>, host: &str) -> Option<&Arc<Gateway>> {
        self.side(vpc)?.hosts.get(host)
    }

    /// Whether some gateway has to be known by the first bytes of a connection from this side, also in clear.
    pub fn looks_ahead(&self, vpc: Option<&VpcId>) -> bool {
        self.side(vpc).is_some_and(|side| side.to_be_known > 0)
    }

    /// Its names wherever it can be entered.
    ///
    /// # Errors
    /// If another gateway has one of them on the same side.
    pub(super) fn insert(&mut self, gateway: &Arc<Gateway>) -> Result<(), ConfigError> {
        for (vpc, entrance) in entrances(gateway) {
            self.edit(vpc, |side| {
                side.gateways += 1;
                side.to_be_known += usize::from(has_to_be_known(gateway, entrance));
                entrance.hosts.iter().try_for_each(|host| side.hosts.insert(host, gateway))
            })?;
        }
        Ok(())
    }

    /// For a gateway that was put in before.
    pub(super) fn remove(&mut self, gateway: &Gateway) {
        for (vpc, entrance) in entrances(gateway) {
            self.edit(vpc, |side| {
                side.gateways -= 1;
                side.to_be_known -= usize::from(has_to_be_known(gateway, entrance));
                entrance.hosts.iter().for_each(|host| side.hosts.remove(host));
            });
        }
    }

    fn edit<R>(&mut self, vpc: Option<&VpcId>, edit: impl FnOnce(&mut Side) -> R) -> R {
        let Some(vpc) = vpc else { return edit(&mut self.public) };
        let mut side = self.vpcs.remove(vpc).unwrap_or_default();
        let result = edit(Arc::make_mut(&mut side));
        if side.gateways > 0 {
            self.vpcs.insert(vpc.clone(), side);
        }
        result
    }

    /// All names of a side.
    #[cfg(any(test, feature = "fuzzing"))]
    pub fn names(&self, vpc: Option<&VpcId>) -> impl Iterator<Item = (String, &Arc<Gateway>)> {
        self.side(vpc).into_iter().flat_map(|side| side.hosts.iter())
    }
}

fn entrances(gateway: &Gateway) -> impl Iterator<Item = (Option<&VpcId>, &Entrance)> {
    let public = gateway.public.iter().map(|entrance| (None, entrance));
    public.chain(gateway.private.iter().map(|private| (Some(&private.vpc), &private.entrance)))
}

fn has_to_be_known(gateway: &Gateway, entrance: &Entrance) -> bool {
    gateway.workers > 0 || entrance.drop_strangers
}
