//! HTTP/1.1 as it is read here, beside hyper's reading of the same bytes: whatever is taken for a request here, hyper
//! takes for the same one, with the same body and the same end. It may be stricter here, never more generous.

use crate::headers;
use crate::http1::fuzz::requests;
use crate::message::{Head, Name};
use crate::route;
use crate::route::path::{Target, target};
use domain::snapshot::Scheme;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

/// A request as one reader has it: method, path and query, body.
type Read = (String, String, Vec<u8>);

/// Whether it would go on to a service as far as its head tells.
fn goes_on(head: &Head) -> bool {
    let Ok(host) = route::host::of(head, Scheme::Http) else { return false };
    if let Some(host) = host.and_then(route::host::normalise) {
        assert!(!host.bytes().any(|byte| byte.is_ascii_uppercase() || byte <= b' '), "{host}");
    }
    if headers::check(head).is_err() {
        return false;
    }
    if let Ok(Target::Service { name, rest }) = target(head.path()) {
        assert_eq!(format!("/api/predict/{name}{rest}"), head.path());
        assert!(!name.is_empty() && !name.contains(['/', '%', '\\', ';']));
    }
    assert!(!(head.fields.has(Name::ContentLength) && head.fields.has(Name::TransferEncoding)), "one length");
    true
}

/// The requests that go on, up to the first one that does not.
fn ours(input: &[u8], size: usize) -> Vec<Read> {
    let mut read = Vec::new();
    for (head, body) in requests(input, size) {
        if !goes_on(&head) {
            break;
        }
        let query = head.query().map(|query| format!("?{query}")).unwrap_or_default();
        read.push((head.method.to_string(), format!("{}{query}", head.path()), body));
    }
    read
}

fn hypers(input: &[u8]) -> Vec<Read> {
    let all = Rc::new(RefCell::new(Vec::new()));
    let service = service_fn(|request: Request<Incoming>| {
        let all = all.clone();
        async move {
            let (parts, body) = request.into_parts();
            let path = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
            let (mut body, mut bytes) = (pin!(body), Vec::new());
            loop {
                match poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
                    Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| &data[..])),
                    Some(Err(_)) => break,
                    None => {
                        all.borrow_mut().push((parts.method.to_string(), path, bytes));
                        break;
                    }
                }
            }
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    let io = TokioIo::new(tokio::io::join(input, tokio::io::sink()));
    let mut builder = hyper::server::conn::http1::Builder::new();
    // The end of the bytes is no reason to drop what they ask.
    let serving = builder.header_read_timeout(None).half_close(true).serve_connection(io, service);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _ = runtime.block_on(serving);
    all.take()
}

pub fn look(input: &[u8]) {
    let ours = ours(input, input.len().max(1));
    assert_eq!(ours, self::ours(input, 3), "pieces change nothing");
    let hypers = hypers(input);
    assert!(hypers.len() >= ours.len() && hypers[..ours.len()] == ours[..], "{ours:?} here, {hypers:?} there");
}
