//! What is read here beside hyper, compared with what hyper reads.

use super::{Found, Heads};
use crate::route::path::{Target, target};
use crate::{headers, route};
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
use std::sync::Arc;

/// What is decided of a request by its head alone.
fn decided(request: &Request<Incoming>) -> Option<()> {
    let (parts, ()) = request.headers_only().into_parts();
    headers::check(&parts).ok()?;
    let host = route::host::of(&parts, Scheme::Http).ok()?;
    if let Some(host) = host.and_then(route::host::normalise) {
        assert!(!host.bytes().any(|byte| byte.is_ascii_uppercase() || byte <= b' '), "{host}");
    }
    let Target::Service { name, rest } = target(parts.uri.path()).ok()? else { return None };
    assert_eq!(format!("/api/predict/{name}{rest}"), parts.uri.path());
    assert!(!name.is_empty() && !name.contains(['/', '%', '\\', ';']));
    let framing = ["content-length", "transfer-encoding"].map(|name| parts.headers.get_all(name).iter().count());
    assert!(framing[0] + framing[1] <= 1, "one length");
    Some(())
}

trait HeadersOnly {
    fn headers_only(&self) -> Request<()>;
}

impl HeadersOnly for Request<Incoming> {
    fn headers_only(&self) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = self.method().clone();
        *request.uri_mut() = self.uri().clone();
        *request.version_mut() = self.version();
        *request.headers_mut() = self.headers().clone();
        request
    }
}

/// How many requests hyper finds; each is asked about as the pipeline does, and its body is read.
fn served(input: &[u8], found: &Arc<Found>) -> u64 {
    let count = Rc::new(RefCell::new(0));
    let counted = count.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        *counted.borrow_mut() += 1;
        let clear = found.check_next().is_ok();
        if clear {
            decided(&request);
        }
        async move {
            let mut body = pin!(request.into_body());
            while clear && let Some(Ok(_)) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {}
            let mut response = Response::new(String::new());
            if !clear {
                response.headers_mut().insert("connection", "close".parse().expect("a value"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(tokio::io::join(input, tokio::io::sink()));
    let mut serving =
        pin!(hyper::server::conn::http1::Builder::new().header_read_timeout(None).serve_connection(io, service));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _ = runtime.block_on(serving.as_mut());
    count.take()
}

/// No request is served whose head was not seen.
pub fn look(input: &[u8]) {
    let found = Arc::<Found>::default();
    let mut heads = Heads::new(found.clone());
    heads.read(input);
    let in_pieces = Arc::<Found>::default();
    let mut pieces = Heads::new(in_pieces.clone());
    input.chunks(3).for_each(|piece| pieces.read(piece));
    assert_eq!((heads.count(), found.bad()), (pieces.count(), in_pieces.bad()), "pieces change nothing");
    let served = served(input, &found);
    match found.bad() {
        // The bad one is refused, and its connection closed.
        Some(bad) => assert!(served <= bad + 1, "{served} requests, the bad one is {bad}"),
        None => assert!(served <= heads.count(), "{served} requests, {} heads", heads.count()),
    }
}
