use super::{single_threaded, terminated};
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::exit::{self, Failed};
use crate::lock::{self, Role};
use crate::membership;
use control::InstallationKey;
use engine::{Drain, EngineOptions};
use std::time::Duration;

pub fn engine(config: Config) -> Result<(), Failed> {
    let dir = DataDir::open(&config)?;
    let _lock = lock::take(&dir.run(), Role::Engine).map_err(exit::config)?;
    let identity = dir.host_identity().map_err(exit::config)?;
    let key = InstallationKey::load(&dir.key_file()).map_err(exit::config)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = EngineOptions {
        engine_id: dir.engine_id()?,
        state_dir: dir.engine(),
        public: identity.as_ref().map(|_| membership::doors(&config)),
        console: membership::console(&dir, identity),
        endpoint_socket: dir.endpoint_socket(),
        key: key.derive("engine"),
        admin: config.admin_addr,
        drain: Drain {
            least: Duration::from_secs(config.drain.start().to_owned().into()),
            most: Duration::from_secs(config.drain.end().to_owned().into()),
        },
        traces: config.otlp_endpoint.is_some(),
        workers: if config.workers == 0 { cores } else { config.workers },
    };
    single_threaded()?.block_on(async { Ok(engine::run(options, terminated()?).await?) })
}
