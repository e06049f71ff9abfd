//! `inference-gateway sample-model`: a small HTTP predictor, so that a service can be tried without a model at hand.

mod answer;
mod chat;
mod predict;
mod stream;

use answer::{Answer, json, text, whole};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Largest body, bytes: a little more than what the engine lets through.
const BODY_LIMIT: usize = 128 * 1024 * 1024;

/// Serves until SIGTERM, then takes no more connections, lets requests end and returns.
pub async fn sample_model(port: u16, host: IpAddr) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind((host, port)).await?;
    println!("sample-model listens on {}", listener.local_addr()?);
    serve(listener, async move {
        terminate.recv().await;
    })
    .await;
    println!("sample-model ends");
    Ok(())
}

async fn serve(listener: TcpListener, end: impl Future<Output = ()>) {
    let (ending, _) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, ending.subscribe()));
                }
                Err(error) => {
                    eprintln!("cannot accept a connection: {error}");
                    // Out of file descriptors, most likely; trying at once would only burn the processor.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    ending.send_replace(true);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, mut ending: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    tokio::pin!(connection);
    // Errors of a connection are its client's business.
    tokio::select! {
        _ = &mut connection => return,
        _ = ending.wait_for(|ending| *ending) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    Ok(match (&head.method, head.uri.path()) {
        (&Method::GET | &Method::HEAD, "/") => text(StatusCode::OK, "True\n"),
        (&Method::GET, "/health") => text(StatusCode::OK, "ok\n"),
        // Which of several this is, for who calls them by one name.
        (&Method::GET, "/version") => {
            let version = std::env::var("VERSION").unwrap_or_else(|_| "unset".into());
            whole(StatusCode::OK, "text/plain; charset=utf-8", format!("{version}\n"))
        }
        (&Method::GET, "/stream") => stream::events(head.uri.query().unwrap_or_default()),
        (&Method::GET, "/v1/models") => json(StatusCode::OK, &chat::models()),
        (&Method::POST | &Method::PUT, path) => match Limited::new(body, BODY_LIMIT).collect().await {
            Ok(body) if path == "/v1/chat/completions" => chat::complete(&body.to_bytes()),
            Ok(body) => json(StatusCode::OK, &predict::predict(&body.to_bytes())),
            Err(error) => {
                let body = serde_json::json!({ "error": { "message": format!("the body cannot be read: {error}") } });
                json(StatusCode::PAYLOAD_TOO_LARGE, &body)
            }
        },
        (&Method::GET | &Method::HEAD, _) => text(StatusCode::NOT_FOUND, "the sample model has no such page\n"),
        _ => text(StatusCode::METHOD_NOT_ALLOWED, "use GET or POST\n"),
    })
}

#[cfg(test)]
mod tests;
