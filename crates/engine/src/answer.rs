//! The answers that the engine gives itself: JSON with a code, a sentence that says what to do, and the request id.

use crate::message::{AnswerFields, AnswerHead, Own};
use crate::record::Flight;
use crate::upstream::AnswerBody;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    BadRequest(&'static str),
    /// The request line is longer than any.
    UriTooLong,
    /// All headers together, or their number.
    HeadTooLarge,
    NoSuchGateway,
    SourceNotAllowed,
    /// The connection was made for another gateway's name.
    Misdirected,
    /// The gateway asks for one, and it was not shown.
    ClientCertificate,
    NoSuchService,
    MethodNotAllowed,
    Unauthorized,
    /// Of a signed request; says what is wrong with it.
    BadSignature(&'static str),
    BodyTooLarge,
    /// Of the gateway: it carries so many.
    TooManyConnections,
    /// Of the service's rate, or the token's.
    TooManyRequests,
    /// As many requests are under way and waiting as may be.
    ServiceBusy,
    /// The same at each of its replicas.
    ReplicasBusy,
    /// Waited for as long as it may.
    QueueTimeout,
    /// As many requests wait for a replica as may.
    HoldFull,
    /// None came in time.
    HoldTimeout,
    RequestTimeout,
    /// Of a body that has begun and does not go on.
    BodyTimeout,
    ClientGone,
    NoHealthyUpstream,
    BadUpstream,
    UpstreamTimeout,
}

impl Refusal {
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NoSuchGateway | Self::NoSuchService => StatusCode::NOT_FOUND,
            Self::SourceNotAllowed | Self::ClientCertificate => StatusCode::FORBIDDEN,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized | Self::BadSignature(_) => StatusCode::UNAUTHORIZED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::ReplicasBusy => StatusCode::from_u16(450).unwrap_or(StatusCode::TOO_MANY_REQUESTS),
            Self::RequestTimeout | Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::ClientGone => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
            Self::TooManyConnections
            | Self::NoHealthyUpstream
            | Self::ServiceBusy
            | Self::QueueTimeout
            | Self::HoldFull
            | Self::HoldTimeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::BadUpstream => StatusCode::BAD_GATEWAY,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Stable: programs look at it.
    pub fn code(self) -> &'static str {
        match self {
            Self::BadRequest(_) => "BadRequest",
            Self::UriTooLong => "UriTooLong",
            Self::HeadTooLarge => "RequestHeaderFieldsTooLarge",
            Self::NoSuchGateway => "NoSuchGateway",
            Self::SourceNotAllowed => "SourceNotAllowed",
            Self::ClientCertificate => "ClientCertificateRequired",
            Self::NoSuchService => "NoSuchService",
            Self::Misdirected => "MisdirectedRequest",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::Unauthorized => "Unauthorized",
            Self::BadSignature(_) => "BadSignature",
            Self::BodyTooLarge => "BodyTooLarge",
            Self::TooManyConnections => "TooManyConnections",
            Self::TooManyRequests => "TooManyRequests",
            Self::ServiceBusy => "ServiceBusy",
            Self::ReplicasBusy => "ReplicasBusy",
            Self::QueueTimeout => "QueueTimeout",
            Self::HoldFull => "HoldFull",
            Self::HoldTimeout => "HoldTimeout",
            Self::RequestTimeout => "RequestTimeout",
            Self::BodyTimeout => "RequestBodyTimeout",
            Self::ClientGone => "ClientGone",
            Self::NoHealthyUpstream => "NoHealthyUpstream",
            Self::BadUpstream => "BadUpstream",
            Self::UpstreamTimeout => "UpstreamTimeout",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::BadRequest(what) | Self::BadSignature(what) => what,
            Self::UriTooLong => "The address is too long. Send what is long in the body.",
            Self::HeadTooLarge => "The headers are over 64 KiB or 100 in number. Send fewer or shorter ones.",
            Self::NoSuchGateway => {
                "No gateway answers to this host. Check the address, and that the gateway's Access Portal is on."
            }
            Self::SourceNotAllowed => {
                "Your address is not on the gateway's whitelist. Ask for its CIDR block to be added."
            }
            Self::ClientCertificate => "Connect over TLS with this host as server name, and show a client certificate.",
            Self::NoSuchService => "No such service. Call /api/predict/<service> with a service of this gateway.",
            Self::Misdirected => {
                "This connection was made for another host. Open a new one with this host as TLS server name."
            }
            Self::MethodNotAllowed => "Use GET here, or call /api/predict/<service>.",
            Self::Unauthorized => "Send a valid token of this service in the Authorization header.",
            Self::BodyTooLarge => "The request body is over the service's limit. Send less, or have it raised.",
            Self::TooManyConnections => {
                "The gateway has as many connections as it carries. Use fewer, or have nodes added."
            }
            Self::TooManyRequests => {
                "Over the rate of this service or token. Wait for Retry-After seconds and try again."
            }
            Self::ServiceBusy => {
                "As many requests of this service are under way as may be. Try again, or have its limit raised."
            }
            Self::ReplicasBusy => {
                "Each replica of this service is as busy as it may be. Try again, or have replicas added."
            }
            Self::QueueTimeout => {
                "The request has waited for its turn as long as it may. Try again, or have replicas added."
            }
            Self::HoldFull => {
                "As many requests wait for a replica of this service as may. Wait for Retry-After seconds and try again."
            }
            Self::HoldTimeout => {
                "No replica of this service became ready in time. Wait for Retry-After seconds and try again."
            }
            Self::RequestTimeout => {
                "The service did not answer within its request time. Try again, or have the time raised."
            }
            Self::BodyTimeout => "The rest of the request's body did not come in time. Send it without long pauses.",
            Self::ClientGone => "The client closed the connection.",
            Self::NoHealthyUpstream => {
                "no healthy upstream: no replica of this service is ready. Check the service's status and try again."
            }
            Self::BadUpstream => {
                "A replica refused the connection or broke off. Try again, and look at the service's output."
            }
            Self::UpstreamTimeout => {
                "The replica did not begin to answer in time. Try again, or have the timeout raised."
            }
        }
    }

    /// The answer; the flight ends with its last byte.
    pub fn into_answer(self, mut flight: Box<Flight>) -> (AnswerHead, AnswerBody) {
        flight.refused(Some(self.status().as_u16()), self.code());
        if flight.is_grpc {
            return self.into_grpc(flight);
        }
        // The id is header-safe ASCII without quotes and the texts are ours: nothing needs escaping.
        let body = format!(
            r#"{{"code":"{}","message":"{}","request_id":"{}"}}"#,
            self.code(),
            self.message(),
            flight.request_id.as_str()
        );
        let (mut head, body) = json(self.status(), Bytes::from(body), flight);
        let mut say = |name: HeaderName, value| head.own.more.push((name, HeaderValue::from_static(value)));
        match self {
            Self::Unauthorized | Self::BadSignature(_) => say(WWW_AUTHENTICATE, "Bearer"),
            Self::MethodNotAllowed => say(ALLOW, "GET, HEAD"),
            // How long nobody knows; at once would be no relief.
            Self::TooManyConnections | Self::ServiceBusy | Self::QueueTimeout => say(RETRY_AFTER, "1"),
            // One is being started.
            Self::HoldFull | Self::HoldTimeout => say(RETRY_AFTER, "5"),
            _ => {}
        }
        head.own.close = self.ends_connection();
        (head, body)
    }

    /// Who cannot be understood here may have been understood differently in front of here. 408 means by itself that
    /// the connection is given up.
    fn ends_connection(self) -> bool {
        matches!(
            self,
            Self::TooManyConnections
                | Self::BadRequest(_)
                | Self::UriTooLong
                | Self::HeadTooLarge
                | Self::RequestTimeout
                | Self::BodyTimeout
        )
    }

    /// gRPC clients look for a status of their own, and show its message.
    fn into_grpc(self, flight: Box<Flight>) -> (AnswerHead, AnswerBody) {
        let (mut head, body) = own(StatusCode::OK, Bytes::new(), flight);
        head.own.close = self.ends_connection();
        head.own.more.push((CONTENT_TYPE, HeaderValue::from_static("application/grpc")));
        head.own.more.push((HeaderName::from_static("grpc-status"), HeaderValue::from_static(self.grpc_status())));
        head.own.more.push((HeaderName::from_static("grpc-message"), HeaderValue::from_static(self.message())));
        (head, body)
    }

    fn grpc_status(self) -> &'static str {
        const CANCELLED: &str = "1";
        const INVALID_ARGUMENT: &str = "3";
        const DEADLINE_EXCEEDED: &str = "4";
        const PERMISSION_DENIED: &str = "7";
        const RESOURCE_EXHAUSTED: &str = "8";
        const UNIMPLEMENTED: &str = "12";
        const UNAVAILABLE: &str = "14";
        const UNAUTHENTICATED: &str = "16";
        match self.status().as_u16() {
            400 | 414 | 431 => INVALID_ARGUMENT,
            401 => UNAUTHENTICATED,
            403 => PERMISSION_DENIED,
            404 | 405 | 421 => UNIMPLEMENTED,
            408 | 504 => DEADLINE_EXCEEDED,
            413 | 429 | 450 => RESOURCE_EXHAUSTED,
            499 => CANCELLED,
            _ => UNAVAILABLE,
        }
    }
}

/// `body` as the answer, counted and recorded by `flight`.
pub fn json(status: StatusCode, body: Bytes, flight: Box<Flight>) -> (AnswerHead, AnswerBody) {
    let (mut head, body) = own(status, body, flight);
    head.own.more.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    (head, body)
}

/// The same as bare text.
pub fn plain(status: StatusCode, body: Bytes, flight: Box<Flight>) -> (AnswerHead, AnswerBody) {
    let (mut head, body) = own(status, body, flight);
    head.own.more.push((CONTENT_TYPE, HeaderValue::from_static("text/plain")));
    (head, body)
}

fn own(status: StatusCode, body: Bytes, flight: Box<Flight>) -> (AnswerHead, AnswerBody) {
    let own = Own::new(flight.request_id);
    (AnswerHead { status, fields: AnswerFields::None, own }, AnswerBody::own(body, flight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_json_safe() {
        for refusal in [
            Refusal::BadRequest("x"),
            Refusal::UriTooLong,
            Refusal::HeadTooLarge,
            Refusal::NoSuchGateway,
            Refusal::SourceNotAllowed,
            Refusal::ClientCertificate,
            Refusal::Misdirected,
            Refusal::NoSuchService,
            Refusal::MethodNotAllowed,
            Refusal::Unauthorized,
            Refusal::BodyTooLarge,
            Refusal::TooManyConnections,
            Refusal::TooManyRequests,
            Refusal::ServiceBusy,
            Refusal::ReplicasBusy,
            Refusal::QueueTimeout,
            Refusal::HoldFull,
            Refusal::HoldTimeout,
            Refusal::RequestTimeout,
            Refusal::BodyTimeout,
            Refusal::ClientGone,
            Refusal::NoHealthyUpstream,
            Refusal::BadUpstream,
            Refusal::UpstreamTimeout,
        ] {
            assert!(!refusal.message().contains(['"', '\\', '\n']), "{refusal:?}");
        }
    }
}
