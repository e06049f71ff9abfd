//! The replicas: nginx for short answers, and a program of our own for streams and gRPC. The same for all proxies.

mod grpc;
mod streams;

use crate::process::{LOAD_CORE, Process};
use crate::scene::Scene;
use crate::template::fill;
use anyhow::Result;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::TcpListener;

const NGINX: &str = include_str!("../../peers/backend.conf");

/// Bytes of an answer to GET.
pub const SHORT: usize = 590;
/// Bytes of a body, and of the answer to it.
pub const BODY: usize = 4096;

pub fn start(scene: &Scene, folder: &Path) -> Result<Vec<Process>> {
    std::fs::write(folder.join("cert.pem"), &scene.certificate.chain)?;
    std::fs::write(folder.join("key.pem"), &scene.certificate.key)?;
    let conf = folder.join("backend.conf");
    let text = fill(
        NGINX,
        &[
            ("dir", &folder.display().to_string()),
            ("web", &scene.backends.web.to_string()),
            ("web_tls", &scene.backends.web_tls.to_string()),
            ("short", &"x".repeat(SHORT - r#"{"text":""}"#.len())),
            // A word of the configuration is at most half as long as a body.
            ("quarter", &"y".repeat(BODY / 4)),
        ],
    );
    std::fs::write(&conf, text)?;
    let log = folder.join("backend.out");
    let nginx = ["-c".into(), conf.display().to_string()];
    let own = ["backend".into(), scene.backends.streams.to_string(), scene.backends.grpc.to_string()];
    Ok(vec![
        Process::start("backend nginx", LOAD_CORE, Path::new("nginx"), &nginx, &log)?,
        Process::start("backend", LOAD_CORE, &std::env::current_exe()?, &own, &log)?,
    ])
}

/// What the second process does.
pub async fn run(streams: SocketAddr, grpc: SocketAddr) -> Result<()> {
    let streams = streams::serve(TcpListener::bind(streams).await?);
    let grpc = grpc::serve(TcpListener::bind(grpc).await?);
    tokio::select! {
        ended = streams => ended,
        ended = grpc => ended,
    }
}
