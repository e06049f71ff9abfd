//! Server-sent events on their way to a client: a comment while the model thinks, a last event when it breaks off.

use super::pause::Pause;
use crate::message::{AnswerFields, Name};
use bytes::Bytes;
use std::task::Context;
use std::time::Duration;

/// A line that clients skip, and that keeps everything between them and the engine from giving up.
pub const COMMENT: Bytes = Bytes::from_static(b": keep-alive\n\n");

pub struct Events {
    /// Time without a piece; `None`: no comments.
    silence: Option<Pause>,
    /// What was sent last, however it came in pieces.
    tail: [u8; 4],
}

impl Events {
    /// `None` if the answer is no event stream. `keep_alive` 0: no comments.
    pub fn of(fields: &AnswerFields, keep_alive: Duration, has_length: bool) -> Option<Box<Self>> {
        let kind = fields.first(Name::ContentType)?;
        // One of a known length has no room for more, and into a compressed one nobody can write.
        if !kind.starts_with(b"text/event-stream") || has_length || fields.has(Name::ContentEncoding) {
            return None;
        }
        let silence = (!keep_alive.is_zero()).then(|| Pause::new(keep_alive));
        // The beginning is as good as the end of an event.
        Some(Box::new(Self { silence, tail: *b"\n\n\n\n" }))
    }

    pub fn passed(&mut self, data: &[u8]) {
        if let Some(silence) = &mut self.silence {
            silence.restart();
        }
        let last = &data[data.len().saturating_sub(self.tail.len())..];
        let kept = self.tail.len() - last.len();
        self.tail.copy_within(last.len().., 0);
        self.tail[kept..].copy_from_slice(last);
    }

    /// An event has ended: something may be said before the next.
    fn between(&self) -> bool {
        [&b"\n\n"[..], b"\r\n\r\n", b"\r\r"].iter().any(|end| self.tail.ends_with(end))
    }

    /// What to say into the silence.
    pub fn comment(&mut self, cx: &mut Context<'_>) -> Option<Bytes> {
        let silence = if self.between() { self.silence.as_mut() } else { None }?;
        if !silence.is_over(cx) {
            return None;
        }
        silence.restart();
        Some(COMMENT)
    }

    /// The last event of a stream that broke off: OpenAI's clients raise it as an error.
    pub fn error(&self, code: &str, message: &str) -> Bytes {
        if self.between() { error(code, message) } else { [b"\n\n", &error(code, message)[..]].concat().into() }
    }
}

/// As the last event.
pub fn error(code: &str, message: &str) -> Bytes {
    // Both are ours: nothing needs escaping.
    let error = format!(r#"{{"error":{{"code":"{code}","message":"{message}","type":"upstream_error"}}}}"#);
    Bytes::from(format!("event: error\ndata: {error}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_may_end_in_pieces() {
        let said = |pieces: &[&str]| {
            let mut events = Events { silence: None, tail: *b"\n\n\n\n" };
            pieces.iter().for_each(|piece| events.passed(piece.as_bytes()));
            events.between()
        };
        let ended: [&[&str]; 6] =
            [&[], &["data: x\n", "\n"], &["data: x\r", "\n", "\r", "\n"], &["data: x\n\n", ""], &["x\r\r"], &["\n"]];
        assert!(ended.iter().all(|pieces| said(pieces)));
        let within: [&[&str]; 5] =
            [&["data: x"], &["data: x\n"], &["x\n\n", "data"], &["x\n\n", "y\r\n"], &["a", "b\n"]];
        assert!(!within.iter().any(|pieces| said(pieces)));
    }
}
