//! What comes in on a connection: heads and bodies, one after the other. Nothing is kept of a connection that is
//! silent: bytes are read into the worker's own memory, and only what cannot be used at once is copied out of it.

use super::decode::{Decoder, Nonsense, TRAILER_FIELDS};
use super::parse::{BadHead, Parsed};
use super::socket::poll_read;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::cell::RefCell;
use std::io;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncRead;

/// Read at once.
const READ: usize = 64 * 1024;

/// The worker's.
pub struct Scratch(RefCell<Box<[u8]>>);

impl Default for Scratch {
    fn default() -> Self {
        Self(RefCell::new(vec![0; READ].into_boxed_slice()))
    }
}

impl Scratch {
    /// Nothing may be awaited with it.
    pub fn with<T>(&self, work: impl FnOnce(&mut [u8]) -> T) -> T {
        work(&mut self.0.borrow_mut())
    }
}

pub struct Inbound {
    /// Came, but is not used yet.
    unread: Vec<u8>,
    /// How much of it is used after all.
    at: usize,
    pub decoder: Decoder,
    /// Behind a chunked body, as they came.
    pub trailers: Vec<u8>,
}

/// The next message's head.
pub enum Next<T> {
    Head(T),
    /// The connection ended; `mid`: within a head.
    End {
        mid: bool,
    },
    Bad(BadHead),
}

#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the connection ended within a message")]
    Short,
    #[error("the chunks cannot be read")]
    Nonsense,
}

impl From<Nonsense> for Broken {
    fn from(_: Nonsense) -> Self {
        Self::Nonsense
    }
}

/// More than the empty line that some clients send behind a body.
fn begins(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| !matches!(byte, b'\r' | b'\n'))
}

impl Inbound {
    pub fn new() -> Self {
        Self { unread: Vec::new(), at: 0, decoder: Decoder::Done, trailers: Vec::new() }
    }

    pub fn waiting(&self) -> &[u8] {
        &self.unread[self.at..]
    }

    fn used(&mut self, len: usize) {
        self.at += len;
        if self.at >= self.unread.len() {
            // Its memory goes with it: most messages come alone.
            self.unread = Vec::new();
            self.at = 0;
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.at > 0 {
            self.unread.drain(..self.at);
            self.at = 0;
        }
        self.unread.extend_from_slice(bytes);
    }

    /// Takes what was read and not used.
    pub fn take_unread(&mut self) -> Vec<u8> {
        let mut unread = std::mem::take(&mut self.unread);
        unread.drain(..std::mem::take(&mut self.at));
        unread
    }

    /// `came` is told when the first byte of a head is there.
    pub fn poll_head<S: AsyncRead + Unpin, T>(
        &mut self,
        stream: &mut S,
        scratch: &Scratch,
        cx: &mut Context<'_>,
        parse: impl Fn(&[u8]) -> Parsed<T>,
        came: impl Fn(),
    ) -> Poll<io::Result<Next<T>>> {
        if !self.waiting().is_empty() {
            if begins(self.waiting()) {
                came();
            }
            match parse(self.waiting()) {
                Parsed::Whole { message, len } => {
                    self.used(len);
                    return Poll::Ready(Ok(Next::Head(message)));
                }
                Parsed::Bad(bad) => return Poll::Ready(Ok(Next::Bad(bad))),
                Parsed::More => {}
            }
        }
        loop {
            let polled = scratch.with(|scratch| {
                let len = match ready!(poll_read(stream, cx, scratch)) {
                    Ok(0) => return Poll::Ready(Ok(Some(Next::End { mid: !self.waiting().is_empty() }))),
                    Ok(len) => len,
                    Err(error) => return Poll::Ready(Err(error)),
                };
                if begins(&scratch[..len]) {
                    came();
                }
                let bytes = if self.waiting().is_empty() {
                    &scratch[..len]
                } else {
                    self.keep(&scratch[..len]);
                    self.waiting()
                };
                match parse(bytes) {
                    Parsed::Whole { message, len: head } => {
                        if self.waiting().is_empty() {
                            self.keep(&scratch[head..len]);
                        } else {
                            self.used(head);
                        }
                        Poll::Ready(Ok(Some(Next::Head(message))))
                    }
                    Parsed::Bad(bad) => Poll::Ready(Ok(Some(Next::Bad(bad)))),
                    Parsed::More => {
                        if self.waiting().is_empty() {
                            self.keep(&scratch[..len]);
                        }
                        Poll::Ready(Ok(None))
                    }
                }
            });
            if let Some(next) = ready!(polled)? {
                return Poll::Ready(Ok(next));
            }
        }
    }

    /// The next piece of the body; `None` is its end.
    pub fn poll_body<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        scratch: &Scratch,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Broken>>> {
        loop {
            if self.decoder.is_done() {
                return Poll::Ready(None);
            }
            let piece = if self.waiting().is_empty() {
                ready!(self.read_piece(stream, scratch, cx))
            } else {
                self.waiting_piece()
            };
            match piece {
                Ok(Some(data)) if data.is_empty() => {}
                Ok(Some(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(None) => return Poll::Ready(None),
                Err(broken) => return Poll::Ready(Some(Err(broken))),
            }
        }
    }

    fn waiting_piece(&mut self) -> Result<Option<Bytes>, Broken> {
        let step = self.decoder.step(&self.unread[self.at..], &mut self.trailers)?;
        let data = Bytes::copy_from_slice(&self.unread[self.at..][step.data]);
        self.used(step.used);
        Ok(Some(data))
    }

    fn read_piece<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        scratch: &Scratch,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Broken>> {
        scratch.with(|scratch| {
            let len = ready!(poll_read(stream, cx, scratch))?;
            if len == 0 {
                if !matches!(self.decoder, Decoder::UntilClose) {
                    return Poll::Ready(Err(Broken::Short));
                }
                self.decoder = Decoder::Done;
                return Poll::Ready(Ok(None));
            }
            let step = self.decoder.step(&scratch[..len], &mut self.trailers)?;
            let data = Bytes::copy_from_slice(&scratch[..len][step.data]);
            if step.used < len {
                self.keep(&scratch[step.used..len]);
            }
            Poll::Ready(Ok(Some(data)))
        })
    }

    pub fn has_trailers(&self) -> bool {
        self.trailers.len() > 2
    }

    /// Nothing of the message is left, trailers neither.
    pub fn is_end(&self) -> bool {
        self.decoder.is_done() && !self.has_trailers()
    }

    /// What came behind a chunked body, once.
    pub fn take_trailers(&mut self) -> Option<HeaderMap> {
        let lines = std::mem::take(&mut self.trailers);
        if lines.len() <= 2 {
            return None;
        }
        let mut headers = [httparse::EMPTY_HEADER; TRAILER_FIELDS];
        let httparse::Status::Complete((_, parsed)) = httparse::parse_headers(&lines, &mut headers).ok()? else {
            return None;
        };
        let mut map = HeaderMap::with_capacity(parsed.len());
        for header in parsed {
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(header.name.as_bytes()), HeaderValue::from_bytes(header.value))
            {
                map.append(name, value);
            }
        }
        Some(map)
    }

    /// Passes over what is there of a body that nobody reads.
    pub fn skip(&mut self, trailers: &mut Vec<u8>) -> Result<(), Broken> {
        let step = self.decoder.step(&self.unread[self.at..], trailers)?;
        self.used(step.used);
        Ok(())
    }

    /// Reads ahead while nothing is expected, up to `limit`. Ready: the connection has ended.
    pub fn poll_end<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        scratch: &Scratch,
        cx: &mut Context<'_>,
        limit: usize,
    ) -> Poll<()> {
        while self.waiting().len() < limit {
            let ended = scratch.with(|scratch| match ready!(poll_read(stream, cx, scratch)) {
                Ok(0) | Err(_) => Poll::Ready(true),
                Ok(len) => {
                    self.keep(&scratch[..len]);
                    Poll::Ready(false)
                }
            });
            if ready!(ended) {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }
}
