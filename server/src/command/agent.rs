use super::single_threaded;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use crate::lock::{self, Role};
use crate::membership;
use runtime::{AgentOptions, Shutdown};
use tokio::signal::unix::{SignalKind, signal};

pub fn agent(config: Config) -> Result<(), Failed> {
    let dir = DataDir::open(&config)?;
    let _lock = lock::take(&dir.run(), Role::Agent).map_err(exit::config)?;
    let identity = dir.host_identity().map_err(exit::config)?;
    let replica_user = runtime::replica_user(&config.replica_user);
    if replica_user.is_none() {
        tracing::warn!(
            user = config.replica_user,
            "replicas run as this user itself: switching to another one needs root and a user of that name"
        );
    }
    let options = AgentOptions {
        agent_id: dir.agent_id()?,
        state_dir: dir.agent(),
        replica_address: membership::replica_address(&dir, &config, identity.as_ref())?,
        console: membership::console(&dir, identity),
        engine_socket: dir.endpoint_socket(),
        program: std::env::current_exe()?,
        replica_user,
        ports: config.replica_ports.clone(),
        gpus_dir: runtime::NVIDIA_GPUS.into(),
        container_socket: config.container_socket.clone(),
        control_groups: true,
    };
    single_threaded()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = async move {
            tokio::select! {
                // So that the agent can be upgraded: the next one finds the replicas.
                _ = terminate.recv() => Shutdown::Leave,
                _ = interrupt.recv() => Shutdown::StopReplicas,
            }
        };
        Ok(runtime::run(options, shutdown).await?)
    })
}
