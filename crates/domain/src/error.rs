//! What can be wrong with what somebody typed, as codes with parameters.
//!
//! The English sentence here is what logs and the command line show; the console translates the code. Every sentence
//! says what to do.

use crate::certificate::{CertificateDefect, ChallengeKind, IssueFailure};
use crate::service::Refusal;
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
    #[error("{entry} is everybody; name only the proxies that stand in front of the gateway")]
    TrustsEveryone { entry: String },
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
    #[error("write the path without dot segments, blanks, backslashes, ; and #; what is escaped must not be a slash")]
    DebugPath,
    #[error("line {line} is not Name: value; correct it")]
    HeaderLine { line: usize },
    #[error("{name} belongs to the connection, which the console makes; remove this line")]
    HeaderForbidden { name: String },
    #[error("this is no JSON; look at line {line}, column {column}, or send it as text")]
    BodyJson { line: usize, column: usize },
    #[error("that does not match; type {expected}")]
    Confirmation { expected: String },
    #[error("the name is part of the service's endpoint and stays {expected}; clone the service for another name")]
    NameStays { expected: String },
    #[error("this was changed here and in the document below to different things; change one of them back")]
    ChangedTwice,
    #[error(
        "only the account that runs this installation mounts folders of the host into containers; leave this empty"
    )]
    OperatorMounts,
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
    #[error("say what to scale by: requests a second, requests in flight, CPU, GPU, or waiting requests")]
    NoTarget,
    #[error("write a header as name: value, such as x-canary: yes")]
    Header,
    #[error("the gateway itself looks at {name}; choose another header")]
    HeaderTaken { name: String },
    #[error("{name} is a service of this workspace; a group needs a name of its own")]
    GroupIsService { name: String },
    #[error("{name} is a group of this workspace; choose another name")]
    ServiceIsGroup { name: String },
    #[error("the group {group} is at the gateway {gateway}; bind the service to that one, or choose another group")]
    GroupElsewhere { group: String, gateway: String },
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
    #[error("this is no JSON from line {line}, column {column} on; correct it there")]
    Json { line: usize, column: usize },
    #[error("another kind of value belongs here, such as {example}; write it so")]
    WrongKind { example: String },
    #[error("this is there twice; keep one of them")]
    KeyTwice,
    #[error("there is no such key; {}", if nearest.is_empty() { "remove it".into() } else { format!("did you mean {nearest}? Correct it, or remove it") })]
    UnknownKey { nearest: String },
    #[error("{why}; {}", if instead.is_empty() { "remove this key".into() } else { format!("remove this key and use {instead}") })]
    KeyRefused { why: Refusal, instead: String },
    #[error("only one of these may be there: {keys}; keep one of them")]
    OneOf { keys: String },
    #[error("this goes with another value of {key}; change that, or remove this key")]
    OnlyWith { key: String },
    #[error("start with a letter or _, then use letters, digits and _ only")]
    EnvName,
    #[error("write an absolute path such as /srv/models, without colons and without . and .. in it")]
    Folder,
    #[error("line {line} is not source:target or source:target:ro; correct it")]
    MountLine { line: usize },
    #[error("this is no image; write it as docker pull takes it, such as registry.example.com/model:1")]
    Image,
    #[error("this is not user:password in base64; encode both again")]
    DockerAuth,
    #[error("type the password for the image's registry; one that was typed before is kept for the same registry only")]
    RegistryPassword,
    #[error("this service runs elsewhere and has as many replicas as addresses; change them with Update")]
    CountedElsewhere,
    #[error(
        "{entry} is no address with a port; write it as 192.0.2.7:8000 or [2001:db8::7]:8000, with weight=1 to weight=1000 behind it if it shall get more or fewer requests than others"
    )]
    SocketAddress { entry: String },
    #[error("this is no requirement of pip; write it as numpy==2.1, without options")]
    Requirement,
    #[error("write a number of cores above 0 with at most three places, such as 2 or 0.5")]
    Cores,
    #[error("write GiB above 0 that make whole MiB, such as 2 or 0.5")]
    Gibibytes,
    #[error("a token has letters, digits and signs, no blanks; write another one")]
    TokenCharacter,
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
