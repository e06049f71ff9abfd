//! What is heard of a request while it is under way, and all of it.

use serde::{Deserialize, Serialize};

/// Characters of an answer that are shown; the rest is counted.
pub const MOST_SHOWN: usize = 512 * 1024;

/// In the order in which it comes. Times are microseconds since the request was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Heard {
    /// Connected to `url` from the address `from`.
    Connected {
        url: String,
        from: String,
        us: u64,
    },
    /// The answer's head: its first byte.
    Head {
        status: u16,
        headers: Vec<(String, String)>,
        us: u64,
    },
    Text {
        text: String,
    },
    /// A part of the body that is no text, as hexadecimal digits or, where that would be too long, as a number of bytes.
    Binary {
        hex: String,
        bytes: u64,
    },
    /// `bytes` of a body; `cut` where more would have come than is read.
    End {
        bytes: u64,
        us: u64,
        cut: bool,
    },
    /// Nothing more comes.
    Failed {
        why: Failure,
        us: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Nobody listens there.
    Refused,
    /// The connection ended before the answer did.
    Closed,
    TimedOut,
    /// Too many are under way.
    Busy,
}

/// As far as it was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    pub url: String,
    pub from: String,
    pub connected_us: Option<u64>,
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub head_us: Option<u64>,
    pub text: String,
    /// The first bytes of what is no text.
    pub hex: String,
    pub binary_bytes: u64,
    /// Not all of it is in `text`.
    pub cut: bool,
    pub bytes: u64,
    pub end_us: Option<u64>,
    pub failed: Option<Failure>,
}

impl Answer {
    pub fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Connected { url, from, us } => {
                (self.url, self.from, self.connected_us) = (url, from, Some(us));
            }
            Heard::Head { status, headers, us } => {
                (self.status, self.headers, self.head_us) = (Some(status), headers, Some(us));
            }
            Heard::Text { text } => self.take(&text),
            Heard::Binary { hex, bytes } => {
                self.hex.push_str(&hex);
                self.binary_bytes += bytes;
                self.bytes += bytes;
            }
            Heard::End { bytes, us, cut } => {
                self.cut |= cut;
                (self.bytes, self.end_us) = (bytes, Some(us));
            }
            Heard::Failed { why, us } => (self.failed, self.end_us) = (Some(why), Some(us)),
        }
    }

    fn take(&mut self, text: &str) {
        self.bytes += text.len() as u64;
        let room = MOST_SHOWN.saturating_sub(self.text.len());
        let fits = (0..=room.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.cut |= fits < text.len();
        self.text.push_str(text.get(..fits).unwrap_or_default());
    }

    pub fn is_over(&self) -> bool {
        self.end_us.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_is_shown_is_counted() {
        let mut answer = Answer::default();
        for _ in 0..3 {
            answer.hear(Heard::Text { text: "推".repeat(MOST_SHOWN / 4) });
        }
        assert!(answer.cut && answer.text.len() <= MOST_SHOWN && answer.text.len() > MOST_SHOWN - 3);
        assert_eq!(answer.bytes, 3 * 3 * (MOST_SHOWN as u64 / 4));
        assert!(!answer.is_over());
        answer.hear(Heard::Failed { why: Failure::Closed, us: 7 });
        assert!(answer.is_over());
    }

    #[test]
    fn a_line_is_one_event() {
        let head = Heard::Head { status: 200, headers: vec![("a".into(), "b\n".into())], us: 1 };
        let line = serde_json::to_string(&head).expect("is written");
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<Heard>(&line).expect("is read"), head);
    }
}
