//! A collector of spans, as OpenTelemetry's is: OTLP over gRPC.

use super::common::until;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

/// Ends when it is dropped.
pub struct Collector {
    taken: Taken,
    shutdown: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Default)]
struct Taken {
    batches: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    /// `None` never comes.
    answer: Answer,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Answer {
    #[default]
    Taken,
    Refused,
    None,
}

#[tonic::async_trait]
impl TraceService for Taken {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.batches.lock().unwrap().push(request.into_inner());
        match self.answer {
            Answer::Taken => Ok(Response::new(ExportTraceServiceResponse::default())),
            Answer::Refused => Err(Status::unauthenticated("nobody knows you here")),
            Answer::None => pending().await,
        }
    }
}

impl Collector {
    pub fn start(address: SocketAddr) -> Self {
        Self::with(address, Taken::default(), Server::builder())
    }

    /// Takes everything and never says so.
    pub fn silent(address: SocketAddr) -> Self {
        Self::with(address, Taken { answer: Answer::None, ..Taken::default() }, Server::builder())
    }

    /// Wants none of it.
    pub fn refusing(address: SocketAddr) -> Self {
        Self::with(address, Taken { answer: Answer::Refused, ..Taken::default() }, Server::builder())
    }

    /// With a certificate for `localhost`; returns it in PEM.
    pub fn encrypted(address: SocketAddr) -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let identity = Identity::from_pem(made.cert.pem(), made.signing_key.serialize_pem());
        let server = Server::builder().tls_config(ServerTlsConfig::new().identity(identity)).unwrap();
        (Self::with(address, Taken::default(), server), made.cert.pem())
    }

    fn with(address: SocketAddr, taken: Taken, mut server: Server) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
        let (shutdown, ended) = oneshot::channel::<()>();
        let service = TraceServiceServer::new(taken.clone());
        let serving = server.add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    served = serving => served.unwrap(),
                    _ = ended => {}
                }
            });
        });
        Self { taken, shutdown: Some(shutdown), thread: Some(thread) }
    }

    pub fn batches(&self) -> Vec<ExportTraceServiceRequest> {
        self.taken.batches.lock().unwrap().clone()
    }

    pub fn spans(&self) -> Vec<Span> {
        let resources = self.batches().into_iter().flat_map(|batch| batch.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// Waits until there is one of this trace.
    #[track_caller]
    pub fn span(&self, trace: u128) -> Span {
        until("a span", || self.spans().into_iter().find(|span| span.trace_id == trace.to_be_bytes()))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.shutdown.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a span or resource says, in words.
pub fn says(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|each| each.key == name)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}
