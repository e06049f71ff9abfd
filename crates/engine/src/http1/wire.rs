//! The client's side of an HTTP/1.1 connection, shared by who serves it and by the body of the request under way.

use super::decode::Decoder;
use super::inbound::{Broken, Inbound, Next, Scratch};
use super::parse::{self, Framing, RequestHead};
use super::socket::{Socket, poll_drain};
use bytes::Bytes;
use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// What a client may send ahead of its answer. More waits in the socket.
const AHEAD: usize = 64 * 1024;

pub struct Wire {
    socket: Socket,
    inbound: Inbound,
    /// Goes out before the answer: interim answers.
    interim: Vec<u8>,
    interim_from: usize,
    /// The client sends the body when it is asked to.
    awaits_continue: bool,
    /// No interim answer fits any more.
    answering: bool,
}

impl Wire {
    pub fn new(socket: Socket) -> Self {
        Self {
            socket,
            inbound: Inbound::new(),
            interim: Vec::new(),
            interim_from: 0,
            awaits_continue: false,
            answering: false,
        }
    }

    pub fn poll_head(
        &mut self,
        scratch: &Scratch,
        cx: &mut Context<'_>,
        came: impl Fn(),
    ) -> Poll<io::Result<Next<RequestHead>>> {
        self.inbound.poll_head(&mut self.socket, scratch, cx, parse::request, came)
    }

    /// A request begins.
    pub fn begin(&mut self, framing: Framing, awaits_continue: bool) {
        self.inbound.decoder = Decoder::of(framing);
        self.inbound.trailers = Vec::new();
        self.awaits_continue = awaits_continue;
        self.answering = false;
    }

    /// The body's next piece.
    fn poll_body(&mut self, scratch: &Scratch, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if std::mem::take(&mut self.awaits_continue) && !self.answering && !self.inbound.decoder.is_done() {
            self.interim.extend_from_slice(CONTINUE);
        }
        if let Err(error) = ready!(self.poll_interim(cx)) {
            return Poll::Ready(Some(Err(error.into())));
        }
        self.inbound.poll_body(&mut self.socket, scratch, cx)
    }

    /// Ready: the client has gone. Only once its body is read: before, its end is told to who reads it.
    pub fn poll_gone(&mut self, scratch: &Scratch, cx: &mut Context<'_>) -> Poll<()> {
        if let Poll::Ready(Err(_)) = self.poll_interim(cx) {
            return Poll::Ready(());
        }
        if !self.inbound.decoder.is_done() {
            return Poll::Pending;
        }
        self.inbound.poll_end(&mut self.socket, scratch, cx, AHEAD)
    }

    /// Says something before the answer, if that may still be.
    pub fn say(&mut self, interim: &[u8]) {
        if !self.answering {
            self.interim.extend_from_slice(interim);
        }
    }

    pub fn poll_interim(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.interim.is_empty() {
            return Poll::Ready(Ok(()));
        }
        ready!(poll_drain(&mut self.socket, cx, &mut self.interim, &mut self.interim_from))?;
        self.interim = Vec::new();
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    /// The answer begins. Whether the connection can carry another request as far as this one's body goes: one that
    /// was not asked for or is not read may come or not.
    pub fn answers(&mut self) -> bool {
        self.answering = true;
        let mut skipped = Vec::new();
        while !self.awaits_continue && !self.inbound.decoder.is_done() && !self.inbound.waiting().is_empty() {
            if self.inbound.skip(&mut skipped).is_err() {
                return false;
            }
        }
        self.inbound.decoder.is_done()
    }

    pub fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Vec<u8>, from: &mut usize) -> Poll<io::Result<()>> {
        ready!(self.poll_interim(cx))?;
        poll_drain(&mut self.socket, cx, out, from)
    }

    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    pub fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    /// Nothing came that nobody has used.
    pub fn is_silent(&self) -> bool {
        self.inbound.waiting().is_empty()
    }

    /// Reads and forgets. Ready: the connection has ended.
    pub fn poll_forget(&mut self, scratch: &Scratch, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.inbound.take_unread();
            // Not all at once: others want to be served as well.
            if self.inbound.poll_end(&mut self.socket, scratch, cx, AHEAD).is_ready() {
                return Poll::Ready(());
            }
            if self.inbound.waiting().is_empty() {
                return Poll::Pending;
            }
        }
    }

    /// For another protocol: the socket, and what came on it already.
    pub fn into_parts(mut self) -> (Socket, Vec<u8>) {
        let unread = self.inbound.take_unread();
        (self.socket, unread)
    }
}

/// The body of the request under way.
pub struct WireBody {
    wire: Rc<RefCell<Wire>>,
    scratch: Rc<Scratch>,
}

impl WireBody {
    pub fn new(wire: Rc<RefCell<Wire>>, scratch: Rc<Scratch>) -> Self {
        Self { wire, scratch }
    }

    pub fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        self.wire.borrow_mut().poll_body(&self.scratch, cx)
    }

    /// How much is left, if it is known.
    pub fn left(&self) -> Option<u64> {
        self.wire.borrow().inbound.decoder.left()
    }

    pub fn is_done(&self) -> bool {
        self.wire.borrow().inbound.decoder.is_done()
    }
}
