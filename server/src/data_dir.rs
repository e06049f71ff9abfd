//! The folder that everything is kept in, and who may look into it.

use crate::config::Config;
use anyhow::{Context, Result};
use domain::id::{AgentId, EngineId};
use identity::entropy;
use link::{HostIdentity, LinkError};
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
}

impl DataDir {
    /// Makes the folders that are missing.
    pub fn open(config: &Config) -> Result<Self> {
        let dir = Self { root: config.data_dir.clone() };
        let make = |path: &Path, mode| {
            let made = DirBuilder::new().recursive(true).mode(mode).create(path);
            made.and_then(|()| std::fs::set_permissions(path, Permissions::from_mode(mode)))
                .with_context(|| format!("the folder {} cannot be made; choose another --data-dir", path.display()))
        };
        // Others may pass through, so that a replica's user reaches its own folder, but see nothing.
        make(&dir.root, 0o711)?;
        make(&dir.agent(), 0o711)?;
        for path in [dir.engine(), dir.run(), dir.keys(), dir.tls(), dir.host()] {
            make(&path, 0o700)?;
        }
        Ok(dir)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("console.db")
    }

    /// What was measured; may be lost without harm to anything else.
    pub fn series(&self) -> PathBuf {
        self.root.join("series.db")
    }

    pub fn engine(&self) -> PathBuf {
        self.root.join("engine")
    }

    pub fn agent(&self) -> PathBuf {
        self.root.join("agent")
    }

    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    pub fn tls(&self) -> PathBuf {
        self.root.join("tls")
    }

    pub fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    pub fn host(&self) -> PathBuf {
        self.root.join("host")
    }

    pub fn identity_file(&self) -> PathBuf {
        self.host().join("identity.json")
    }

    /// Of a host that has joined a console elsewhere.
    pub fn host_identity(&self) -> Result<Option<HostIdentity>, LinkError> {
        HostIdentity::load(&self.identity_file())
    }

    pub fn key_file(&self) -> PathBuf {
        self.keys().join("installation.key")
    }

    /// Where engines and agents call the console.
    pub fn link_socket(&self) -> PathBuf {
        self.run().join("link.sock")
    }

    /// Where the agent calls its engine.
    pub fn endpoint_socket(&self) -> PathBuf {
        self.run().join("endpoints.sock")
    }

    /// This host's engine; the same over all its restarts.
    pub fn engine_id(&self) -> Result<EngineId> {
        kept(&self.engine().join("id"), || EngineId::from_random(entropy::id()))
    }

    pub fn agent_id(&self) -> Result<AgentId> {
        kept(&self.agent().join("id"), || AgentId::from_random(entropy::id()))
    }
}

fn kept<T: std::str::FromStr + ToString>(path: &Path, make: impl FnOnce() -> T) -> Result<T> {
    if let Ok(text) = std::fs::read_to_string(path)
        && let Ok(id) = text.trim().parse()
    {
        return Ok(id);
    }
    let id = make();
    let temporary = path.with_extension("new");
    std::fs::write(&temporary, id.to_string())
        .and_then(|()| std::fs::rename(&temporary, path))
        .with_context(|| format!("the file {} cannot be written", path.display()))?;
    Ok(id)
}
