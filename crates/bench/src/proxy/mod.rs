//! The four that are compared, each with the configuration that the scene gives.

mod engine;
mod envoy;
mod haproxy;
pub mod link;
mod nginx;

use crate::ports::free;
use crate::process::Process;
use crate::scene::Scene;
use anyhow::Result;
use link::Told;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Engine,
    Nginx,
    Haproxy,
    Envoy,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Engine, Self::Nginx, Self::Haproxy, Self::Envoy];

    pub fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
        }
    }
}

/// Where a proxy listens.
#[derive(Clone, Copy)]
pub struct Doors {
    pub http: SocketAddr,
    pub https: SocketAddr,
    /// The peers' own; the engine tells the console.
    pub metrics: SocketAddr,
}

/// Where it writes what it did.
pub enum Records {
    /// JSON, a line a request.
    File(PathBuf),
    /// To the console.
    Link(Told),
}

pub struct Proxy {
    pub kind: Kind,
    pub doors: Doors,
    pub records: Records,
    pub process: Process,
    _link: Option<link::Link>,
}

impl Proxy {
    /// Starts it in a new folder of its own and waits until it answers.
    pub async fn start(kind: Kind, scene: &Scene, programs: &Programs, folder: &Path) -> Result<Self> {
        let folder = folder.join(kind.name());
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("cert.pem"), &scene.certificate.chain)?;
        std::fs::write(folder.join("key.pem"), &scene.certificate.key)?;
        let doors = Doors { http: free()?, https: free()?, metrics: free()? };
        let log = folder.join("access.log");
        let mut proxy = match kind {
            Kind::Engine => engine::start(scene, &programs.engine, doors, &folder).await?,
            Kind::Nginx => of(kind, doors, log.clone(), nginx::start(scene, doors, &folder, &log)?),
            Kind::Haproxy => of(kind, doors, log.clone(), haproxy::start(scene, doors, &folder, &log)?),
            Kind::Envoy => of(kind, doors, log.clone(), envoy::start(scene, &programs.envoy, doors, &folder, &log)?),
        };
        crate::ports::wait(&[doors.http, doors.https], &mut proxy.process).await?;
        Ok(proxy)
    }

    /// Throws away what was recorded until now, so that a disk does not fill.
    pub fn forget(&self) -> Result<()> {
        match &self.records {
            // All of them append.
            Records::File(path) => std::fs::File::options().write(true).open(path)?.set_len(0)?,
            Records::Link(told) => told.forget(),
        }
        Ok(())
    }
}

fn of(kind: Kind, doors: Doors, log: PathBuf, process: Process) -> Proxy {
    Proxy { kind, doors, records: Records::File(log), process, _link: None }
}

/// Programs that are nowhere in the path.
pub struct Programs {
    pub engine: PathBuf,
    pub envoy: PathBuf,
}
