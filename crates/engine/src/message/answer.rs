//! The head of an answer: what the replica said, and what the engine says besides.

use super::fields::Fields;
use super::id::RequestId;
use super::name::Name;
use crate::limit::Quota;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

pub struct AnswerHead {
    pub status: StatusCode,
    pub fields: AnswerFields,
    pub own: Own,
}

/// The replica's.
pub enum AnswerFields {
    /// It is the engine's own answer.
    None,
    Raw(Fields),
    /// Of HTTP/2.
    Map(HeaderMap),
}

/// The engine's; they take the place of a replica's of the same name.
pub struct Own {
    pub request_id: RequestId,
    pub quota: Option<Quota>,
    pub hsts: Option<HeaderValue>,
    /// Of the engine's own answers, and of a WebSocket's.
    pub more: Vec<(HeaderName, HeaderValue)>,
    /// The connection ends with this answer.
    pub close: bool,
}

impl Own {
    pub fn new(request_id: RequestId) -> Self {
        Self { request_id, quota: None, hsts: None, more: Vec::new(), close: false }
    }

    /// Whether a replica's header of this name is replaced.
    pub fn replaces(&self, name: Name) -> bool {
        match name {
            Name::XRequestId => true,
            Name::XRatelimitLimit | Name::XRatelimitRemaining | Name::XRatelimitReset => self.quota.is_some(),
            Name::StrictTransportSecurity => self.hsts.is_some(),
            _ => false,
        }
    }
}

impl AnswerFields {
    pub fn first(&self, name: Name) -> Option<&[u8]> {
        match self {
            Self::None => None,
            Self::Raw(fields) => fields.first(name),
            Self::Map(map) => map.get(name.as_str()).map(HeaderValue::as_bytes),
        }
    }

    pub fn has(&self, name: Name) -> bool {
        self.first(name).is_some()
    }
}
