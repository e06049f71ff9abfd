//! Whose engine or agent calls.

use crate::Control;
use domain::host::Member;
use domain::id::HostId;
use link::Peer;
use tonic::{Request, Status};

pub(super) struct Caller {
    pub host: HostId,
    /// What a host that has joined calls as; the console's own host calls as whoever it is.
    pub member: Option<Member>,
}

impl Caller {
    /// Over the console's socket only its own host calls; from elsewhere the certificate says which host it is.
    pub fn of<T>(control: &Control, request: &Request<T>) -> Result<Self, Status> {
        let Some(peer) = request.extensions().get::<Peer>() else {
            return Ok(Self { host: control.own_host().clone(), member: None });
        };
        let hosts = control.desired().hosts.clone();
        let is_it = |member: &Member| Some(member.fingerprint) == peer.certificate;
        let found = hosts.values().find_map(|host| Some((host, host.member.clone().filter(is_it)?)));
        let (host, member) = found.ok_or_else(|| {
            tracing::warn!(from = %peer.address, "refused a session of a host that does not belong here");
            Status::permission_denied("this console does not know this host; join it again")
        })?;
        Ok(Self { host: host.id.clone(), member: Some(member) })
    }

    /// Whether nothing is left to be done there but to end.
    pub fn is_removed(&self, control: &Control) -> bool {
        control.desired().hosts.get(&self.host).is_none_or(|host| host.removed)
    }
}
