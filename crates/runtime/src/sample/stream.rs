//! `GET /stream?events=N&interval_ms=M`: a slow answer, for trying out streaming.

use super::answer::{Answer, events as send_events};
use std::time::Duration;

const MOST_EVENTS: u64 = 100_000;
const MOST_INTERVAL: u64 = 60_000;

pub fn events(query: &str) -> Answer {
    let number = |name: &str| {
        let pair = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        pair.and_then(|(_, value)| value.parse::<u64>().ok())
    };
    let events = number("events").unwrap_or(10).min(MOST_EVENTS);
    let interval = Duration::from_millis(number("interval_ms").unwrap_or(100).min(MOST_INTERVAL));
    send_events(move |sender| async move {
        for event in 1..=events {
            if event > 1 {
                tokio::time::sleep(interval).await;
            }
            sender.send(format!("{{\"event\":{event},\"of\":{events}}}")).await?;
        }
        Ok(())
    })
}
