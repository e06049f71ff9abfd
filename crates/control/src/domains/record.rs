//! Where a name leads, as DNS says.

use domain::certificate::tame;
use domain::domain_check::DomainOutcome;
use hickory_resolver::TokioResolver;
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Of aliases behind one another; resolvers follow no more, either.
const HOPS: usize = 8;

/// What a name ought to lead to.
#[derive(Debug)]
pub struct Target {
    /// The gateway's own name.
    pub name: String,
    /// Of the installation's public listeners.
    pub addresses: BTreeSet<IpAddr>,
}

/// DNS did not say, and why.
#[derive(Debug)]
struct Silence(String);

/// Asks no longer than `resolver` does for each question; whoever calls bounds the whole.
pub async fn look(resolver: &TokioResolver, host: &str, target: &Target) -> DomainOutcome {
    match follow(resolver, host, target).await {
        Ok(outcome) => outcome,
        Err(Silence(detail)) => DomainOutcome::Unanswered { detail: tame(&detail) },
    }
}

async fn follow(resolver: &TokioResolver, host: &str, target: &Target) -> Result<DomainOutcome, Silence> {
    let (host, own) = (parse(host)?, parse(&target.name)?);
    let Some(first) = alias(resolver, &host).await? else { return flat(resolver, &host, &own, target).await };
    let mut at = first.clone();
    for _ in 0..HOPS {
        if at == own {
            return Ok(DomainOutcome::Found);
        }
        let next = alias(resolver, &at).await;
        match next.map_err(|Silence(detail)| Silence(format!("{}: {detail}", shown(&at))))? {
            Some(next) => at = next,
            None => break,
        }
    }
    Ok(DomainOutcome::WrongTarget { found: tame(&shown(&first)) })
}

/// A name without an alias: a domain's apex, for which the owner's DNS copies the target's addresses.
async fn flat(resolver: &TokioResolver, host: &Name, own: &Name, target: &Target) -> Result<DomainOutcome, Silence> {
    let found = addresses(resolver, host).await?;
    if found.is_empty() {
        return Ok(DomainOutcome::Missing);
    }
    let mut foreign: BTreeSet<IpAddr> = found.difference(&target.addresses).copied().collect();
    if !foreign.is_empty() {
        // Behind address translation the world sees other addresses than the listeners'.
        let known = addresses(resolver, own).await.unwrap_or_default();
        foreign.retain(|address| !known.contains(address));
    }
    if foreign.is_empty() {
        return Ok(DomainOutcome::Found);
    }
    let foreign: Vec<String> = foreign.iter().map(ToString::to_string).collect();
    Ok(DomainOutcome::WrongTarget { found: tame(&foreign.join(", ")) })
}

async fn alias(resolver: &TokioResolver, name: &Name) -> Result<Option<Name>, Silence> {
    let answer = ask(resolver, name, RecordType::CNAME).await?;
    let records = answer.iter().flat_map(Lookup::answers).filter(|record| record.name == *name);
    Ok(records
        .filter_map(|record| if let RData::CNAME(target) = &record.data { Some(target.0.clone()) } else { None })
        .next())
}

/// Of both families; one that is not answered counts as none where the other is.
async fn addresses(resolver: &TokioResolver, name: &Name) -> Result<BTreeSet<IpAddr>, Silence> {
    let (v4, v6) = tokio::join!(ask(resolver, name, RecordType::A), ask(resolver, name, RecordType::AAAA));
    let mut found = BTreeSet::new();
    let mut silence = None;
    for answer in [v4, v6] {
        match answer {
            Ok(answer) => {
                found.extend(answer.iter().flat_map(Lookup::answers).filter_map(|record| address(&record.data)))
            }
            Err(why) => silence = Some(why),
        }
    }
    match silence {
        Some(why) if found.is_empty() => Err(why),
        _ => Ok(found),
    }
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(v4) => Some(v4.0.into()),
        RData::AAAA(v6) => Some(IpAddr::from(v6.0).to_canonical()),
        _ => None,
    }
}

/// `None` where there is no such name or it has nothing of this kind.
async fn ask(resolver: &TokioResolver, name: &Name, kind: RecordType) -> Result<Option<Lookup>, Silence> {
    match resolver.lookup(name.clone(), kind).await {
        Ok(answer) => Ok(Some(answer)),
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => Ok(None),
            code => Err(refused(code)),
        },
        Err(NetError::Dns(DnsError::ResponseCode(code))) => Err(refused(code)),
        Err(NetError::Timeout) => Err(Silence("no answer in time".into())),
        Err(other) => Err(Silence(other.to_string())),
    }
}

fn refused(code: ResponseCode) -> Silence {
    Silence(format!("the DNS server answered {code}"))
}

/// The final dot keeps the host's search list out of it.
fn parse(name: &str) -> Result<Name, Silence> {
    Name::from_ascii(format!("{name}.")).map_err(|error| Silence(error.to_string()))
}

fn shown(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_owned()
}
