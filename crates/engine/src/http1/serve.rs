//! A client's connection that speaks HTTP/1.1, until its end.

use super::inbound::Next;
use super::parse::{BadHead, Framing, RequestHead};
use super::respond::{self, Ending};
use super::socket::Socket;
use super::wire::{Wire, WireBody};
use crate::answer::Refusal;
use crate::limit::Shaped;
use crate::limit::body::ClientBody;
use crate::message::{Head, Name};
use crate::pipeline::{self, Answer, Request, Side};
use crate::record;
use crate::upstream::{ClientEnd, Switched, tunnel};
use crate::worker::{Alarm, Conn, Worker};
use http::{Method, StatusCode, Version};
use hyper::body::Body;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Of an answer that goes out together.
const GATHER: usize = 64 * 1024;
/// How long is read behind an answer that ends the connection: a client that is still sending when it is closed sees a
/// reset instead of the answer.
const LINGER: Duration = Duration::from_secs(2);

/// A client that takes nothing of its answer for so long has gone.
const STALL: Duration = Duration::from_secs(600);

type Shared = Rc<RefCell<Wire>>;

/// How a connection goes on.
enum Then {
    Next,
    Close,
    /// The client may still be sending.
    Linger,
    /// Another protocol from here on.
    Switch(Box<Switched>),
    /// Nobody is there any more.
    Gone,
}

pub async fn serve(worker: &Rc<Worker>, conn: &Rc<Conn>, socket: Socket) {
    let wire: Shared = Rc::new(RefCell::new(Wire::new(socket)));
    // The waker of a task stays the same.
    poll_fn(|cx| {
        conn.control.listen(cx);
        Poll::Ready(())
    })
    .await;
    let then = loop {
        let then = match next(worker, conn, &wire).await {
            None => {
                let has_begun = !wire.borrow().is_silent();
                if has_begun && conn.control.is_aborted() && !conn.control.is_draining() {
                    record::connection(worker, conn, None, "HeadTimeout");
                }
                Then::Gone
            }
            // Boxed: most connections are idle most of the time, and have no room for it then.
            Some(Ok(head)) => Box::pin(request(worker, conn, &wire, head)).await,
            Some(Err(bad)) => Box::pin(refuse(worker, conn, &wire, bad)).await,
        };
        if !matches!(then, Then::Next) {
            break then;
        }
    };
    match then {
        Then::Next | Then::Gone => {}
        Then::Close => {
            // The other side may never take it.
            let _ = timeout(LINGER, close(&wire)).await;
        }
        Then::Linger => Box::pin(linger(worker, conn, &wire)).await,
        Then::Switch(switched) => {
            let (socket, unread) = wire.borrow_mut().take_parts();
            // Boxed, for the same reason as a request under way.
            Box::pin(tunnel(ClientEnd::Socket(socket, unread), *switched)).await;
        }
    }
    // A replica's connection may still hold the body of a request, and with it the wire.
    drop(wire.borrow_mut().take_parts());
}

/// `None` at the connection's end.
async fn next(worker: &Worker, conn: &Conn, wire: &Shared) -> Option<Result<RequestHead, BadHead>> {
    poll_fn(|cx| {
        worker.clock.tick();
        let control = &conn.control;
        if control.is_aborted() {
            return Poll::Ready(None);
        }
        let mut wire = wire.borrow_mut();
        match wire.poll_head(&worker.scratch, cx, || control.bytes_came()) {
            Poll::Pending if control.is_over() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(Next::Head(head))) => Poll::Ready(Some(Ok(head))),
            Poll::Ready(Ok(Next::Bad(bad))) => Poll::Ready(Some(Err(bad))),
            // Breaking off is no event; there is no request that it could be recorded with.
            Poll::Ready(Ok(Next::End { .. }) | Err(_)) => Poll::Ready(None),
        }
    })
    .await
}

async fn request(worker: &Rc<Worker>, conn: &Rc<Conn>, wire: &Shared, read: RequestHead) -> Then {
    let RequestHead { head, framing, keep_alive } = read;
    // What is behind a head without a clear end is nobody's request.
    let asked = Asked::of(&head, keep_alive && framing.is_ok());
    let is_clear = framing.map(|_| ());
    // The flight ends when the last byte of its answer is taken; the connection has to write it as well.
    let _busy = conn.control.while_busy();
    let framing = framing.unwrap_or(Framing::Length(0));
    let awaits_continue = head.version == Version::HTTP_11 && head.fields.has(Name::Expect);
    wire.borrow_mut().begin(framing, awaits_continue);
    let body = match framing {
        Framing::Length(0) => ClientBody::None,
        _ => ClientBody::Wire(WireBody::new(wire.clone(), worker.scratch.clone())),
    };
    let request = Request { head, is_clear, body, side: Side::Wire(wire.clone()) };
    let answer = {
        let mut serving = pin!(pipeline::serve(worker, conn, request));
        poll_fn(|cx| {
            worker.clock.tick();
            if conn.control.is_aborted() {
                return Poll::Ready(None);
            }
            if let Poll::Ready(answer) = serving.as_mut().poll(cx) {
                return Poll::Ready(Some(answer));
            }
            wire.borrow_mut().poll_gone(&worker.scratch, cx).map(|()| None)
        })
        .await
    };
    match answer {
        Some(answer) => match respond(worker, conn, wire, &asked, answer).await {
            Then::Close if is_clear.is_err() => Then::Linger,
            then => then,
        },
        None => Then::Gone,
    }
}

async fn refuse(worker: &Rc<Worker>, conn: &Rc<Conn>, wire: &Shared, bad: BadHead) -> Then {
    let refusal = match bad {
        BadHead::Unclear(what) => Refusal::BadRequest(what),
        BadHead::TooLong(StatusCode::URI_TOO_LONG) => Refusal::UriTooLong,
        BadHead::TooLong(_) => Refusal::HeadTooLarge,
    };
    let asked = Asked { version: Version::HTTP_11, is_head: false, trailers: false, keep_alive: false };
    wire.borrow_mut().begin(Framing::Length(0), false);
    let answer = pipeline::refuse_unread(worker, conn, refusal);
    match respond(worker, conn, wire, &asked, answer).await {
        Then::Gone => Then::Gone,
        _ => Then::Linger,
    }
}

/// What an answer has to know of its request.
struct Asked {
    version: Version,
    is_head: bool,
    trailers: bool,
    keep_alive: bool,
}

impl Asked {
    fn of(head: &Head, keep_alive: bool) -> Self {
        let trailers = head.fields.has(Name::Te) && head.wants_trailers();
        Self { version: head.version, is_head: head.method == Method::HEAD, trailers, keep_alive }
    }
}

async fn respond(worker: &Rc<Worker>, conn: &Rc<Conn>, wire: &Shared, asked: &Asked, answer: Answer) -> Then {
    let Answer { head, mut body, switched } = answer;
    let is_read = wire.borrow_mut().answers(Rc::strong_count(wire) == 1);
    let keep_alive = asked.keep_alive && is_read && !head.own.close && !conn.control.is_draining();
    let mut out = worker.spare.buffer();
    let frame = respond::Frame {
        version: asked.version,
        is_head: asked.is_head,
        length: body.size_hint().exact(),
        keep_alive,
        date: &worker.clock.date(),
    };
    let ending = respond::head(&mut out, &head, &frame);
    drop(head);
    let mut from = 0;
    if let Some(switched) = switched {
        let written = poll_fn(|cx| {
            if conn.control.is_aborted() {
                return Poll::Ready(false);
            }
            let mut wire = wire.borrow_mut();
            let written = ready!(wire.poll_write(cx, &mut out, &mut from)).is_ok();
            Poll::Ready(written && ready!(wire.poll_flush(cx)).is_ok())
        })
        .await;
        return if written { Then::Switch(switched) } else { Then::Gone };
    }
    let mut sending = Sending { ending, is_done: ending == Ending::None, is_broken: false, trailers: asked.trailers };
    let mut stalled: Option<(usize, Alarm<'_>)> = None;
    let written = poll_fn(|cx| {
        worker.clock.tick();
        loop {
            if conn.control.is_aborted() {
                return Poll::Ready(Err(()));
            }
            sending.gather(&mut out, &mut body, cx);
            let mut wire = wire.borrow_mut();
            if out.is_empty() {
                if let Poll::Ready(flushed) = wire.poll_flush(cx) {
                    flushed.map_err(|_| ())?;
                    stalled = None;
                    if sending.is_done {
                        return Poll::Ready(if sending.is_broken { Err(()) } else { Ok(()) });
                    }
                    return wire.poll_gone(&worker.scratch, cx).map(Err);
                }
            } else if let Poll::Ready(written) = wire.poll_write(cx, &mut out, &mut from) {
                written.map_err(|_| ())?;
                stalled = None;
                continue;
            }
            let (_, alarm) = match stalled.take_if(|(at, _)| *at == from) {
                Some(same) => stalled.insert(same),
                None => stalled.insert((from, worker.spare.alarm(Instant::from_std(worker.clock.now()) + STALL))),
            };
            return alarm.poll(cx).map(Err);
        }
    })
    .await;
    worker.spare.give_buffer(out);
    match written {
        Err(()) => Then::Gone,
        Ok(()) if keep_alive && ending != Ending::Close => Then::Next,
        Ok(()) if is_read && wire.borrow().is_silent() => Then::Close,
        Ok(()) => Then::Linger,
    }
}

/// An answer's body on its way out.
struct Sending {
    ending: Ending,
    is_done: bool,
    /// The answer ends before its end.
    is_broken: bool,
    /// The client wants them.
    trailers: bool,
}

impl Sending {
    /// What is there of the body, as it goes out.
    fn gather(&mut self, out: &mut Vec<u8>, body: &mut Shaped, cx: &mut Context<'_>) {
        while !self.is_done && out.len() < GATHER {
            match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => respond::piece(out, self.ending, &data),
                    Err(frame) => {
                        let trailers = frame.into_trailers().ok().filter(|_| self.trailers);
                        respond::end(out, self.ending, trailers.as_ref());
                        self.is_done = true;
                        // Its end is the flight's.
                        let _ = Pin::new(&mut *body).poll_frame(cx);
                    }
                },
                Poll::Ready(Some(Err(_))) => (self.is_done, self.is_broken) = (true, true),
                Poll::Ready(None) => {
                    respond::end(out, self.ending, None);
                    self.is_done = true;
                }
            }
        }
    }
}

async fn close(wire: &Shared) {
    let _ = poll_fn(|cx| wire.borrow_mut().poll_shutdown(cx)).await;
}

async fn linger(worker: &Worker, conn: &Conn, wire: &Shared) {
    let forget = async {
        close(wire).await;
        poll_fn(|cx| {
            if conn.control.is_aborted() {
                return Poll::Ready(());
            }
            wire.borrow_mut().poll_forget(&worker.scratch, cx)
        })
        .await;
    };
    // Out of time: it is closed.
    let _ = timeout(LINGER, forget).await;
}
