//! Counts a connection's HTTP/2 streams past the library: what it refuses by itself (a malformed head, one stream too
//! many, too many headers) no service hears of, and yet it leaves a record.
//!
//! Only the nine bytes in front of each frame are looked at, never what they frame.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const PREFACE: usize = 24;
const FRAME_HEAD: usize = 9;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
/// More are not counted before the library has looked at these: it may be leaving, and pass over what comes.
const LOOKED_AT: usize = 1024;

/// What came and what was taken up.
#[derive(Default)]
pub struct Streams {
    asked: Cell<u64>,
    served: Cell<u64>,
    told: Cell<u64>,
    /// Reset by us since the counts were level.
    resets: Cell<u64>,
    /// Asked for since then, in order.
    open: RefCell<Vec<u32>>,
    newest: Cell<u32>,
}

impl Streams {
    /// A service got one.
    pub fn serve(&self) {
        self.served.set(self.served.get() + 1);
    }

    /// How many were refused since it was asked last. To be asked when the library has taken up all it can.
    pub fn refused(&self) -> u64 {
        let missing = self.missing();
        let refused = missing.min(self.resets.replace(0));
        self.told.set(self.told.get() + refused);
        if missing == refused && self.open.borrow().capacity() > 0 {
            self.open.borrow_mut().clear();
        }
        refused
    }

    /// Whether some were refused, so far as it was asked.
    pub fn has_told(&self) -> bool {
        self.told.get() > 0
    }

    /// How many nobody took up, at the connection's end.
    pub fn missing(&self) -> u64 {
        self.asked.get().saturating_sub(self.served.get() + self.told.get())
    }

    fn came(&self, frame: &Frame) {
        let begins = frame.kind == HEADERS && frame.stream > self.newest.get();
        if begins {
            self.newest.set(frame.stream);
        }
        // A head that is not whole is none yet; trailers have the number of a stream that is known.
        let is_whole = frame.flags & END_HEADERS != 0;
        let is_head = begins || frame.kind == CONTINUATION && frame.stream == self.newest.get();
        let mut open = self.open.borrow_mut();
        if is_head && is_whole && open.last() != Some(&frame.stream) && open.len() < LOOKED_AT {
            self.asked.set(self.asked.get() + 1);
            open.push(frame.stream);
        }
    }

    fn went(&self, frame: &Frame) {
        if frame.kind == RESET && self.open.borrow().binary_search(&frame.stream).is_ok() {
            self.resets.set(self.resets.get() + 1);
        }
    }
}

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
}

/// Where one direction of a connection is.
#[derive(Default)]
struct Walk {
    /// Bytes of the frame, or of the preface, that are still to come.
    skip: usize,
    head: [u8; FRAME_HEAD],
    have: usize,
}

impl Walk {
    /// `seen` gets each frame when all of it is there.
    fn over(&mut self, mut bytes: &[u8], seen: impl Fn(&Frame)) {
        while !bytes.is_empty() {
            let pass = self.skip.min(bytes.len());
            self.skip -= pass;
            bytes = &bytes[pass..];
            if self.skip > 0 {
                return;
            }
            self.end(&seen);
            let take = (FRAME_HEAD - self.have).min(bytes.len());
            self.head[self.have..self.have + take].copy_from_slice(&bytes[..take]);
            self.have += take;
            bytes = &bytes[take..];
            if self.have == FRAME_HEAD {
                let [a, b, c, ..] = self.head;
                self.skip = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            }
        }
        if self.skip == 0 {
            self.end(&seen);
        }
    }

    fn end(&mut self, seen: &impl Fn(&Frame)) {
        if self.have == FRAME_HEAD {
            self.have = 0;
            let [_, _, _, kind, flags, a, b, c, d] = self.head;
            seen(&Frame { kind, flags, stream: u32::from_be_bytes([a & 0x7f, b, c, d]) });
        }
    }
}

pub struct Watched<S> {
    socket: S,
    streams: Rc<Streams>,
    inward: Walk,
    outward: Walk,
}

impl<S> Watched<S> {
    pub fn new(socket: S, streams: Rc<Streams>) -> Self {
        let inward = Walk { skip: PREFACE, ..Walk::default() };
        Self { socket, streams, inward, outward: Walk::default() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.socket).poll_read(cx, buf))?;
        this.inward.over(&buf.filled()[before..], |frame| this.streams.came(frame));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.socket).poll_write(cx, buf))?;
        this.outward.over(&buf[..written], |frame| this.streams.went(frame));
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.socket).poll_write_vectored(cx, bufs))?;
        let mut left = written;
        for buf in bufs {
            let part = left.min(buf.len());
            this.outward.over(&buf[..part], |frame| this.streams.went(frame));
            left -= part;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u8, length: u8) -> Vec<u8> {
        let mut bytes = vec![0, 0, length, kind, flags, 0, 0, 0, stream];
        bytes.resize(FRAME_HEAD + usize::from(length), 0xff);
        bytes
    }

    /// However they are cut up, the same frames are seen.
    #[test]
    fn frames_in_pieces() {
        let frames = [frame(4, 0, 0, 12), frame(1, 4, 1, 30), frame(0, 1, 1, 0), frame(1, 0, 3, 5), frame(9, 4, 3, 2)];
        let bytes = [vec![b'p'; PREFACE], frames.concat()].concat();
        for piece in 1..bytes.len() {
            let streams = Streams::default();
            let mut walk = Walk { skip: PREFACE, ..Walk::default() };
            bytes.chunks(piece).for_each(|piece| walk.over(piece, |frame| streams.came(frame)));
            assert_eq!(streams.missing(), 2, "in pieces of {piece}");
        }
    }

    #[test]
    fn what_was_served_is_not_refused() {
        let streams = Streams::default();
        let mut walk = Walk::default();
        let mut came = |bytes: Vec<u8>| walk.over(&bytes, |frame| streams.came(frame));
        came(frame(HEADERS, END_HEADERS, 1, 4));
        streams.serve();
        assert_eq!(streams.refused(), 0);
        // Trailers, and a head of which more is to come.
        came(frame(HEADERS, END_HEADERS, 1, 4));
        came(frame(HEADERS, 0, 3, 4));
        let went = |stream| streams.went(&Frame { kind: RESET, flags: 0, stream });
        went(1);
        assert_eq!((streams.refused(), streams.missing()), (0, 0));
        came(frame(CONTINUATION, END_HEADERS, 3, 4));
        went(3);
        assert_eq!((streams.refused(), streams.refused(), streams.missing()), (1, 0, 0));
    }
}
