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
    /// The last piece ended an event: something may be said in between.
    between: bool,
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
        Some(Box::new(Self { silence, between: true }))
    }

    pub fn passed(&mut self, data: &[u8]) {
        if let Some(silence) = &mut self.silence {
            silence.restart();
        }
        if !data.is_empty() {
            self.between = [&b"\n\n"[..], b"\r\n\r\n", b"\r\r"].iter().any(|end| data.ends_with(end));
        }
    }

    /// What to say into the silence.
    pub fn comment(&mut self, cx: &mut Context<'_>) -> Option<Bytes> {
        let silence = self.silence.as_mut().filter(|_| self.between)?;
        if !silence.is_over(cx) {
            return None;
        }
        silence.restart();
        Some(COMMENT)
    }

    /// The last event of a stream that broke off: OpenAI's clients raise it as an error.
    pub fn error(&self, code: &str, message: &str) -> Bytes {
        let end = if self.between { "" } else { "\n\n" };
        // Both are ours: nothing needs escaping.
        let error = format!(r#"{{"error":{{"code":"{code}","message":"{message}","type":"upstream_error"}}}}"#);
        Bytes::from(format!("{end}event: error\ndata: {error}\n\n"))
    }
}
