//! Resident memory, each time of a proxy that was started for it: what was used before would be used again.

use super::Workload;
use crate::load::idle;
use crate::load::streams::Streams;
use crate::load::websockets::WebSockets;
use crate::process::resident;
use crate::proxy::{Kind, Programs, Proxy};
use crate::scene::Scene;
use anyhow::Result;
use std::path::Path;
use std::time::Duration;

// Many: allocators have room left from reading a thousand services.
const IDLE: usize = 5000;
const STREAMS: usize = 1000;
const WEBSOCKETS: usize = 2000;

/// Bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// With all services configured and no connection.
    pub at_rest: u64,
    pub idle: u64,
    pub stream: u64,
    pub websocket: u64,
}

impl Memory {
    pub async fn of(kind: Kind, scene: &Scene, programs: &Programs, folder: &Path) -> Result<Self> {
        let start = async || Proxy::start(kind, scene, programs, folder).await;
        // Everything that is made for the first request is there afterwards.
        let warm = async |proxy: &Proxy, head: &str| {
            idle::open(proxy.doors.http, head, 1).await?;
            settled().await;
            anyhow::Ok(resident(&proxy.process.tree()))
        };
        let mut memory = Self::default();
        let grown = |proxy: &Proxy, before: u64, count: usize| {
            resident(&proxy.process.tree()).saturating_sub(before) / count as u64
        };

        let (proxy, head) = (start().await?, idle_head(scene));
        memory.at_rest = warm(&proxy, &head).await?;
        let open = idle::open(proxy.doors.http, &head, IDLE).await?;
        settled().await;
        memory.idle = grown(&proxy, memory.at_rest, open.len());
        drop((open, proxy));

        let proxy = start().await?;
        let before = warm(&proxy, &head).await?;
        let streams = Streams::open(proxy.doors.http, &quiet_head(scene), STREAMS).await?;
        settled().await;
        memory.stream = grown(&proxy, before, STREAMS);
        drop((streams, proxy));

        let proxy = start().await?;
        let before = warm(&proxy, &head).await?;
        let sockets = WebSockets::open(proxy.doors.http, &Workload::WebSockets.head(scene), WEBSOCKETS).await?;
        settled().await;
        memory.websocket = grown(&proxy, before, WEBSOCKETS);
        drop((sockets, proxy));
        Ok(memory)
    }
}

fn idle_head(scene: &Scene) -> String {
    crate::load::head::get(scene.web(), &format!("{}get", scene.web().prefix()), "")
}

/// An event a second: what is wanted is streams, not load.
fn quiet_head(scene: &Scene) -> String {
    crate::load::head::get(scene.streams(), &format!("{}quiet", scene.streams().prefix()), "")
}

async fn settled() {
    tokio::time::sleep(Duration::from_millis(1500)).await;
}
