//! A WebSocket: two connections that have become one.

use super::pool::Many;
use crate::access::Pass;
use crate::balance::Busy;
use crate::http1::{Scratch, Socket, poll_drain, poll_read};
use crate::limit::{Bandwidth, Capacity};
use crate::record::Flight;
use crate::worker::{Conn, Worker};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};

/// How often is looked whether it may go on.
const LOOK: Duration = Duration::from_secs(1);
/// For what the other side still has to say when one side has ended. There is no half of a WebSocket.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The client's end: a connection with what came on it already, or a stream of HTTP/2.
pub enum ClientEnd {
    Socket(Socket, Vec<u8>),
    Stream(TokioIo<Upgraded>),
}

/// The replica's end: a connection with what came behind the answer, or a stream of HTTP/2 and its share of the
/// connection.
pub enum ReplicaEnd {
    Socket(TcpStream, Vec<u8>),
    Stream(OnUpgrade, Many),
}

/// The replica's end, and what the tunnel has to do with besides.
pub struct Switched {
    pub replica: ReplicaEnd,
    pub flight: Box<Flight>,
    pub busy: Busy,
    pub worker: Rc<Worker>,
    pub pass: Pass,
    /// Without a byte in either direction.
    pub idle: Duration,
}

/// Carries bytes both ways until one side ends or it may not go on; the flight ends with it, and the replica counts
/// as busy until then.
pub async fn tunnel(client: ClientEnd, switched: Switched) {
    let Switched { replica, mut flight, busy, worker, pass, idle } = switched;
    let (mut client, ahead) = match client {
        ClientEnd::Socket(socket, ahead) => (End::Socket(socket), ahead),
        ClientEnd::Stream(stream) => (End::Stream(stream), Vec::new()),
    };
    let (mut replica, unread, _share) = match replica {
        ReplicaEnd::Socket(stream, unread) => (End::Socket(Socket::Clear(stream)), unread, None),
        ReplicaEnd::Stream(upgrade, share) => match upgrade.await {
            Ok(stream) => (End::Stream(TokioIo::new(stream)), Vec::new(), Some(share)),
            Err(_) => return flight.refused(None, "BadUpstream"),
        },
    };
    let capacity = flight.gateway().map(|gateway| &gateway.capacity);
    let mut up = Way::new(ahead, capacity.and_then(Capacity::up));
    let mut down = Way::new(unread, capacity.and_then(Capacity::down));
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = Watch { look, moved: Instant::now(), idle, last_words: None };
    let cut = poll_fn(|cx| {
        worker.clock.tick();
        if let Some(reason) = watch.poll_revoked(cx, &worker, &pass, flight.conn()) {
            return Poll::Ready(Some(reason));
        }
        let before = up.count + down.count;
        let ups = up.poll(&mut client, &mut replica, &worker.scratch, cx).is_ready();
        let downs = down.poll(&mut replica, &mut client, &worker.scratch, cx).is_ready();
        if up.count + down.count > before {
            watch.moved = worker.clock.now();
        }
        if (ups && downs) || ((ups || downs) && watch.poll_last_words(cx)) {
            return Poll::Ready(None);
        }
        Poll::Pending
    })
    .await;
    flight.meter.add(up.count);
    flight.bytes_out = down.count;
    drop(busy);
    match cut {
        None => flight.complete(),
        Some(reason) => flight.refused(None, reason),
    }
}

struct Watch {
    look: Interval,
    moved: Instant,
    idle: Duration,
    last_words: Option<Pin<Box<Sleep>>>,
}

impl Watch {
    /// The reason when it may not go on.
    fn poll_revoked(
        &mut self,
        cx: &mut Context<'_>,
        worker: &Worker,
        pass: &Pass,
        conn: &Conn,
    ) -> Option<&'static str> {
        if conn.control.is_aborted() {
            return Some("DrainTimeout");
        }
        while self.look.poll_tick(cx).is_ready() {
            if self.moved.elapsed() > self.idle {
                return Some("IdleTimeout");
            }
            if !pass.holds(&worker.table.load(), conn) {
                return Some("AccessRevoked");
            }
        }
        None
    }

    /// One side has ended: true when the other one has had its time.
    fn poll_last_words(&mut self, cx: &mut Context<'_>) -> bool {
        let timer = self.last_words.get_or_insert_with(|| Box::pin(sleep(LAST_WORDS)));
        timer.as_mut().poll(cx).is_ready()
    }
}

/// One direction.
struct Way {
    /// Read, and not written yet.
    held: Vec<u8>,
    from: usize,
    count: u64,
    bandwidth: Option<Bandwidth>,
    /// Until it is this direction's turn.
    turn: Option<Pin<Box<Sleep>>>,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Carrying,
    /// One side has ended; the other one is told.
    Closing,
    Ended,
}

impl Way {
    fn new(held: Vec<u8>, bandwidth: Option<Bandwidth>) -> Self {
        Self { held, from: 0, count: 0, bandwidth, turn: None, phase: Phase::Carrying }
    }

    /// Ready when it has ended. A side that breaks off is the everyday end of a WebSocket.
    fn poll<R, W>(&mut self, from: &mut R, to: &mut W, scratch: &Scratch, cx: &mut Context<'_>) -> Poll<()>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        if self.phase == Phase::Carrying && ready!(self.poll_carry(from, to, scratch, cx)) {
            self.phase = Phase::Closing;
        }
        if self.phase == Phase::Closing {
            let _ = ready!(Pin::new(to).poll_shutdown(cx));
            self.phase = Phase::Ended;
        }
        Poll::Ready(())
    }

    /// Ready at its end.
    fn poll_carry<R, W>(&mut self, from: &mut R, to: &mut W, scratch: &Scratch, cx: &mut Context<'_>) -> Poll<bool>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            if let Some(turn) = &mut self.turn {
                ready!(turn.as_mut().poll(cx));
                self.turn = None;
            }
            if !self.held.is_empty() {
                let left = self.held.len() - self.from;
                let drained = poll_drain(to, cx, &mut self.held, &mut self.from);
                self.count += (left - (self.held.len() - self.from)) as u64;
                if ready!(drained).is_err() {
                    return Poll::Ready(true);
                }
                self.held = Vec::new();
            }
            if ready!(Pin::new(&mut *to).poll_flush(cx)).is_err() {
                return Poll::Ready(true);
            }
            let came = scratch.with(|scratch| match ready!(poll_read(from, cx, scratch)) {
                Ok(0) | Err(_) => Poll::Ready(true),
                Ok(len) => {
                    self.take(&scratch[..len], to, cx);
                    Poll::Ready(false)
                }
            });
            if ready!(came) {
                return Poll::Ready(true);
            }
        }
    }

    /// Passes on what came, or keeps what cannot go at once.
    fn take<W: AsyncWrite + Unpin>(&mut self, data: &[u8], to: &mut W, cx: &mut Context<'_>) {
        let wait = self.bandwidth.as_ref().and_then(|bandwidth| bandwidth.charge(data.len(), Instant::now()));
        if let Some(wait) = wait {
            self.turn = Some(Box::pin(sleep(wait)));
        }
        let written = match self.turn {
            Some(_) => 0,
            // What fails now fails again.
            None => match Pin::new(to).poll_write(cx, data) {
                Poll::Ready(Ok(written)) => written,
                Poll::Ready(Err(_)) | Poll::Pending => 0,
            },
        };
        self.count += written as u64;
        self.held.extend_from_slice(&data[written..]);
    }
}

/// Either end.
enum End {
    Socket(Socket),
    Stream(TokioIo<Upgraded>),
}

impl AsyncRead for End {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Stream(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for End {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_write(cx, buf),
            Self::Stream(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_flush(cx),
            Self::Stream(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Stream(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
