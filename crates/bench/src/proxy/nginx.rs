use super::Doors;
use crate::process::{PROXY_CORE, Process};
use crate::scene::{Answers, FAST, HOSTS, KEPT, SLOW, Scene, Service, host};
use crate::template::fill;
use anyhow::Result;
use std::path::Path;

const MAIN: &str = include_str!("../../peers/nginx.conf");
const SERVER: &str = include_str!("../../peers/nginx-server.conf");
const LOCATION: &str = include_str!("../../peers/nginx-location.conf");

pub fn start(scene: &Scene, doors: Doors, folder: &Path, log: &Path) -> Result<Process> {
    let conf = folder.join("nginx.conf");
    std::fs::write(&conf, configuration(scene, doors, folder, log))?;
    let arguments = ["-c".into(), conf.display().to_string()];
    Process::start("nginx", PROXY_CORE, Path::new("nginx"), &arguments, &folder.join("out"))
}

fn configuration(scene: &Scene, doors: Doors, folder: &Path, log: &Path) -> String {
    let upstream = |service: &Service| {
        let (name, address) = (&service.name, scene.backends.of(service.answers));
        format!("  upstream {name} {{ server {address}; keepalive {KEPT}; keepalive_requests 1000000000; }}\n")
    };
    let (http, https) = (doors.http.to_string(), doors.https.to_string());
    let allow: String = scene.whitelist.iter().map(|block| format!("    allow {block};\n")).collect();
    let server = |number: usize| {
        let here = scene.services.iter().filter(|service| service.host == number);
        let locations: String = here.map(location).collect();
        fill(
            SERVER,
            &[
                ("http", &http),
                ("https", &https),
                ("host", &host(number)),
                ("allow", &allow),
                ("locations", &locations),
            ],
        )
    };
    fill(
        MAIN,
        &[
            ("dir", &folder.display().to_string()),
            ("log", &log.display().to_string()),
            ("http", &http),
            ("https", &https),
            ("metrics", &doors.metrics.to_string()),
            ("fast", &FAST.to_string()),
            ("slow", &SLOW.to_string()),
            ("upstreams", &scene.services.iter().map(upstream).collect::<String>()),
            ("servers", &(0..HOSTS).map(server).collect::<String>()),
        ],
    )
}

fn location(service: &Service) -> String {
    let Service { name, token, answers, rate, .. } = service;
    let pass = match answers {
        Answers::Web => format!("      proxy_pass http://{name}/;\n"),
        Answers::Streams => format!("      proxy_buffering off;\n      proxy_pass http://{name}/;\n"),
        Answers::Grpc => {
            format!("      rewrite ^/api/predict/[^/]+(/.*)$ $1 break;\n      grpc_pass grpc://{name};\n")
        }
    };
    let zone = if *rate == SLOW { "slow" } else { "fast" };
    fill(
        LOCATION,
        &[
            ("prefix", &service.prefix()),
            ("name", name),
            ("token", token),
            ("zone", zone),
            ("burst", &rate.to_string()),
            ("pass", &pass),
        ],
    )
}
