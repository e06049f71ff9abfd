//! Containers that are not needed any more.

use super::daemon::SHORT;
use super::{ContainerError, Containers, label};
use bollard::Docker;
use bollard::errors::Error;
use bollard::query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder};
use chrono::{DateTime, Utc};
use domain::id::ReplicaId;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// Between two looks at a removal that is under way.
const PAUSE: Duration = Duration::from_millis(200);

impl Containers {
    /// Ends and removes what is there of a replica, with its anonymous volumes.
    pub(super) async fn remove(&self, id: &ReplicaId) -> Result<(), ContainerError> {
        let deadline = Instant::now() + SHORT;
        while let Some(found) = self.daemon.inspect(id.as_str()).await? {
            if !self.is_ours(&found) {
                return Err(ContainerError::Foreign { name: id.to_string() });
            }
            let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
            let docker = self.daemon.client().await?;
            match docker.remove_container(id.as_str(), Some(options)).await {
                // 404: gone meanwhile. 409: on its way out already.
                Ok(()) | Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(()),
                Err(Error::DockerResponseServerError { status_code: 409, .. }) if Instant::now() < deadline => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(self.daemon.wrong(&error)),
            }
        }
        Ok(())
    }

    /// The same for one that is gone for good, as soon as the daemon answers.
    pub(super) async fn remove_at_last(self, id: ReplicaId) {
        loop {
            match self.remove(&id).await {
                Err(error) if error.is_away() => self.daemon.back().await,
                Err(error) => return tracing::warn!(replica = %id, %error, "a container stays"),
                Ok(()) => return,
            }
        }
    }

    /// Removes this agent's containers from before `since` whose replicas are not `known`: nobody looks after them.
    pub(super) async fn sweep(&self, known: &BTreeSet<ReplicaId>, since: DateTime<Utc>) -> Result<(), ContainerError> {
        let filter = HashMap::from([("label", vec![format!("{}={}", label::AGENT, self.agent_id)])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filter).build();
        let list = self.daemon.ask(async |docker: Docker| docker.list_containers(Some(options)).await).await?;
        for stray in list.unwrap_or_default() {
            let id = stray.labels.as_ref().and_then(|labels| labels.get(label::REPLICA)?.parse::<ReplicaId>().ok());
            // Seconds only: one of this very second may be a new one, and stays.
            let old = stray.created.is_some_and(|created| created < since.timestamp());
            if let Some(id) = id.filter(|id| old && !known.contains(id)) {
                tracing::warn!(replica = %id, "nobody looks after this container; removing it");
                self.remove(&id).await?;
            }
        }
        Ok(())
    }
}
