//! Why a key of the document is not taken.

use serde::{Deserialize, Serialize};

/// Each says what is so here. What to use instead is named by its key, beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    #[error("replicas run on this installation's own hosts, and no machines are rented for them")]
    Machines,
    #[error("there are no built-in processors; the model's own server runs as a container or a process")]
    Processor,
    #[error("GPUs are given to a replica as wholes")]
    GpuParts,
    #[error("the model's own server forms batches, by its command")]
    Batching,
    #[error("the gateway's threads follow its specification")]
    Threads,
    #[error("a service answers whoever asks; there are no queues of results")]
    Asynchronous,
    #[error("only folders of the hosts can be mounted; mount it on the hosts first")]
    Storage,
    #[error("encrypted models are not decrypted here; mount a folder that holds the decrypted one")]
    Encrypted,
    #[error("the gateway's whitelist says who gets in")]
    SecurityGroup,
    #[error("a replica runs on one host")]
    OneHost,
    #[error("this kind of service is not there; a plain service answers its requests itself")]
    ServiceType,
    #[error("every service answers browsers too, without a switch")]
    WebPages,
    #[error("a replica uses its host's disk, without a part of its own")]
    Disk,
    #[error("a replica is one container; put both programs into one image, or deploy a second service")]
    OneContainer,
    #[error("ids of workspaces start with ws- here; without it the service goes into the workspace you are in")]
    Workspace,
    #[error("a replica is always told to end by SIGTERM, after its requests")]
    Sigterm,
    #[error("a replica has one port, and that is the one that is asked")]
    CheckPort,
    #[error("replicas are asked in plain HTTP")]
    CheckScheme,
    #[error("only a container has shared memory of its own")]
    SharedMemory,
    #[error("ALB gateways do not support it; use a fully managed gateway for it")]
    AlbGateway,
    #[error("requirements are named one by one")]
    RequirementsFile,
    #[error("with a dedicated gateway nothing scales to zero unless you ask for it by name")]
    ScaleToZero,
    #[error("roll-outs are paused and resumed on the service's page")]
    Rollout,
    #[error("a process sees the host's folders as they are; both paths have to be the same")]
    MountPath,
    #[error("replicas are spread evenly over the hosts, always")]
    Spread,
    #[error("a replica that ends is always started again, with growing pauses")]
    Restarts,
    #[error("the agent of each host supervises replicas; there is no other supervisor")]
    Supervisor,
    #[error("it switches parts of another product")]
    Features,
    #[error("requests arrive at the replica with the path that follows the service's name")]
    Path,
    #[error("what runs at given addresses is not started here, so it gets no resources and no roll-outs")]
    External,
    #[error("only containers come from images")]
    OnlyContainers,
    #[error("it goes by another name here")]
    Renamed,
    #[error("a service scales by its own metrics, not by another service's")]
    OtherService,
}
