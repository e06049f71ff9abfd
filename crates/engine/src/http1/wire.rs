//! The client's side of an HTTP/1.1 connection, shared by who serves it and by the body of the request under way.

use super::decode::Decoder;
use super::inbound::{Broken, Inbound, Next, Scratch};
use super::parse::{self, Framing, RequestHead};
use super::socket::{Socket, poll_drain};
use bytes::Bytes;
use http::HeaderMap;
use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
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
    /// An interim answer is not all out yet.
    flushing: bool,
    /// Which request of the connection is under way. A replica's connection may hold the body of one before.
    turn: u64,
    /// Who serves the connection, while another task reads the body.
    watcher: Option<Waker>,
    /// Who reads the body and waits for an interim answer to go out.
    reader: Option<Waker>,
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
            flushing: false,
            turn: 0,
            watcher: None,
            reader: None,
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
        self.turn += 1;
    }

    /// The body's next piece.
    fn poll_body(&mut self, scratch: &Scratch, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if std::mem::take(&mut self.awaits_continue) && !self.answering && !self.inbound.decoder.is_done() {
            self.interim.extend_from_slice(CONTINUE);
        }
        match self.poll_interim(cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            Poll::Pending => {
                self.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
        let piece = ready!(self.inbound.poll_body(&mut self.socket, scratch, cx));
        let is_over = self.inbound.decoder.is_done() || matches!(piece, Some(Err(_)));
        if is_over && let Some(watcher) = self.watcher.take().filter(|watcher| !watcher.will_wake(cx.waker())) {
            // From now on it is its business to see the client go.
            watcher.wake();
        }
        Poll::Ready(piece)
    }

    /// Ready: the client has gone. Only once its body is read: before, its end is told to who reads it.
    pub fn poll_gone(&mut self, scratch: &Scratch, cx: &mut Context<'_>) -> Poll<()> {
        match self.poll_interim(cx) {
            Poll::Ready(Err(_)) => return Poll::Ready(()),
            Poll::Ready(Ok(())) => {
                if let Some(reader) = self.reader.take() {
                    reader.wake();
                }
            }
            Poll::Pending => {}
        }
        if !self.inbound.decoder.is_done() {
            if !self.watcher.as_ref().is_some_and(|watcher| watcher.will_wake(cx.waker())) {
                self.watcher = Some(cx.waker().clone());
            }
            return Poll::Pending;
        }
        self.inbound.poll_end(&mut self.socket, scratch, cx, AHEAD)
    }

    /// Says something before the answer, if that may still be.
    pub fn say(&mut self, interim: &[u8]) {
        if !self.answering && self.interim.len() < AHEAD {
            self.interim.extend_from_slice(interim);
        }
    }

    pub fn poll_interim(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.interim.is_empty() {
            self.flushing = true;
            ready!(poll_drain(&mut self.socket, cx, &mut self.interim, &mut self.interim_from))?;
            self.interim = Vec::new();
        }
        if self.flushing {
            ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
            self.flushing = false;
        }
        Poll::Ready(Ok(()))
    }

    /// The answer begins. Whether the connection can carry another request as far as this one's body goes: one that
    /// was not asked for or is not read may come or not. `is_unread`: nobody has the body any more.
    pub fn answers(&mut self, is_unread: bool) -> bool {
        self.answering = true;
        let mut skipped = Vec::new();
        while is_unread
            && !self.awaits_continue
            && !self.inbound.decoder.is_done()
            && !self.inbound.waiting().is_empty()
        {
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
            if self.inbound.poll_end(&mut self.socket, scratch, cx, AHEAD).is_ready() {
                return Poll::Ready(());
            }
            if self.inbound.waiting().is_empty() {
                return Poll::Pending;
            }
        }
    }

    /// For another protocol: the socket, and what came on it already.
    pub fn take_parts(&mut self) -> (Socket, Vec<u8>) {
        (std::mem::replace(&mut self.socket, Socket::Gone), self.inbound.take_unread())
    }
}

/// The body of the request under way.
pub struct WireBody {
    wire: Rc<RefCell<Wire>>,
    scratch: Rc<Scratch>,
    turn: u64,
}

impl WireBody {
    /// Of the request that has begun last.
    pub fn new(wire: Rc<RefCell<Wire>>, scratch: Rc<Scratch>) -> Self {
        let turn = wire.borrow().turn;
        Self { wire, scratch, turn }
    }

    /// The connection has gone on to another request.
    fn is_stale(&self) -> bool {
        self.wire.borrow().turn != self.turn
    }

    pub fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if self.is_stale() {
            return Poll::Ready(None);
        }
        self.wire.borrow_mut().poll_body(&self.scratch, cx)
    }

    /// The client has ended its side, maybe behind bytes that nobody has read.
    pub fn has_gone(&self) -> bool {
        !self.is_stale() && self.wire.borrow().socket.is_read_closed()
    }

    /// What came behind the last piece, once.
    pub fn take_trailers(&mut self) -> Option<HeaderMap> {
        if self.is_stale() { None } else { self.wire.borrow_mut().inbound.take_trailers() }
    }

    /// How much is left, if it is known.
    pub fn left(&self) -> Option<u64> {
        if self.is_stale() {
            return Some(0);
        }
        let inbound = &self.wire.borrow().inbound;
        // Behind a length there is no room for trailers.
        if inbound.has_trailers() { None } else { inbound.decoder.left() }
    }

    pub fn is_done(&self) -> bool {
        self.is_stale() || self.wire.borrow().inbound.is_end()
    }
}
