//! A container is prepared, made and started.

use super::error::{Answer, answer};
use super::{ContainerError, Containers, body, end, gpu, image, mounts};
use crate::spec::ReplicaSpec;
use bollard::errors::Error;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::CreateContainerOptionsBuilder;
use domain::service::Runtime;

impl Containers {
    /// Makes sure that the image is there and nothing of the start before. While the daemon is away it waits.
    pub(super) async fn ready(
        &self,
        spec: &ReplicaSpec,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), ContainerError> {
        loop {
            match self.ready_now(spec, progress).await {
                Err(error) if error.is_away() => {
                    progress(error.to_string());
                    self.daemon.back().await;
                }
                done => return done,
            }
        }
    }

    async fn ready_now(
        &self,
        spec: &ReplicaSpec,
        progress: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), ContainerError> {
        let Runtime::Container { image, credentials } = &spec.workload.runtime else { return Ok(()) };
        // What can be refused at once is refused before an image is pulled for an hour.
        mounts::binds(&spec.workload.mounts, &self.closed)?;
        gpu::request(&self.daemon, &spec.gpus).await?;
        image::ensure(&self.daemon, image, credentials.as_ref(), progress).await?;
        self.remove(&spec.replica_id).await
    }

    /// Returns the daemon's id of the container, which runs.
    pub(super) async fn make(&self, spec: &ReplicaSpec) -> Result<String, ContainerError> {
        let mounts = mounts::binds(&spec.workload.mounts, &self.closed)?;
        let gpus = gpu::request(&self.daemon, &spec.gpus).await?;
        let id = self.create(spec, body::body(spec, &self.agent_id, mounts, gpus)).await?;
        let docker = self.daemon.client().await?;
        if let Err(error) = docker.start_container(&id, None).await {
            let error = self.not_started(spec, &error);
            // Where the daemon is away now, the next start removes it.
            let _ = self.remove(&spec.replica_id).await;
            return Err(error);
        }
        Ok(id)
    }

    async fn create(&self, spec: &ReplicaSpec, body: ContainerCreateBody) -> Result<String, ContainerError> {
        let docker = self.daemon.client().await?;
        let options = CreateContainerOptionsBuilder::default().name(spec.replica_id.as_str()).build();
        match docker.create_container(Some(options.clone()), body.clone()).await {
            Ok(made) => return Ok(made.id),
            Err(error) if !is_conflict(&error) => return Err(self.daemon.wrong(&error)),
            // Of an agent that was killed before the daemon had answered it.
            Err(_) => self.remove(&spec.replica_id).await?,
        }
        let made = docker.create_container(Some(options), body).await;
        made.map(|made| made.id).map_err(|error| self.daemon.wrong(&error))
    }

    fn not_started(&self, spec: &ReplicaSpec, error: &Error) -> ContainerError {
        match (answer(error), spec.workload.command.first()) {
            (Answer::No(words), Some(program)) if words.contains("executable file") => {
                ContainerError::NoProgram { program: program.clone(), image: end::image(spec).into() }
            }
            _ => self.daemon.wrong(error),
        }
    }
}

/// Docker has a status for it, Podman says it in words only.
fn is_conflict(error: &Error) -> bool {
    let Error::DockerResponseServerError { status_code, message } = error else { return false };
    *status_code == 409 || message.contains("name is already in use")
}
