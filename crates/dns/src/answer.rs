//! From a question to the records that answer it.

use crate::data::{Data, Near};
use crate::view::{Found, View};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{LowerName, Name, Record, RecordType};

/// Aliases that are followed in one answer; the client may ask on from there.
const MAX_ALIASES: usize = 8;

#[derive(Debug, Default)]
pub struct Answer {
    pub code: ResponseCode,
    /// Whether it is about names of ours.
    pub authoritative: bool,
    pub answers: Vec<Record>,
    pub authorities: Vec<Record>,
    pub additionals: Vec<Record>,
}

/// For class IN; transfers have been refused before.
pub fn answer(view: &View, near: &Near, name: &Name, kind: RecordType) -> Answer {
    let mut answer = Answer::default();
    let mut owner = name.clone();
    while let Some(target) = answer.step(view, near, &owner, kind) {
        let been_there = answer.answers.iter().any(|each| each.name == target);
        if been_there || answer.answers.len() >= MAX_ALIASES {
            break;
        }
        owner = target;
    }
    answer
}

impl Answer {
    /// Adds what is said about one name. If that is an alias to follow, its target comes back.
    fn step(&mut self, view: &View, near: &Near, owner: &Name, kind: RecordType) -> Option<Name> {
        let lower = LowerName::from(owner);
        let Some(place) = view.locate(&lower) else {
            // An alias may lead away from here, and then its own record is the answer; a question may not.
            if self.answers.is_empty() {
                self.code = ResponseCode::Refused;
            }
            return None;
        };
        self.authoritative = true;
        let (settings, serial) = (view.zones.settings(), view.zones.serial());
        let is_apex = place.apex == lower;
        let is_empty_apex = is_apex && matches!(place.found, Found::Nothing);
        match kind {
            RecordType::NS if is_apex => {
                self.answers.push(settings.ns(owner.clone()));
                self.additionals = addresses_of_name_server(view, near);
                return None;
            }
            RecordType::SOA if is_apex => {
                self.answers.push(settings.soa(owner.clone(), serial));
                return None;
            }
            RecordType::ANY if is_empty_apex => {
                self.answers.push(settings.soa(owner.clone(), serial));
                return None;
            }
            _ => {}
        }
        let before = self.answers.len();
        let mut add = |data| self.answers.push(Record::from_rdata(owner.clone(), settings.ttl, data));
        match place.found {
            Found::Data(alias @ Data::Alias(target)) if !matches!(kind, RecordType::CNAME | RecordType::ANY) => {
                alias.records(RecordType::CNAME, near).into_iter().for_each(add);
                return Some(target.clone());
            }
            Found::Data(data) => data.records(kind, near).into_iter().for_each(&mut add),
            Found::Nothing => {}
            Found::Missing => self.code = ResponseCode::NXDomain,
        }
        if self.answers.len() == before {
            self.authorities.push(settings.negative_soa(place.apex.into(), serial));
        }
        None
    }
}

/// So that nobody needs another question to reach it.
fn addresses_of_name_server(view: &View, near: &Near) -> Vec<Record> {
    let settings = view.zones.settings();
    let name = &settings.name_server;
    let Some(Found::Data(data)) = view.locate(name).map(|place| place.found) else { return Vec::new() };
    let both = [RecordType::A, RecordType::AAAA].into_iter().flat_map(|kind| data.records(kind, near));
    both.map(|data| Record::from_rdata(name.into(), settings.ttl, data)).collect()
}
