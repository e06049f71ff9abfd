//! What a packet asks. Nothing of it is believed before it was looked at, the counts in its head least of all.

use hickory_proto::op::{Edns, Header, Message, MessageType, Metadata, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

#[derive(Debug)]
pub struct Question {
    pub metadata: Metadata,
    /// As far as it could be read; it is repeated in the answer as it came, upper case included.
    pub query: Option<Query>,
    pub edns: Option<Edns>,
}

/// A packet that gets an answer. An error is one too.
pub type Heard = (Question, Result<(), ResponseCode>);

/// `None` for what must not be answered: what is too short to have a sender that waits, and answers, which two servers
/// could send each other for ever.
pub fn read(packet: &[u8]) -> Option<Heard> {
    let mut decoder = BinDecoder::new(packet);
    let header = Header::read(&mut decoder).ok().filter(|header| header.metadata.message_type == MessageType::Query)?;
    let mut question = Question { metadata: header.metadata, query: None, edns: None };
    let verdict = question.judge(&header, &mut decoder);
    Some((question, verdict))
}

impl Question {
    fn judge(&mut self, header: &Header, decoder: &mut BinDecoder) -> Result<(), ResponseCode> {
        match self.metadata.op_code {
            OpCode::Query => {}
            OpCode::Notify | OpCode::Update => return Err(ResponseCode::Refused),
            _ => return Err(ResponseCode::NotImp),
        }
        let counts = &header.counts;
        if counts.queries != 1 {
            return Err(ResponseCode::FormErr);
        }
        let query = self.query.insert(Query::read(decoder).map_err(|_| ResponseCode::FormErr)?);
        if matches!(query.query_type, RecordType::AXFR | RecordType::IXFR) {
            return Err(ResponseCode::Refused);
        }
        if counts.answers != 0 || counts.authorities != 0 {
            return Err(ResponseCode::FormErr);
        }
        let class = query.query_class;
        let count = usize::from(counts.additionals);
        let (_, edns, _) =
            Message::read_records(decoder, count, true, OpCode::Query).map_err(|_| ResponseCode::FormErr)?;
        if !decoder.is_empty() {
            return Err(ResponseCode::FormErr);
        }
        self.edns = edns;
        if self.edns.as_ref().is_some_and(|edns| edns.version() != 0) {
            return Err(ResponseCode::BADVERS);
        }
        if class == DNSClass::IN { Ok(()) } else { Err(ResponseCode::Refused) }
    }
}
