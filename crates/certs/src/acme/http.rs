//! HTTPS to an ACME server, with bounds on what it may send and how long it may take.

use super::answer::{bound_retry_after, refusal, unreachable};
use ::http::{Request, Uri};
use bytes::Bytes;
use domain::certificate::{IssueFailure, Unreachable};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::{ClientConfig, RootCertStore};
use std::pin::Pin;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);
/// A chain has some kilobytes; directories and orders have less.
const MAX_BODY: usize = 1024 * 1024;

type Body = BodyWrapper<Bytes>;

/// Cheap to clone: clones share their connections.
#[derive(Clone)]
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Body>);

impl Http {
    pub fn new(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = rustls::crypto::ring::default_provider();
        let tls = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().wrap_connector(tcp);
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// The answer to a success or a refused nonce; anything else is a failure.
    pub async fn send(&self, request: Request<Body>) -> Result<(::http::response::Parts, Bytes), IssueFailure> {
        let host = host(request.uri());
        let silent = || IssueFailure::Unreachable { host: host.clone(), how: Unreachable::Silent };
        let exchange = async {
            let (mut parts, body) =
                self.0.request(request).await.map_err(|error| unreachable(&host, &error))?.into_parts();
            let too_long = || IssueFailure::NotAcme { host: host.clone(), status: parts.status.as_u16() };
            let body = Limited::new(body, MAX_BODY).collect().await;
            let body = body.map_err(|error| if error.is::<hyper::Error>() { silent() } else { too_long() })?.to_bytes();
            if !parts.status.is_success()
                && let Some(failure) = refusal(&host, parts.status, &parts.headers, &body)
            {
                return Err(failure);
            }
            bound_retry_after(&mut parts.headers);
            Ok((parts, body))
        };
        tokio::time::timeout(ANSWER, exchange).await.unwrap_or_else(|_| Err(silent()))
    }
}

impl HttpClient for Http {
    fn request(&self, request: Request<Body>) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let http = self.clone();
        Box::pin(async move {
            match http.send(request).await {
                Ok((parts, body)) => Ok(BytesResponse { parts, body: Box::new(body) }),
                Err(failure) => Err(Error::Other(Box::new(failure))),
            }
        })
    }
}

/// For sentences: the host, and the port where it is not the usual one.
pub(super) fn host(uri: &Uri) -> String {
    uri.authority().map(|authority| domain::certificate::tame(authority.as_str())).unwrap_or_default()
}
