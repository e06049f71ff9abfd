use super::Doors;
use crate::process::{PROXY_CORE, Process};
use crate::scene::{Answers, KEPT, Scene, Service};
use crate::template::fill;
use anyhow::Result;
use std::fs;
use std::path::Path;

const MAIN: &str = include_str!("../../peers/haproxy.cfg");
const BACKEND: &str = include_str!("../../peers/haproxy-backend.cfg");

pub fn start(scene: &Scene, doors: Doors, folder: &Path, log: &Path) -> Result<Process> {
    let map = |name: &str, value: &dyn Fn(&Service) -> String| {
        let line = |service: &Service| format!("{}/{} {}\n", service.host_name(), service.name, value(service));
        fs::write(folder.join(name), scene.services.iter().map(line).collect::<String>())
    };
    map("backends.map", &|service| service.name.clone())?;
    map("tokens.map", &|service| service.token.clone())?;
    map("limits.map", &|service| service.rate.to_string())?;
    fs::write(folder.join("whitelist.lst"), scene.whitelist.join("\n"))?;
    fs::write(folder.join("both.pem"), format!("{}{}", scene.certificate.chain, scene.certificate.key))?;
    let backend = |service: &Service| {
        let address = scene.backends.of(service.answers).to_string();
        let proto = if service.answers == Answers::Grpc { " proto h2" } else { "" };
        let kept = KEPT.to_string();
        fill(BACKEND, &[("name", &service.name), ("address", &address), ("kept", &kept), ("proto", proto)])
    };
    let text = fill(
        MAIN,
        &[
            ("dir", &folder.display().to_string()),
            ("http", &doors.http.to_string()),
            ("https", &doors.https.to_string()),
            ("metrics", &doors.metrics.to_string()),
            ("backends", &scene.services.iter().map(backend).collect::<String>()),
        ],
    );
    let conf = folder.join("haproxy.cfg");
    fs::write(&conf, text)?;
    let arguments = ["-db".into(), "-f".into(), conf.display().to_string()];
    // It logs to its standard output.
    Process::start("HAProxy", PROXY_CORE, Path::new("haproxy"), &arguments, log)
}
