//! What is said over a real socket arrives as it was said.

#![allow(clippy::unwrap_used)]

use domain::cidr::Cidr;
use domain::id::{EngineId, GatewayId, RANDOM_LEN, ServiceId, TokenId};
use domain::secret::Secret;
use domain::snapshot::{
    Capacity, Delta, GatewayConfig, ListenerConfig, Policy, PublicDoor, Resource, Scheme, ServiceConfig, Snapshot,
    Timeouts, TlsPolicy, TokenConfig,
};
use link::engine_link_client::EngineLinkClient;
use link::engine_link_server::{EngineLink, EngineLinkServer};
use link::message::{EngineDown, EngineHello, EngineUp};
use std::os::unix::fs::PermissionsExt;
use std::pin::Pin;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

fn snapshot() -> Snapshot {
    let gateway = GatewayId::from_random([1; RANDOM_LEN]);
    Snapshot::from_resources(
        7,
        [
            Resource::Listener(ListenerConfig::new("127.0.0.1:8080".parse().unwrap(), Scheme::Http)),
            Resource::Listener(ListenerConfig::new("[::1]:8080".parse().unwrap(), Scheme::Https)),
            Resource::Gateway(GatewayConfig {
                id: gateway.clone(),
                name: "推理 </script>".into(),
                public: Some(PublicDoor {
                    hosts: vec!["gw.example".into()],
                    own: Some("127.0.0.1:18100".parse().unwrap()),
                    whitelist: vec![Cidr::parse("2001:db8::/32").unwrap()],
                    drop_strangers: false,
                }),
                private: Vec::new(),
                capacity: Capacity::default(),
                tls: TlsPolicy::default(),
                trusted_proxies: Vec::new(),
            }),
            Resource::Service(ServiceConfig {
                id: ServiceId::from_random([2; RANDOM_LEN]),
                gateway_id: gateway,
                name: "sample".into(),
                tokens: vec![TokenConfig {
                    id: TokenId::from_random([3; RANDOM_LEN]),
                    digest: Secret::new("t").digest(),
                    expires_at: chrono::DateTime::from_timestamp(1_700_000_000, 0),
                    secret: None,
                }],
                body_limit: u64::MAX,
                timeouts: Timeouts::default(),
                policy: Policy::default(),
                group: None,
            }),
        ],
    )
}

struct Console;

#[tonic::async_trait]
impl EngineLink for Console {
    type SessionStream = Pin<Box<dyn Stream<Item = Result<EngineDown, Status>> + Send>>;

    async fn session(&self, request: Request<Streaming<EngineUp>>) -> Result<Response<Self::SessionStream>, Status> {
        let mut up = request.into_inner();
        let Some(Ok(EngineUp::Hello(hello))) = up.next().await else { return Err(Status::aborted("no hello")) };
        assert_eq!((hello.version, hello.hash), (7, snapshot().hash()));
        let answer = EngineDown::Config(Delta::whole(&snapshot()));
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(answer)))))
    }
}

#[tokio::test]
async fn a_configuration_crosses_the_link() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.sock");
    let incoming = link::socket::listen(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let server = tonic::transport::Server::builder().add_service(EngineLinkServer::new(Console));
    let serving = tokio::spawn(server.serve_with_incoming(incoming));

    let mut client = EngineLinkClient::new(link::socket::connect(&path).await.unwrap());
    let hello = EngineUp::Hello(EngineHello {
        engine_id: EngineId::from_random([9; RANDOM_LEN]),
        software: "test".into(),
        pid: 1,
        version: 7,
        hash: snapshot().hash(),
        open_files: Some(1024),
        addresses: Vec::new(),
        public: None,
    });
    let mut down = client.session(tokio_stream::once(hello)).await.unwrap().into_inner();
    let Some(Ok(EngineDown::Config(delta))) = down.next().await else { panic!("no configuration came") };
    assert_eq!(Snapshot::default().apply(&delta).unwrap(), snapshot());
    serving.abort();
}

#[tokio::test]
async fn a_socket_that_nobody_serves_is_an_error_with_its_name() {
    let error = link::socket::connect(std::path::Path::new("/nowhere/link.sock")).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/link.sock"), "{error}");
}
