//! Texts in the reader's language, which is decided per request and changes with a page load.

use crate::error::ApiError;
use crate::i18n::{Locale, use_i18n};
use domain::error::Invalid;
use leptos_i18n::I18nContext;

/// Holds the chosen language; the browser's own preference counts where there is none. Only the server reads it: it
/// answers in that language and says so in `<html lang>`, which the browser's part goes by.
pub const COOKIE: &str = "language";

/// `tr!(area.key)` or `tr!(area.key, name = value)`: the text as a `String`.
macro_rules! tr {
    ($($key:tt)*) => {
        leptos_i18n::tu_string!($crate::texts::use_texts().0, $($key)*).to_string()
    };
}

/// For texts made outside of rendering.
#[derive(Clone, Copy)]
pub struct Texts(pub I18nContext<Locale>);

pub fn use_texts() -> Texts {
    Texts(use_i18n())
}

macro_rules! say {
    ($texts:expr, $($key:tt)*) => {
        leptos_i18n::tu_string!($texts.0, $($key)*).to_string()
    };
}

impl Texts {
    /// What is wrong with a field, and what to do.
    pub fn invalid(&self, invalid: &Invalid) -> String {
        match invalid.clone() {
            Invalid::Required => say!(self, invalid.required),
            Invalid::Id { .. } | Invalid::Choice => say!(self, invalid.choice),
            Invalid::TooLong { max, len } => say!(self, invalid.too_long, max = max, len = len),
            Invalid::TooShort { min } => say!(self, invalid.too_short, min = min),
            Invalid::NameCharacter { found } => say!(self, invalid.name_character, found = found),
            Invalid::ServiceNameCharacter { found } => say!(self, invalid.service_name_character, found = found),
            Invalid::UserNameCharacter { found } => say!(self, invalid.user_name_character, found = found),
            Invalid::ControlCharacter => say!(self, invalid.control_character),
            Invalid::Cidr { entry } => say!(self, invalid.cidr, entry = entry),
            Invalid::DuplicateCidr { entry } => say!(self, invalid.duplicate_cidr, entry = entry),
            Invalid::TrustsEveryone { entry } => say!(self, arrival.trusts_everyone, entry = entry),
            Invalid::TooManyCidrs { max, count } => say!(self, invalid.too_many_cidrs, max = max, count = count),
            Invalid::Address { entry } => say!(self, invalid.address, entry = entry),
            Invalid::OutOfRange { min, max } => say!(self, invalid.out_of_range, min = min, max = max),
            Invalid::ReplicasZero => say!(self, invalid.replicas_zero),
            Invalid::ReservedPort { port } => say!(self, invalid.reserved_port, port = port),
            Invalid::FixedPortReplicas { port } => say!(self, invalid.fixed_port_replicas, port = port),
            Invalid::NameTaken { name } => say!(self, invalid.name_taken, name = name),
            Invalid::EnvLine { line } => say!(self, invalid.env_line, line = line),
            Invalid::EnvReserved { name } => say!(self, invalid.env_reserved, name = name),
            Invalid::UnclosedQuote => say!(self, invalid.unclosed_quote),
            Invalid::Path => say!(self, invalid.path),
            Invalid::DebugPath => say!(self, debugging.invalid_path),
            Invalid::HeaderLine { line } => say!(self, debugging.invalid_header, line = line),
            Invalid::HeaderForbidden { name } => say!(self, debugging.forbidden_header, name = name),
            Invalid::BodyJson { line, column } => say!(self, debugging.invalid_json, line = line, column = column),
            Invalid::Confirmation { expected } => say!(self, invalid.confirmation, expected = expected),
            Invalid::NameStays { expected } => say!(self, life.name_stays, expected = expected),
            Invalid::OperatorMounts => say!(self, wizard.operator_mounts),
            Invalid::ChangedTwice => say!(self, wizard.changed_twice),
            Invalid::Price { entry } => say!(self, billing.invalid_price, entry = entry),
            Invalid::FutureDay => say!(self, billing.invalid_day),
            Invalid::Month => say!(self, billing.invalid_month),
            Invalid::Credentials => say!(self, invalid.credentials),
            Invalid::PasswordMismatch => say!(self, invalid.password_mismatch),
            Invalid::BlockOverlaps { block, other, of } => {
                say!(self, invalid.block_overlaps, block = block, other = other, of = of)
            }
            Invalid::BlockIsEverything { block } => say!(self, invalid.block_is_everything, block = block),
            Invalid::BlockCutsOff { block, name } => say!(self, invalid.block_cuts_off, block = block, name = name),
            Invalid::BlockOutside { block, blocks } => {
                say!(self, invalid.block_outside, block = block, blocks = blocks)
            }
            Invalid::VswitchUnsupported { vswitch, zone, supported } => {
                say!(self, invalid.vswitch_unsupported, vswitch = vswitch, zone = zone, supported = supported)
            }
            Invalid::OneVswitchPerZone { zone } => say!(self, invalid.one_vswitch_per_zone, zone = zone),
            Invalid::DomainName { entry } => say!(self, invalid.domain_name, entry = entry),
            Invalid::OwnDomain { base } => say!(self, invalid.own_domain, base = base),
            Invalid::DomainTaken { host, gateway } => say!(self, invalid.domain_taken, host = host, gateway = gateway),
            Invalid::CertificateNames { host, names } => {
                say!(self, invalid.certificate_names, host = host, names = names)
            }
            Invalid::CertificateExpired { on } => say!(self, invalid.certificate_expired, on = on),
            Invalid::OtherCertificate { host, certificate } => {
                say!(self, invalid.other_certificate, host = host, certificate = certificate)
            }
            Invalid::ClientAuthority => say!(self, invalid.client_authority),
            Invalid::Certificate { defect } => self.defect(defect),
            Invalid::Label { line } => say!(self, invalid.label, line = line),
            Invalid::LabelTwice { key } => say!(self, invalid.label_twice, key = key),
            Invalid::TooManyLabels { max } => say!(self, invalid.too_many_labels, max = max),
            Invalid::Seconds { least, most } => say!(self, invalid.seconds, least = least, most = most),
            Invalid::HeaderName => say!(self, invalid.header_name),
            Invalid::NoTarget => say!(self, invalid.no_target),
            Invalid::Header => say!(self, invalid.header),
            Invalid::HeaderTaken { name } => say!(self, invalid.header_taken, name = name),
            Invalid::GroupIsService { name } => say!(self, invalid.group_is_service, name = name),
            Invalid::ServiceIsGroup { name } => say!(self, invalid.service_is_group, name = name),
            Invalid::GroupElsewhere { group, gateway } => {
                say!(self, invalid.group_elsewhere, group = group, gateway = gateway)
            }
            Invalid::UnknownDirectory => say!(self, invalid.unknown_directory),
            Invalid::OwnAccount => say!(self, invalid.own_account),
            Invalid::NoSuchAccount { id } => say!(self, invalid.no_such_account, id = id),
            Invalid::PeerOfShared { address, block } => {
                say!(self, invalid.peer_of_shared, address = address, block = block)
            }
            Invalid::Acme { failure } => self.failure(failure),
            Invalid::MailAddress => say!(self, invalid.mail_address),
            Invalid::ChallengeOff { challenge } => say!(self, invalid.challenge_off, challenge = challenge.to_string()),
            Invalid::CertificateNotIssued => say!(self, invalid.certificate_not_issued),
            Invalid::VpcLinked => say!(self, invalid.vpc_linked),
            Invalid::OneAuthoritativeDns { vpc } => say!(self, invalid.one_authoritative_dns, vpc = vpc),
            Invalid::AlbOtherVpc { vpc } => say!(self, alb.other_vpc, vpc = vpc),
            Invalid::AlbOneVpc { vpc } => say!(self, alb.one_vpc, vpc = vpc),
            Invalid::AlbServiceVpc { service, vpc } => say!(self, alb.service_vpc, service = service, vpc = vpc),
            Invalid::ServiceVpc { vpc } => say!(self, service_vpc.other, vpc = vpc),
            Invalid::AlbOtherAccount => say!(self, alb.other_account),
            Invalid::NoAddressIn { block } => say!(self, invalid.no_address_in, block = block),
            other => self.service_json(&other).unwrap_or_else(|| say!(self, error.bad_request)),
        }
    }

    /// What went wrong with the whole request, and what to do.
    pub fn error(&self, error: &ApiError) -> String {
        match error.clone() {
            ApiError::Invalid { .. } => say!(self, error.invalid),
            ApiError::Unauthenticated => say!(self, error.unauthenticated),
            ApiError::Forbidden => say!(self, error.forbidden),
            ApiError::NotFound => say!(self, error.not_found),
            ApiError::Conflict => say!(self, error.conflict),
            ApiError::GatewayInUse { names } => say!(self, error.gateway_in_use, names = names.join(", ")),
            ApiError::NetworkInUse { names } => say!(self, error.network_in_use, names = names.join(", ")),
            ApiError::VpcHasServices { names } => say!(self, service_vpc.in_use, names = names.join(", ")),
            ApiError::AcmeAccountInUse { names } => say!(self, acme_account.in_use, names = names.join(", ")),
            ApiError::CertificateInUse { names } => say!(self, error.certificate_in_use, names = names.join(", ")),
            ApiError::ZoneInUse { names } => say!(self, error.zone_in_use, names = names.join(", ")),
            ApiError::NoRollout => say!(self, life.no_rollout),
            ApiError::HostSilent => say!(self, life.host_silent),
            ApiError::ReplicaRefused { reason } => say!(self, life.refused, reason = reason),
            ApiError::LastHost => say!(self, error.last_host),
            ApiError::OwnHost => say!(self, error.own_host),
            ApiError::HostInUse { replicas, requests } => {
                say!(self, error.host_in_use, replicas = replicas, requests = requests)
            }
            ApiError::LinkOff => say!(self, error.link_off),
            ApiError::RoleNotGranted { role } => say!(self, error.role_not_granted, role = role),
            ApiError::NoPortLeft { first, last } => say!(self, error.no_port_left, first = first, last = last),
            ApiError::NotForAlb => say!(self, error.not_for_alb),
            ApiError::OnlyForAlb => say!(self, alb.only_alb),
            ApiError::NoSize => say!(self, error.no_size),
            ApiError::OperatorOnly => say!(self, error.operator_only),
            ApiError::Protected => say!(self, error.protected),
            ApiError::TooManyTokens { max } => say!(self, tokens.too_many, max = max as u64),
            ApiError::NotSubscribed => say!(self, billing.not_subscribed),
            ApiError::Throttled { retry_after_s } => say!(self, error.throttled, seconds = retry_after_s),
            ApiError::AskedJustNow { retry_after_s } => say!(self, error.asked_just_now, seconds = retry_after_s),
            ApiError::LeftAlone { retry_after_s } => say!(self, error.left_alone, seconds = retry_after_s),
            ApiError::InvitationInvalid => say!(self, error.invitation_invalid),
            ApiError::DiskFull => say!(self, error.disk_full),
            ApiError::Unavailable => say!(self, error.unavailable),
            ApiError::Sealed => say!(self, error.sealed),
            ApiError::BadRequest => say!(self, error.bad_request),
            ApiError::TooLarge => say!(self, error.too_large),
            ApiError::Unreachable => say!(self, error.unreachable),
        }
    }
}

/// The languages there are, each in its own words.
pub fn languages() -> [(Locale, &'static str, &'static str); 2] {
    [(Locale::en, "en", "English"), (Locale::zh_CN, "zh-CN", "简体中文")]
}

pub fn current_language() -> Locale {
    use_i18n().get_locale_untracked()
}
