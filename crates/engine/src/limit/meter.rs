//! What is known of a request's body, for who does not have it.

use crate::answer::Refusal;
use md5::{Digest, Md5};
use std::cell::{Cell, RefCell};

/// What is known of a body on its way up, while the replica's connection owns it.
#[derive(Default)]
pub struct Meter {
    pub(super) bytes: Cell<u64>,
    pub(super) over: Cell<bool>,
    pub(super) broken: Cell<bool>,
    /// It is no body at all.
    pub(super) nonsense: Cell<bool>,
    pub(super) ended: Cell<bool>,
    /// What the rest of the body is compared with; none once it was, or where nothing was signed.
    signed: RefCell<Option<Signed>>,
    forged: Cell<bool>,
    /// Nobody is there yet who would take it.
    held: Cell<bool>,
    /// It is JSON that says `"stream": true`, as far as was looked.
    asks_for_events: Cell<bool>,
}

/// Boxed: few requests are signed.
type Signed = Box<(Md5, [u8; 16])>;

const FORGED: Refusal = Refusal::BadSignature("The body is not the one that was signed: its MD5 is not Content-MD5.");

impl Meter {
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// What went up another way than as a body.
    pub fn add(&self, bytes: u64) {
        self.bytes.set(self.bytes.get() + bytes);
    }

    /// Why it did not go up whole.
    pub fn refusal(&self) -> Option<Refusal> {
        if self.over.get() {
            Some(Refusal::BodyTooLarge)
        } else if self.forged.get() {
            Some(FORGED)
        } else if self.nonsense.get() {
            Some(Refusal::BadRequest("the chunks of the body cannot be read"))
        } else if self.broken.get() {
            Some(Refusal::ClientGone)
        } else {
            None
        }
    }

    /// The body has to have this MD5. `none`: there is no body.
    pub fn expect(&self, md5: Option<[u8; 16]>, none: bool) -> Result<(), Refusal> {
        let Some(md5) = md5 else { return Ok(()) };
        self.signed.replace(Some(Box::new((Md5::new(), md5))));
        if none && !self.is_as_signed() { Err(FORGED) } else { Ok(()) }
    }

    pub(super) fn sign(&self, data: &[u8]) {
        if let Some(signed) = &mut *self.signed.borrow_mut() {
            signed.0.update(data);
        }
    }

    /// At the end of the body.
    pub(super) fn is_as_signed(&self) -> bool {
        let same = self.signed.take().is_none_or(|signed| <[u8; 16]>::from(signed.0.finalize()) == signed.1);
        // Once and for all, however often it is asked.
        self.forged.set(self.forged.get() || !same);
        !self.forged.get()
    }

    /// The request waits for a replica.
    pub fn is_held(&self) -> bool {
        self.held.get()
    }

    pub fn set_held(&self, held: bool) {
        self.held.set(held);
    }

    pub fn asks_for_events(&self) -> bool {
        self.asks_for_events.get()
    }

    /// `begin` is what was read of it.
    pub fn look_into(&self, begin: &[u8]) {
        self.asks_for_events.set(asks_for_events(begin));
    }

    /// All of it went up: the connection can carry another request.
    pub fn is_ended(&self) -> bool {
        self.ended.get()
    }
}

/// Within a string its quotes would be escaped, so it is a key.
fn asks_for_events(json: &[u8]) -> bool {
    const KEY: &[u8] = br#""stream""#;
    memchr::memmem::find_iter(json, KEY).any(|at| {
        let value = json.get(at + KEY.len()..).unwrap_or_default().trim_ascii_start();
        value.strip_prefix(b":").is_some_and(|value| value.trim_ascii_start().starts_with(b"true"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_events() {
        for yes in [
            r#"{"stream":true}"#,
            r#"{"a": "\"stream\"", "stream" : true, "b"#,
            r#"{"stream": false, "x": {"stream":true"#,
        ] {
            assert!(asks_for_events(yes.as_bytes()), "{yes}");
        }
        for no in ["", r#"{"stream":false}"#, r#"{"text":"\"stream\": true"}"#, r#"{"stream""#, r#"{"stream":"true"}"#]
        {
            assert!(!asks_for_events(no.as_bytes()), "{no}");
        }
    }
}
