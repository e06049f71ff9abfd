//! Why a use case did not do what was asked.

use domain::error::{FieldErrors, Invalid};
use domain::role::Permission;
use identity::IdentityError;
use observe::SeriesError;
use store::{Constraint, StoreError};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    #[error("the form has errors: {0:?}")]
    Invalid(FieldErrors),
    #[error("sign in first")]
    Unauthenticated,
    #[error("your role does not allow this ({permission:?}); ask an administrator of the workspace")]
    Forbidden { permission: Permission },
    #[error("only administrators of the account that operates this installation may do this; ask one of them")]
    OperatorOnly,
    #[error("this gateway is protected against deletion; switch the protection off on its settings page first")]
    Protected,
    #[error("there is no such {what:?}; it may have been deleted")]
    NotFound { what: Missing },
    #[error("this was changed by somebody else; look at it again (revision {current})")]
    Conflict { current: i64 },
    #[error("services are bound to this gateway; delete or move them first: {}", names.join(", "))]
    GatewayInUse { names: Vec<String> },
    #[error("gateways are reached through it; remove it from them first: {}", names.join(", "))]
    NetworkInUse { names: Vec<String> },
    #[error("services are in this VPC; delete them first: {}", names.join(", "))]
    VpcHasServices { names: Vec<String> },
    #[error("domains use this certificate; give them another one first: {}", names.join(", "))]
    CertificateInUse { names: Vec<String> },
    #[error("certificates are ordered with this account; order them with another one or delete them first: {}", names.join(", "))]
    AcmeAccountInUse { names: Vec<String> },
    #[error("vSwitches or hosts are in this zone; delete or move them first: {}", names.join(", "))]
    ZoneInUse { names: Vec<String> },
    #[error("gateways and services would have no host left; add another one first, or let one work again")]
    LastHost,
    #[error("this is the console's own host; it goes with the console")]
    OwnHost,
    #[error(
        "{replicas} replicas and {requests} requests are still there; drain the host first and wait until they are gone"
    )]
    HostInUse { replicas: u32, requests: u64 },
    #[error("the console takes no calls of other hosts; start it with --link-addr and an address that they reach")]
    LinkOff,
    #[error("no rollout is under way; look at the service's page again")]
    NoRollout,
    #[error("the replica's host does not answer; look at the Hosts page, and try again when it is back")]
    HostSilent,
    #[error("the host refused it: {reason}; look at the replica again")]
    ReplicaRefused { reason: String },
    #[error("the role {role} has not been granted; grant it first")]
    RoleNotGranted { role: &'static str },
    #[error("all ports of the range {first}-{last} are taken; widen --own-ports")]
    NoPortLeft { first: u16, last: u16 },
    #[error("an ALB gateway is opened from its network access, not by this switch")]
    NotForAlb,
    #[error("a fully managed gateway is opened by its Access Portal; turn it on there")]
    OnlyForAlb,
    #[error("an ALB gateway scales by itself and has no size to change; buy a fully managed gateway for a fixed one")]
    NoSize,
    #[error("a service has at most {max} tokens; delete one that nobody uses first")]
    TooManyTokens { max: usize },
    #[error("this gateway is paid as it goes; there is no subscription to renew")]
    NotSubscribed,
    #[error("the table could not be written; look at the page instead, and report this")]
    Export,
    #[error("too many failed attempts; wait {retry_after_s} seconds")]
    Throttled { retry_after_s: u64 },
    #[error("DNS was asked about this domain a moment ago; wait {retry_after_s} seconds and ask again")]
    AskedJustNow { retry_after_s: u64 },
    #[error("the ACME server asked to be left alone; wait {retry_after_s} seconds and try again")]
    LeftAlone { retry_after_s: u64 },
    #[error("this link was used, has expired or never was; ask for a new one")]
    InvitationInvalid,
    #[error("{source}")]
    DiskFull { source: StoreError },
    #[error("{source}")]
    Unavailable { source: StoreError },
    #[error("{source}")]
    Series { source: SeriesError },
    #[error("a stored secret cannot be opened; the installation key is not the one it was sealed with")]
    Sealed,
    /// Told at the start, which ends with it: without what they say services would be ended.
    #[error(
        "the key file is not the one that {services} services were sealed with; put that one back from a backup and start \
         again; engines and replicas go on meanwhile"
    )]
    OtherKey { services: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Gateway,
    Service,
    Group,
    Token,
    Zone,
    Vpc,
    VSwitch,
    VpcLink,
    Interface,
    Certificate,
    Domain,
    Account,
    AcmeAccount,
    Host,
    JoinToken,
    Version,
    Replica,
}

impl From<FieldErrors> for ControlError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<IdentityError> for ControlError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Invalid(errors) => Self::Invalid(errors),
            IdentityError::Throttled { retry_after_s } => Self::Throttled { retry_after_s },
            IdentityError::InvitationInvalid => Self::InvitationInvalid,
            IdentityError::Forbidden { permission } => Self::Forbidden { permission },
            IdentityError::Store(source) => source.into(),
            _ => Self::Unauthenticated,
        }
    }
}

/// The store's words for an object of this kind whose name field was typed.
pub(crate) fn of_store(error: StoreError, what: Missing, name: &str) -> ControlError {
    match error {
        StoreError::Conflict { current } => ControlError::Conflict { current },
        StoreError::NotFound => ControlError::NotFound { what },
        StoreError::Taken {
            constraint:
                Constraint::GatewayName | Constraint::ServiceName | Constraint::GroupName | Constraint::CertificateName,
        } => FieldErrors::one("name", Invalid::NameTaken { name: name.into() }).into(),
        source => source.into(),
    }
}

impl From<SeriesError> for ControlError {
    fn from(source: SeriesError) -> Self {
        Self::Series { source }
    }
}

impl From<StoreError> for ControlError {
    fn from(source: StoreError) -> Self {
        match source {
            StoreError::DiskFull { .. } => Self::DiskFull { source },
            source => Self::Unavailable { source },
        }
    }
}
