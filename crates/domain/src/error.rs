//! What can be wrong with what somebody typed, as codes with parameters.
//!
//! The English sentence here is what logs and the command line show; the console translates the code. Every sentence
//! says what to do.

use crate::certificate::{CertificateDefect, ChallengeKind, IssueFailure};
use serde::{Deserialize, Serialize};

/// One rule that an input broke. Carries only what the sentence needs, and never free text of a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Invalid {
    #[error("fill in this field")]
    Required,
    #[error("an id of this kind starts with {prefix} followed by lower-case letters and digits")]
    Id { prefix: String },
    #[error("use at most {max} characters; there are {len}")]
    TooLong { max: usize, len: usize },
    #[error("use at least {min} characters")]
    TooShort { min: usize },
    #[error("use letters, digits, - and _ only; {found} is not allowed")]
    NameCharacter { found: String },
    #[error("start with a lower-case letter, then use lower-case letters, digits and _ only; {found} is not allowed")]
    ServiceNameCharacter { found: String },
    #[error("a user name has no blanks and no invisible characters; {found} is not allowed")]
    UserNameCharacter { found: String },
    #[error("control characters are not allowed here")]
    ControlCharacter,
    #[error("{entry} is not an IP address or a CIDR block such as 192.0.2.0/24")]
    Cidr { entry: String },
    #[error("{entry} is in the list twice")]
    DuplicateCidr { entry: String },
    #[error("a whitelist has at most {max} CIDR blocks; this would make {count}")]
    TooManyCidrs { max: usize, count: usize },
    #[error("{entry} is not an IP address such as 203.0.113.9")]
    Address { entry: String },
    #[error("choose a number from {min} to {max}")]
    OutOfRange { min: u64, max: u64 },
    #[error("with a dedicated gateway the minimum number of replicas must be greater than 0")]
    ReplicasZero,
    #[error("port {port} is reserved; choose another one, or leave it empty and listen on $PORT")]
    ReservedPort { port: u16 },
    #[error("replicas on one host can't share the fixed port {port}; leave it empty and listen on $PORT")]
    FixedPortReplicas { port: u16 },
    #[error("the name {name} is taken; choose another one")]
    NameTaken { name: String },
    #[error("line {line} is not NAME=value")]
    EnvLine { line: usize },
    #[error("{name} is set by the product; remove this line")]
    EnvReserved { name: String },
    #[error("the quotation marks of the command are not closed")]
    UnclosedQuote,
    #[error("choose one of the options")]
    Choice,
    #[error("start the path with /")]
    Path,
    #[error("that does not match; type {expected}")]
    Confirmation { expected: String },
    #[error("{block} overlaps {other}{}; choose another block", if of.is_empty() { String::new() } else { format!(" of {of}") })]
    BlockOverlaps { block: String, other: String, of: String },
    #[error("{block} is every address there is; name the blocks of this network")]
    BlockIsEverything { block: String },
    #[error("the vSwitch {name} has {block}, which would be outside; keep it inside, or delete the vSwitch first")]
    BlockCutsOff { block: String, name: String },
    #[error("{block} is outside of the VPC's blocks ({blocks}); choose a part of them")]
    BlockOutside { block: String, blocks: String },
    /// The document's own sentence.
    #[error("Vswitch {vswitch} in zone {zone} is not supported, supported zones: [{supported}]")]
    VswitchUnsupported { vswitch: String, zone: String, supported: String },
    #[error("choose one vSwitch per zone; {zone} has more")]
    OneVswitchPerZone { zone: String },
    #[error("this VPC is linked already; change its link, or choose another VPC")]
    VpcLinked,
    #[error("authoritative DNS is on for {vpc} already; only one VPC of a gateway can have it")]
    OneAuthoritativeDns { vpc: String },
    #[error(
        "the gateway's other access is in {vpc}, and both have to be in the same VPC; choose {vpc}, or disable the other access first"
    )]
    AlbOtherVpc { vpc: String },
    #[error("this access is enabled in {vpc} already; disable it there first")]
    AlbOneVpc { vpc: String },
    #[error("the service {service} of this gateway is in {vpc}; choose that VPC, or delete the service first")]
    AlbServiceVpc { service: String, vpc: String },
    #[error(
        "the gateway is in {vpc}, and so are its services; choose {vpc}, or a gateway that is in the service's VPC"
    )]
    ServiceVpc { vpc: String },
    #[error("an ALB gateway uses VPCs of its own account only; choose one of them")]
    AlbOtherAccount,
    #[error("no engine's host has an address in {block}; give one of its interfaces an address there first")]
    NoAddressIn { block: String },
    #[error("{entry} is not a domain name such as models.example.com or *.example.com")]
    DomainName { entry: String },
    #[error("names under {base} are the product's own; use a domain of yours")]
    OwnDomain { base: String },
    #[error("{host} is given to {gateway} already; delete it there first")]
    DomainTaken { host: String, gateway: String },
    #[error("the certificate does not cover {host}; it is for {names}")]
    CertificateNames { host: String, names: String },
    #[error("this is no list of up to 5 mail addresses; write them as ops@example.com, separated by commas")]
    MailAddress,
    #[error("{failure}")]
    Acme { failure: IssueFailure },
    #[error("no listener of this installation can answer {challenge}; choose another challenge, or have one opened")]
    ChallengeOff { challenge: ChallengeKind },
    #[error("this certificate has not been issued yet; choose it when it has been")]
    CertificateNotIssued,
    #[error("the certificate expired on {on}; replace it first")]
    CertificateExpired { on: String },
    #[error("{host} uses another certificate on its other side; choose {certificate} here too")]
    OtherCertificate { host: String, certificate: String },
    #[error("{defect}")]
    Certificate { defect: CertificateDefect },
    #[error(
        "this is no certificate authority in PEM; paste its certificate, starting with -----BEGIN CERTIFICATE-----"
    )]
    ClientAuthority,
    #[error("line {line} is not key=value with letters, digits and - _ . / : only; correct it")]
    Label { line: usize },
    #[error("{key} is there twice; keep one of them")]
    LabelTwice { key: String },
    #[error("the VPC is this account's already; name another account")]
    OwnAccount,
    #[error("there is no account {id}; ask its administrator for its id")]
    NoSuchAccount { id: String },
    #[error("choose one of the suggested directories, or ask the operator of this installation to use this one first")]
    UnknownDirectory,
    #[error("use at most {max} labels")]
    TooManyLabels { max: usize },
    #[error("type a time from {least} to {most} seconds, such as 30 or 2.5")]
    Seconds { least: String, most: String },
    #[error("a name like this has letters, digits and - only; correct it")]
    HeaderName,
    #[error(
        "{address} is shared with other gateways, and a peer would reach those too; free an address in {block} first"
    )]
    PeerOfShared { address: String, block: String },
    #[error("{entry} is not a price such as 0.125; use digits, a point and at most six places")]
    Price { entry: String },
    #[error("choose a day that has not begun yet, such as 2030-01-31, or leave it empty for at once")]
    FutureDay,
    #[error("a month is written like 2030-01")]
    Month,
    #[error("user name or password is wrong")]
    Credentials,
    #[error("the two passwords differ")]
    PasswordMismatch,
}

impl Invalid {
    /// The stable name of this error, for logs and programs.
    pub fn code(&self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.get("code")?.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// An error and the form field that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub error: Invalid,
}

/// All that is wrong with a form: everything at once, not one error per attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    pub fn one(field: &str, error: Invalid) -> Self {
        Self(vec![FieldError { field: field.into(), error }])
    }

    pub fn push(&mut self, field: &str, error: Invalid) {
        self.0.push(FieldError { field: field.into(), error });
    }

    /// Notes the error, if it is one, and goes on.
    pub fn take<T>(&mut self, field: &str, result: Result<T, Invalid>) -> Option<T> {
        result.map_err(|error| self.push(field, error)).ok()
    }

    pub fn get(&self, field: &str) -> Option<&Invalid> {
        self.0.iter().find(|each| each.field == field).map(|each| &each.error)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` with the value where nothing was wrong. `value` is `None` only if something was.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, FieldErrors> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => {
                if self.is_empty() {
                    self.push("", Invalid::Required);
                }
                Err(self)
            }
        }
    }
}
