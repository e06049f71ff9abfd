//! From records to bytes that are not larger than the asker takes.

use crate::answer::Answer;
use crate::question::Question;
use hickory_proto::op::{Edns, Message, Metadata, OpCode};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};

/// What every network carries in one piece (RFC 9715). We take and send no more over UDP.
const PAYLOAD: u16 = 1232;
/// Without EDNS.
const OLD_PAYLOAD: u16 = 512;

/// Bytes that the asker takes over UDP.
pub fn udp_limit(question: &Question) -> usize {
    usize::from(question.edns.as_ref().map_or(OLD_PAYLOAD, |edns| edns.max_payload().clamp(OLD_PAYLOAD, PAYLOAD)))
}

/// The whole, or if that is too large the question alone with the flag that says so.
pub fn encode(question: &Question, answer: Answer, limit: usize) -> Option<Vec<u8>> {
    let mut message = head(question);
    message.metadata.response_code = answer.code;
    message.metadata.authoritative = answer.authoritative;
    message.answers = answer.answers;
    message.authorities = answer.authorities;
    message.additionals = answer.additionals;
    let whole = bytes(&message)?;
    if whole.len() <= limit {
        return Some(whole);
    }
    message.answers.clear();
    message.authorities.clear();
    message.additionals.clear();
    message.metadata.truncation = true;
    bytes(&message).filter(|short| short.len() <= limit)
}

/// "Come back over TCP", no larger than the question was.
pub fn truncated(question: &Question) -> Option<Vec<u8>> {
    let mut message = head(question);
    message.metadata.truncation = true;
    bytes(&message)
}

fn head(question: &Question) -> Message {
    let mut message = Message::response(question.metadata.id, OpCode::Query);
    // Repeats the id, the operation and the wish for recursion, which is not available here.
    message.metadata = Metadata::response_from_request(&question.metadata);
    message.queries.extend(question.query.clone());
    message.edns = question.edns.as_ref().map(|asked| {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD).set_dnssec_ok(asked.flags().dnssec_ok);
        edns
    });
    message
}

fn bytes(message: &Message) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::from(OLD_PAYLOAD));
    message.emit(&mut BinEncoder::new(&mut bytes)).ok()?;
    Some(bytes)
}
