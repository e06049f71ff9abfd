//! The other side.

use http::Uri;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use std::error::Error;
use std::time::Duration;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Status};

const CONNECT: Duration = Duration::from_secs(5);
/// For one batch; as OpenTelemetry's own exporters have it.
const ANSWER: Duration = Duration::from_secs(10);

/// Connects when there is something to say, and again when the connection broke.
pub struct Collector(TraceServiceClient<Channel>);

impl Collector {
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(uri: &Uri) -> Result<Self, tonic::transport::Error> {
        let mut endpoint = Endpoint::from(uri.clone())
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .user_agent(concat!("inference-gateway/", env!("CARGO_PKG_VERSION")))?;
        if uri.scheme_str() == Some("https") {
            endpoint = endpoint.tls_config(ClientTlsConfig::new().with_enabled_roots())?;
        }
        Ok(Self(TraceServiceClient::new(endpoint.connect_lazy())))
    }

    /// Returns how many spans the collector did not want, and why.
    ///
    /// # Errors
    /// When it did not take them, or may not have: see [`passes`].
    pub async fn export(&mut self, batch: ExportTraceServiceRequest) -> Result<(i64, String), Status> {
        let answer = self.0.export(batch).await?.into_inner();
        Ok(answer.partial_success.map(|part| (part.rejected_spans, part.error_message)).unwrap_or_default())
    }
}

/// Whether the same may go well later. The codes are those of OTLP's specification ("OTLP/gRPC Response"); where the
/// connection failed there is no code of the collector's.
pub fn passes(status: &Status) -> bool {
    let code = matches!(
        status.code(),
        Code::Cancelled
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss
    );
    code || status.source().is_some()
}
