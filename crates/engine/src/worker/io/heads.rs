//! Reads the heads of HTTP/1.1 requests as they came over the wire, beside hyper, for what hyper mends in silence:
//! a length beside an encoding (it drops the length) or a second equal one, lines that end in LF alone, a fragment in
//! the request line (it cuts it off). A server in front of this one may have understood such a request differently,
//! and the rest of it would be somebody's next request (request smuggling).
//!
//! It looks at whole lines where they lie in hyper's buffer and at nothing of a body but chunk sizes. When it loses
//! its way it says nothing more, and hyper's reading alone holds: that one is consistent in itself, since what goes
//! to a replica is written anew from what was understood here.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// hyper takes no longer lines.
const LONGEST_LINE: usize = 512 * 1024;

/// What was found in a connection's heads, for its requests to look at. Atomic only because hyper wants the socket's
/// wrapper to be `Send`.
#[derive(Default)]
pub struct Found {
    /// The first bad head: how many were before it, and what is wrong.
    bad: OnceLock<(u64, &'static str)>,
    asked: AtomicU64,
    over: AtomicBool,
}

impl Found {
    /// To be asked once for each request, in their order.
    pub fn check_next(&self) -> Result<(), &'static str> {
        let number = self.asked.fetch_add(1, Relaxed);
        match self.bad.get() {
            Some((bad, what)) if *bad <= number => Err(what),
            _ => Ok(()),
        }
    }

    /// What comes now is another protocol.
    pub fn stop(&self) {
        self.over.store(true, Relaxed);
    }
}

#[cfg(any(test, feature = "fuzzing"))]
impl Found {
    pub fn bad(&self) -> Option<u64> {
        self.bad.get().map(|(number, _)| *number)
    }
}

#[cfg(any(test, feature = "fuzzing"))]
impl Heads {
    pub fn count(&self) -> u64 {
        self.heads
    }
}

enum Reading {
    Head,
    ChunkSize,
    Trailers,
    /// So many bytes of a body, then the next head.
    Body(u64),
    /// So many bytes of a chunk, then the size of the next one.
    Chunk(u64),
    Nothing,
}

pub struct Heads {
    found: Arc<Found>,
    reading: Reading,
    /// The begin of a line whose end has not come.
    partial: Vec<u8>,
    heads: u64,
    head: Head,
}

/// Of the head that is being read.
#[derive(Default)]
struct Head {
    lines: u32,
    lengths: u32,
    length: Option<u64>,
    encodings: u32,
    wrong: Option<&'static str>,
}

impl Heads {
    pub fn new(found: Arc<Found>) -> Self {
        Self { found, reading: Reading::Head, partial: Vec::new(), heads: 0, head: Head::default() }
    }

    /// These bytes came.
    pub fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match &mut self.reading {
                Reading::Nothing => return,
                Reading::Body(left) | Reading::Chunk(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= here as u64;
                    bytes = &bytes[here..];
                    if *left == 0 {
                        let is_body = matches!(self.reading, Reading::Body(_));
                        self.reading = if is_body { Reading::Head } else { Reading::ChunkSize };
                    }
                }
                Reading::Head | Reading::ChunkSize | Reading::Trailers => {
                    if self.found.over.load(Relaxed) {
                        return self.stop();
                    }
                    let start = bytes;
                    let len = bytes.skip_until(b'\n').unwrap_or(0);
                    let line = &start[..len];
                    if self.partial.is_empty() && line.ends_with(b"\n") {
                        self.line(line);
                    } else if self.partial.len() + len > LONGEST_LINE {
                        return self.stop();
                    } else {
                        self.partial.extend_from_slice(line);
                        if line.ends_with(b"\n") {
                            let line = std::mem::take(&mut self.partial);
                            self.line(&line);
                        }
                    }
                }
            }
        }
    }

    fn stop(&mut self) {
        self.reading = Reading::Nothing;
        self.partial = Vec::new();
    }

    /// Such a line with its end.
    fn line(&mut self, line: &[u8]) {
        let is_empty = matches!(line, b"\r\n" | b"\n");
        self.reading = match self.reading {
            // Clients that send one too many behind a body are borne by everybody.
            Reading::Head if is_empty && self.head.lines == 0 => Reading::Head,
            Reading::Head => {
                self.head.line(line);
                if is_empty { self.end_of_head() } else { Reading::Head }
            }
            Reading::ChunkSize => match chunk_size(line) {
                Some(0) => Reading::Trailers,
                // With the end of line behind it.
                Some(size) => Reading::Chunk(size.saturating_add(2)),
                None => Reading::Nothing,
            },
            Reading::Trailers if is_empty => Reading::Head,
            Reading::Trailers => Reading::Trailers,
            Reading::Body(_) | Reading::Chunk(_) | Reading::Nothing => Reading::Nothing,
        };
    }

    fn end_of_head(&mut self) -> Reading {
        let head = std::mem::take(&mut self.head);
        if let Some(what) = head.wrong() {
            let _ = self.found.bad.set((self.heads, what));
            // Nothing behind it will be read as a request.
            return Reading::Nothing;
        }
        self.heads += 1;
        match head.length {
            _ if head.encodings > 0 => Reading::ChunkSize,
            Some(1..) => Reading::Body(head.length.unwrap_or(0)),
            Some(0) => Reading::Head,
            None if head.lengths == 0 => Reading::Head,
            // hyper refuses it.
            None => Reading::Nothing,
        }
    }
}

impl Head {
    fn line(&mut self, line: &[u8]) {
        if !line.ends_with(b"\r\n") {
            self.wrong = Some("lines end in CR LF");
        }
        if self.lines == 0 && line.contains(&b'#') {
            self.wrong = Some("a fragment is the client's own; do not send it");
        }
        self.lines += 1;
        match line.first() {
            Some(b'c' | b'C') => {
                if let Some(value) = value_of(line, b"content-length:") {
                    self.lengths += 1;
                    let digits = value.iter().all(u8::is_ascii_digit);
                    self.length = std::str::from_utf8(value).ok().filter(|_| digits).and_then(|text| text.parse().ok());
                }
            }
            Some(b't' | b'T') if value_of(line, b"transfer-encoding:").is_some() => self.encodings += 1,
            _ => {}
        }
    }

    fn wrong(&self) -> Option<&'static str> {
        if self.wrong.is_some() {
            self.wrong
        } else if self.lengths > 0 && self.encodings > 0 {
            Some("send Content-Length or Transfer-Encoding, not both")
        } else if self.lengths > 1 {
            Some("send one Content-Length")
        } else {
            None
        }
    }
}

fn value_of<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    u64::from_str_radix(std::str::from_utf8(&line[..digits]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LENGTH: &str = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n#\n\n\r\n";
    const CHUNKED: &str = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n#\n\n\r\n0\r\nA: b\r\n\r\n";
    const NONE: &str = "\r\nGET /a?b HTTP/1.1\r\nHost: a\r\n\r\n";
    const BOTH: &str = "POST /a HTTP/1.1\r\ncontent-length:5\r\nTRANSFER-ENCODING: chunked\r\n\r\n";

    /// Which request of the text is refused, when it comes in pieces of this size.
    fn first_bad(text: &str, piece: usize) -> Option<(u64, &'static str)> {
        let found = Arc::new(Found::default());
        let mut heads = Heads::new(found.clone());
        text.as_bytes().chunks(piece).for_each(|piece| heads.read(piece));
        found.bad.get().copied()
    }

    #[test]
    fn heads_are_found_between_bodies() {
        let good = [LENGTH, CHUNKED, NONE, CHUNKED, LENGTH, NONE].concat();
        for bad in [
            BOTH,
            "GET /a HTTP/1.1\nHost: a\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\n\n",
            "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: 0\r\nContent-length: 0\r\n\r\n",
        ] {
            for piece in [1, 2, 3, 7, 50, 10_000] {
                assert_eq!(first_bad(&good, piece), None);
                let text = format!("{good}{bad}{good}");
                assert_eq!(first_bad(&text, piece).map(|(number, _)| number), Some(6), "{bad:?} in {piece}");
            }
        }
    }

    #[test]
    fn its_request_is_refused_and_those_behind_it() {
        let found = Arc::new(Found::default());
        Heads::new(found.clone()).read([NONE, BOTH, NONE].concat().as_bytes());
        assert_eq!(
            [found.check_next().is_ok(), found.check_next().is_ok(), found.check_next().is_ok()],
            [true, false, false]
        );
    }

    #[test]
    fn another_protocol_is_not_kept() {
        let found = Arc::new(Found::default());
        let mut heads = Heads::new(found.clone());
        heads.read(NONE.as_bytes());
        found.stop();
        heads.read(&[b'x'; 100]);
        assert!(heads.partial.is_empty());
    }

    proptest! {
        #[test]
        fn nothing_panics_or_is_kept_for_long(
            pieces in prop::collection::vec(prop::collection::vec(prop::sample::select(&b"\r\n 0:;#9afcCtT"[..]), 0..30), 0..20),
        ) {
            let mut heads = Heads::new(Arc::new(Found::default()));
            for piece in &pieces {
                heads.read(piece);
                prop_assert!(heads.partial.len() <= 600);
            }
        }
    }
}
