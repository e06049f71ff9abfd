//! A proxy that does less work is no comparison: before anything is measured each has to show that its policies hold.

use crate::ask::{Answer, Ask, ask};
use crate::proxy::{Proxy, Records};
use crate::scene::{SLOW, Scene};
use anyhow::{Result, ensure};
use std::net::IpAddr;
use std::time::{Duration, Instant};

const INSIDE: &str = "127.0.0.1";
const OUTSIDE: &str = "127.9.9.9";

pub async fn policies(proxy: &mut Proxy, scene: &Scene) -> Result<()> {
    let name = proxy.kind.name();
    let web = scene.web();
    let (host, seen) = (web.host_name(), format!("{}seen", web.prefix()));
    let good = Ask { from: INSIDE, host: &host, path: &seen, token: &web.token };
    let to = proxy.doors.http;

    let Answer { status, body } = ask(to, &good).await?;
    ensure!(status == 200, "{name} answers {status} to a good request: {body}");
    let mut parts = body.trim().split('|');
    ensure!(
        parts.next().is_some_and(|path| path.ends_with("/seen") && !path.contains("predict")),
        "{name}: prefix: {body}"
    );
    ensure!(parts.next() == Some(""), "{name} gives the token away: {body}");
    // Envoy names an address of the machine instead of a loopback client.
    let client = parts.next().is_some_and(|client| client.parse::<IpAddr>().is_ok());
    ensure!(client, "{name} does not say who asks: {body}");
    ensure!(parts.next().is_some_and(|id| id.len() >= 16), "{name} gives no request id: {body}");

    let status = async |wrong: Ask<'_>| anyhow::Ok(ask(to, &wrong).await?.status);
    let stranger = status(Ask { from: OUTSIDE, ..good }).await?;
    ensure!(matches!(stranger, 0 | 403), "{name} answers {stranger} to a wrong address");
    // That of another service.
    let token = status(Ask { token: &scene.limited().token, ..good }).await?;
    ensure!(matches!(token, 401 | 403), "{name} answers {token} to a wrong token");
    let elsewhere = status(Ask { host: "gw-1.bench.example", ..good }).await?;
    // Where there is no route there is no token that Envoy would take.
    ensure!(matches!(elsewhere, 401 | 404), "{name} answers {elsewhere} for a service of another host");
    let nothing = status(Ask { path: "/api/predict/nothing/", ..good }).await?;
    ensure!(matches!(nothing, 401 | 404), "{name} answers {nothing} for a service that does not exist");

    let slow = scene.limited();
    let (host, path) = (slow.host_name(), slow.prefix());
    let mut statuses = Vec::new();
    for _ in 0..SLOW * 4 {
        statuses.push(status(Ask { from: INSIDE, host: &host, path: &path, token: &slow.token }).await?);
    }
    ensure!(statuses.first() == Some(&200), "{name}: {statuses:?} of a limited service");
    ensure!(statuses.contains(&429), "{name} has no rate: {statuses:?}");
    writes(proxy, &seen).await
}

/// A record with the path and the answer, as long as it may take.
async fn writes(proxy: &mut Proxy, path: &str) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let (found, counts) = match &proxy.records {
            Records::File(log) => {
                let text = std::fs::read_to_string(log).unwrap_or_default();
                (text.lines().any(|line| is_record(line, path)), true)
            }
            Records::Link(told) => (told.has(path, 200), told.counts()),
        };
        if found && counts {
            return Ok(());
        }
        proxy.process.check()?;
        ensure!(Instant::now() < end, "{} writes no record of {path}", proxy.kind.name());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn is_record(line: &str, path: &str) -> bool {
    // HAProxy's standard output has the head of a syslog line in front.
    let Some(json) = line.find('{').and_then(|start| line.get(start..)) else { return false };
    let Ok(record) = serde_json::from_str::<serde_json::Value>(json) else { return false };
    record["status"] == 200 && (record["path"] == path || record["path"] == "/seen")
}
