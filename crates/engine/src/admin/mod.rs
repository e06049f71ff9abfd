//! The engine's own port: whether it lives, whether it serves, what it counts. No configuration, no secrets.

mod metrics;

use crate::record::{Rings, Stats};
use crate::reports::DoorReports;
use bytes::Bytes;
use domain::snapshot::SnapshotHash;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use link::message::DoorReport;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Connections at a time; whoever asks for numbers needs one.
const CONNECTIONS: usize = 32;
const RETRY: Duration = Duration::from_secs(1);

/// What is told.
#[derive(Clone)]
pub struct Watched {
    pub stats: Arc<Stats>,
    pub rings: Rings,
    pub current: watch::Receiver<(u64, SnapshotHash)>,
    pub doors: DoorReports,
}

/// Never ends. Without the port the engine serves all the same; it is tried again until it works.
pub async fn serve(address: Option<SocketAddr>, watched: Watched) {
    let Some(address) = address else { return std::future::pending().await };
    let mut failing = false;
    let listener = loop {
        match TcpListener::bind(address).await {
            Ok(listener) => break listener,
            Err(error) => {
                if !failing {
                    tracing::warn!(%address, %error, "cannot listen for /metrics; stop what uses the address or choose another --admin-addr");
                }
                failing = true;
                tokio::time::sleep(RETRY).await;
            }
        }
    };
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(RETRY).await;
            continue;
        };
        let watched = watched.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let answer = answer(&watched, &request);
                async move { Ok::<_, Infallible>(answer) }
            });
            let serving = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(30))
                .serve_connection(TokioIo::new(stream), service);
            let _ = serving.await;
            drop(place);
        });
    }
}

fn answer(watched: &Watched, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let text = |status, text: String| {
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = status;
        response
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "Use GET.\n".into());
    }
    match request.uri().path() {
        "/live" => text(StatusCode::OK, "live\n".into()),
        "/ready" => match unready(watched) {
            None => text(StatusCode::OK, "ready\n".into()),
            Some(why) => text(StatusCode::SERVICE_UNAVAILABLE, why),
        },
        "/metrics" => {
            let mut response = text(StatusCode::OK, metrics::text(watched));
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            response
        }
        _ => text(StatusCode::NOT_FOUND, "There are /live, /ready and /metrics.\n".into()),
    }
}

/// Why it does not serve as it should.
fn unready(watched: &Watched) -> Option<String> {
    if watched.current.borrow().0 == 0 {
        return Some("no configuration yet\n".into());
    }
    let doors = watched.doors.all();
    let name = |door: &DoorReport| match &door.device {
        None => door.address.to_string(),
        Some(device) => format!("{} on {device}", door.address),
    };
    let closed: Vec<String> = doors.iter().filter(|door| !door.open).map(name).collect();
    (!closed.is_empty()).then(|| format!("cannot listen on {}\n", closed.join(", ")))
}
