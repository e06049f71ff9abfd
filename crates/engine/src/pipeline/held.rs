//! Requests of a service that has no replica yet.

use super::{Way, proceed};
use crate::config::Service;
use crate::limit::RequestBody;
use crate::message::{AnswerFields, AnswerHead, Head, Name, Own, RequestId};
use crate::pipeline::Side;
use crate::record::Flight;
use crate::trace::Trace;
use crate::upstream::{AnswerBody, Parts, Rest};
use crate::worker::{Conn, Worker};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode, Version};
use std::rc::Rc;
use std::sync::Arc;
use tokio::time::timeout;

/// What the request has that outlives its head's answer.
pub struct Kept {
    pub worker: Rc<Worker>,
    pub conn: Rc<Conn>,
    pub head: Rc<Head>,
    pub id: RequestId,
    pub trace: Trace,
    pub side: Side,
}

/// As [`proceed`]; a client of events that still waits after the time of a keep-alive comment gets its answer's head
/// then, and everything else in band.
pub async fn answer(kept: Kept, flight: Box<Flight>, service: Arc<Service>, prefix: usize, body: RequestBody) -> Parts {
    let (meter, head, id, control) = (flight.meter.clone(), kept.head.clone(), kept.id, kept.conn.control.clone());
    let keep_alive = service.keep_alive;
    let may_begin = !keep_alive.is_zero() && !flight.is_grpc && !flight.awaits_continue && can_stream(&head);
    let mut rest: Rest = Box::pin(async move {
        let Kept { worker, conn, head, id, trace, side } = &kept;
        let way = Way { worker, conn, head, id: *id, trace, side };
        proceed(&way, flight, service, prefix, body).await
    });
    if may_begin {
        if let Ok(parts) = timeout(keep_alive, &mut rest).await {
            return parts;
        }
        // From the moment that a replica has it, what the replica says counts.
        if meter.is_held() && (accepts_events(&head) || meter.asks_for_events()) {
            let mut own = Own::new(id);
            own.more.push((CONTENT_TYPE, HeaderValue::from_static("text/event-stream")));
            own.more.push((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
            let head = AnswerHead { status: StatusCode::OK, fields: AnswerFields::None, own };
            return (head, AnswerBody::held(rest, control, keep_alive), None);
        }
    }
    rest.await
}

fn can_stream(head: &Head) -> bool {
    matches!(head.method, Method::GET | Method::POST)
        && head.version != Version::HTTP_10
        && !head.fields.has(Name::Upgrade)
}

fn accepts_events(head: &Head) -> bool {
    const EVENTS: &[u8] = b"text/event-stream";
    let accepts = head.fields.named("accept").unwrap_or_default();
    accepts.windows(EVENTS.len()).any(|kind| kind.eq_ignore_ascii_case(EVENTS))
}
