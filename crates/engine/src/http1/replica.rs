//! A connection to a replica that speaks HTTP/1.1: one request at a time, driven by whoever has it.

use super::decode::Decoder;
use super::inbound::{Broken, Inbound, Next, Scratch};
use super::parse::{self, Framing, ResponseHead};
use super::respond::{self, Ending};
use super::socket::poll_drain;
use crate::upstream::Outgoing;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use hyper::body::{Body, Frame};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use tokio::net::TcpStream;

/// Of a body's pieces that go out together.
const GATHER: usize = 32 * 1024;
/// Of those that go out with the head: less than what is kept for another try.
const FIRST: usize = 8 * 1024;
/// Before an answer; who says more has none.
const INTERIMS: u32 = 16;

pub struct Replica {
    stream: TcpStream,
    inbound: Inbound,
    /// Of the request under way: what has to go out, and how far it has gone.
    out: Vec<u8>,
    out_from: usize,
    /// Some of the request went out.
    has_sent: bool,
    /// What came before the answer.
    interims: u32,
    body: Option<Sending>,
    /// Nothing more goes out; an answer may come all the same.
    is_deaf: bool,
    keep_alive: bool,
}

struct Sending {
    body: Outgoing,
    framing: Framing,
    /// Bytes of the body.
    sent: u64,
    /// What comes behind a body without a length.
    trailers: Option<HeaderMap>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum SendError {
    /// Nothing of it went out.
    Unsent,
    /// `heard`: something came before.
    Broken {
        heard: bool,
    },
    /// HTTP/2: it ended the request without an answer, and may have acted on it.
    Reset,
    Nonsense,
    /// The client's body cannot be sent; the meter knows why.
    Body,
}

/// What came before the answer.
pub type Interim<'i> = &'i mut dyn FnMut(&ResponseHead);

impl Replica {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            inbound: Inbound::new(),
            out: Vec::new(),
            out_from: 0,
            has_sent: false,
            interims: 0,
            body: None,
            is_deaf: false,
            keep_alive: true,
        }
    }

    /// A request of this head goes out with the next polls.
    pub fn start(&mut self, head: Vec<u8>, body: Outgoing, framing: Framing) {
        self.out = head;
        (self.out_from, self.has_sent, self.interims, self.is_deaf) = (0, false, 0, false);
        self.body = (framing != Framing::Length(0)).then_some(Sending { body, framing, sent: 0, trailers: None });
    }

    /// The memory of what went out, for the next head.
    pub fn take_spent(&mut self) -> Option<Vec<u8>> {
        (self.out.is_empty() && self.out.capacity() > 0).then(|| std::mem::take(&mut self.out))
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        loop {
            // First what is there of the body, so that it goes out together with the head.
            if self.body.is_some() && self.out_from == 0 {
                ready!(self.poll_gather(cx))?;
            }
            if self.out.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let before = self.out_from;
            let drained = poll_drain(&mut self.stream, cx, &mut self.out, &mut self.out_from);
            self.has_sent |= matches!(drained, Poll::Ready(Ok(()))) || self.out_from > before;
            match ready!(drained) {
                Ok(()) => {}
                Err(_) if !self.has_sent => return Poll::Ready(Err(SendError::Unsent)),
                Err(_) => {
                    self.end_sending();
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    /// The replica does not listen any more; it may have answered before it stopped.
    fn end_sending(&mut self) {
        self.out = Vec::new();
        self.out_from = 0;
        self.body = None;
        self.is_deaf = true;
    }

    /// The body cannot be sent to its end.
    fn cut_off(&mut self) -> SendError {
        self.end_sending();
        self.keep_alive = false;
        SendError::Body
    }

    /// Ready when there is something to go out, or the body has ended.
    fn poll_gather(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        while let Some(sending) = &mut self.body {
            // Before anything went out it all has to be there still, should the connection turn out to be dead.
            if self.out.len() >= GATHER || (!self.has_sent && self.out.len() >= FIRST) {
                break;
            }
            match Pin::new(&mut sending.body).poll_frame(cx) {
                Poll::Pending if self.out.is_empty() => return Poll::Pending,
                Poll::Pending => break,
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        append(&mut self.out, sending.framing, data);
                        sending.sent += data.len() as u64;
                    } else {
                        sending.trailers = frame.into_trailers().ok();
                    }
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(self.cut_off())),
                Poll::Ready(None) => {
                    if matches!(sending.framing, Framing::Length(length) if length != sending.sent) {
                        return Poll::Ready(Err(self.cut_off()));
                    }
                    if sending.framing == Framing::Chunked {
                        respond::end(&mut self.out, Ending::Chunked, sending.trailers.as_ref());
                    }
                    self.body = None;
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends the request and waits for the head of the answer. `no_body`: of HEAD.
    pub fn poll_answer(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &Scratch,
        no_body: bool,
        interim: Interim<'_>,
    ) -> Poll<Result<ResponseHead, SendError>> {
        if let Poll::Ready(Err(error)) = self.poll_send(cx) {
            return Poll::Ready(Err(error));
        }
        if !self.has_sent {
            return Poll::Pending;
        }
        loop {
            let next = ready!(self.inbound.poll_head(&mut self.stream, scratch, cx, parse::response, || {}));
            let head = match next {
                Ok(Next::Head(head)) => head,
                Ok(Next::End { mid: false }) | Err(_) => {
                    let heard = self.interims > 0 || !self.inbound.waiting().is_empty();
                    return Poll::Ready(Err(SendError::Broken { heard }));
                }
                Ok(Next::End { mid: true } | Next::Bad(_)) => return Poll::Ready(Err(SendError::Nonsense)),
            };
            if head.status.is_informational() && head.status != StatusCode::SWITCHING_PROTOCOLS {
                self.interims += 1;
                if self.interims > INTERIMS {
                    return Poll::Ready(Err(SendError::Nonsense));
                }
                // What was asked for with `100 Continue` goes out anyhow.
                if head.status != StatusCode::CONTINUE {
                    interim(&head);
                }
                continue;
            }
            let bodiless = no_body
                || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
                || head.status.is_informational();
            // Without a body the connection tells no end.
            self.keep_alive &= if bodiless { !head.says_close } else { head.keep_alive };
            self.inbound.decoder = if bodiless { Decoder::Done } else { Decoder::of(head.framing) };
            return Poll::Ready(Ok(head));
        }
    }

    /// The next piece of the answer. Goes on sending, if the replica answered before it had everything.
    pub fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &Scratch,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if self.body.is_some() || !self.out.is_empty() {
            let _ = self.poll_send(cx);
        }
        match ready!(self.inbound.poll_body(&mut self.stream, scratch, cx)) {
            Some(data) => Poll::Ready(Some(data.map(Frame::data))),
            None => Poll::Ready(self.inbound.take_trailers().map(|trailers| Ok(Frame::trailers(trailers)))),
        }
    }

    pub fn is_end(&self) -> bool {
        self.inbound.is_end()
    }

    /// How much of the answer is left, if it is known.
    pub fn left(&self) -> Option<u64> {
        self.inbound.decoder.left()
    }

    /// After an answer's end: whether it can carry another request.
    pub fn is_reusable(&self) -> bool {
        self.keep_alive
            && !self.is_deaf
            && self.body.is_none()
            && self.out.is_empty()
            && self.inbound.decoder.is_done()
            && self.inbound.waiting().is_empty()
    }

    /// Of an idle one: nothing came, no end either. The runtime knows without asking the kernel, nearly always.
    pub fn is_quiet(&self) -> bool {
        match self.stream.poll_read_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => true,
            Poll::Ready(_) => {
                let mut one = [0; 1];
                matches!(self.stream.try_read(&mut one), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
            }
        }
    }

    /// For another protocol: the socket, and what came on it already.
    pub fn into_parts(mut self) -> (TcpStream, Vec<u8>) {
        let unread = self.inbound.take_unread();
        (self.stream, unread)
    }
}

fn append(out: &mut Vec<u8>, framing: Framing, data: &[u8]) {
    if framing != Framing::Chunked {
        out.extend_from_slice(data);
    } else {
        respond::chunk(out, data);
    }
}
