//! Where hosts come in that do not belong here yet.

use crate::Control;
use crate::hosts::JoinRefused;
use link::join_link_server::JoinLink;
use link::message::{JoinReply, JoinRequest};
use tonic::{Request, Response, Status};

pub(super) struct Joins(pub Control);

#[tonic::async_trait]
impl JoinLink for Joins {
    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<JoinReply>, Status> {
        let from = request.extensions().get::<link::Peer>().map(|peer| peer.address);
        let door = self.0.link_door().ok_or_else(|| Status::failed_precondition("nobody can join here"))?;
        let joined = self.0.join_host(door, request.into_inner()).await;
        joined.map(Response::new).map_err(|refused| {
            tracing::warn!(?from, %refused, "a host was not let in");
            match &refused {
                JoinRefused::Token => Status::permission_denied(refused.to_string()),
                JoinRefused::Doors | JoinRefused::Taken | JoinRefused::Request(_) => {
                    Status::invalid_argument(refused.to_string())
                }
                JoinRefused::Store(error) => {
                    tracing::error!(%error, "a host could not join");
                    Status::aborted(refused.to_string())
                }
            }
        })
    }
}
