//! Errors as the browser gets them: codes with parameters, translated where they are shown.

use domain::error::{FieldErrors, Invalid};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApiError {
    #[error("the form has errors")]
    Invalid { fields: FieldErrors },
    #[error("sign in first")]
    Unauthenticated,
    #[error("your role does not allow this")]
    Forbidden,
    #[error("it does not exist any more")]
    NotFound,
    #[error("somebody else changed it")]
    Conflict,
    #[error("services are bound to this gateway")]
    GatewayInUse { names: Vec<String> },
    #[error("gateways are reached through it")]
    NetworkInUse { names: Vec<String> },
    #[error("services are in this VPC")]
    VpcHasServices { names: Vec<String> },
    #[error("domains use this certificate")]
    CertificateInUse { names: Vec<String> },
    #[error("certificates are ordered with this account")]
    AcmeAccountInUse { names: Vec<String> },
    #[error("vSwitches are in this zone")]
    ZoneInUse { names: Vec<String> },
    #[error("the role {role} has not been granted")]
    RoleNotGranted { role: String },
    #[error("no port is left")]
    NoPortLeft { first: u16, last: u16 },
    #[error("an ALB gateway is opened from its network access")]
    NotForAlb,
    #[error("a fully managed gateway is opened by its Access Portal")]
    OnlyForAlb,
    #[error("an ALB gateway has no size to change")]
    NoSize,
    #[error("no rollout is under way")]
    NoRollout,
    #[error("the replica's host does not answer")]
    HostSilent,
    #[error("the replica's host refused it")]
    ReplicaRefused { reason: String },
    #[error("no host would be left")]
    LastHost,
    #[error("this is the console's own host")]
    OwnHost,
    #[error("something is still on the host")]
    HostInUse { replicas: u32, requests: u64 },
    #[error("the console takes no calls of other hosts")]
    LinkOff,
    #[error("only the operator of this installation may do this")]
    OperatorOnly,
    #[error("the gateway is protected against deletion")]
    Protected,
    #[error("the service has as many tokens as it may have")]
    TooManyTokens { max: usize },
    #[error("this gateway has no subscription")]
    NotSubscribed,
    #[error("too many attempts")]
    Throttled { retry_after_s: u64 },
    #[error("this was asked a moment ago")]
    AskedJustNow { retry_after_s: u64 },
    #[error("the ACME server asked to be left alone")]
    LeftAlone { retry_after_s: u64 },
    #[error("this link cannot be used")]
    InvitationInvalid,
    #[error("the disk is full")]
    DiskFull,
    #[error("the console cannot reach its database")]
    Unavailable,
    #[error("a stored secret cannot be opened")]
    Sealed,
    /// The request did not have the form that the server function expects.
    #[error("the request was not understood")]
    BadRequest,
    #[error("the form is too large")]
    TooLarge,
    /// The browser did not reach the server.
    #[error("the console did not answer")]
    Unreachable,
}

impl ApiError {
    pub fn http_status(&self) -> u16 {
        match self {
            ApiError::Invalid { .. } => 422,
            ApiError::Unauthenticated => 401,
            ApiError::Forbidden | ApiError::OperatorOnly => 403,
            ApiError::NotFound => 404,
            ApiError::Conflict
            | ApiError::GatewayInUse { .. }
            | ApiError::NetworkInUse { .. }
            | ApiError::VpcHasServices { .. }
            | ApiError::CertificateInUse { .. }
            | ApiError::AcmeAccountInUse { .. }
            | ApiError::ZoneInUse { .. }
            | ApiError::RoleNotGranted { .. }
            | ApiError::NotForAlb
            | ApiError::NoRollout
            | ApiError::ReplicaRefused { .. }
            | ApiError::LastHost
            | ApiError::OwnHost
            | ApiError::HostInUse { .. }
            | ApiError::LinkOff
            | ApiError::Protected
            | ApiError::OnlyForAlb
            | ApiError::NotSubscribed
            | ApiError::TooManyTokens { .. }
            | ApiError::NoSize => 409,
            ApiError::NoPortLeft { .. } | ApiError::DiskFull => 507,
            ApiError::Throttled { .. } | ApiError::AskedJustNow { .. } | ApiError::LeftAlone { .. } => 429,
            ApiError::InvitationInvalid => 410,
            ApiError::Unavailable | ApiError::Unreachable | ApiError::HostSilent => 503,
            ApiError::Sealed => 500,
            ApiError::BadRequest => 400,
            ApiError::TooLarge => 413,
        }
    }

    pub fn field(&self, name: &str) -> Option<&Invalid> {
        match self {
            ApiError::Invalid { fields } => fields.get(name),
            _ => None,
        }
    }

    pub fn is_about_fields(&self) -> bool {
        matches!(self, ApiError::Invalid { .. })
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => ApiError::BadRequest,
            // An answer that is not ours, such as a proxy's error page, counts as none.
            _ => ApiError::Unreachable,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<control::ControlError> for ApiError {
    fn from(error: control::ControlError) -> Self {
        use control::ControlError as E;
        match error {
            E::Invalid(fields) => ApiError::Invalid { fields },
            E::Unauthenticated => ApiError::Unauthenticated,
            E::Forbidden { .. } => ApiError::Forbidden,
            E::NotFound { .. } => ApiError::NotFound,
            E::Conflict { .. } => ApiError::Conflict,
            E::GatewayInUse { names } => ApiError::GatewayInUse { names },
            E::NetworkInUse { names } => ApiError::NetworkInUse { names },
            E::VpcHasServices { names } => ApiError::VpcHasServices { names },
            E::CertificateInUse { names } => ApiError::CertificateInUse { names },
            E::AcmeAccountInUse { names } => ApiError::AcmeAccountInUse { names },
            E::ZoneInUse { names } => ApiError::ZoneInUse { names },
            E::RoleNotGranted { role } => ApiError::RoleNotGranted { role: role.into() },
            E::NoPortLeft { first, last } => ApiError::NoPortLeft { first, last },
            E::NotForAlb => ApiError::NotForAlb,
            E::NoRollout => ApiError::NoRollout,
            E::HostSilent => ApiError::HostSilent,
            E::ReplicaRefused { reason } => ApiError::ReplicaRefused { reason },
            E::LastHost => ApiError::LastHost,
            E::OwnHost => ApiError::OwnHost,
            E::HostInUse { replicas, requests } => ApiError::HostInUse { replicas, requests },
            E::LinkOff => ApiError::LinkOff,
            E::OnlyForAlb => ApiError::OnlyForAlb,
            E::NoSize => ApiError::NoSize,
            E::OperatorOnly => ApiError::OperatorOnly,
            E::Protected => ApiError::Protected,
            E::NotSubscribed => ApiError::NotSubscribed,
            E::TooManyTokens { max } => ApiError::TooManyTokens { max },
            E::Throttled { retry_after_s } => ApiError::Throttled { retry_after_s },
            E::AskedJustNow { retry_after_s } => ApiError::AskedJustNow { retry_after_s },
            E::LeftAlone { retry_after_s } => ApiError::LeftAlone { retry_after_s },
            E::InvitationInvalid => ApiError::InvitationInvalid,
            other => internal(&other),
        }
    }
}

/// What is the operator's business is logged here, once; the browser learns what it can do about it.
#[cfg(feature = "ssr")]
fn internal(error: &control::ControlError) -> ApiError {
    leptos::logging::error!("{error}");
    match error {
        control::ControlError::Sealed | control::ControlError::OtherKey { .. } => ApiError::Sealed,
        control::ControlError::DiskFull { .. } => ApiError::DiskFull,
        _ => ApiError::Unavailable,
    }
}

#[cfg(feature = "ssr")]
impl From<identity::IdentityError> for ApiError {
    fn from(error: identity::IdentityError) -> Self {
        control::ControlError::from(error).into()
    }
}
