//! Reads answers in OpenAI's shape as they pass: model, tokens, times. It is always one piece behind, so that no byte
//! waits for it: a piece is read when the next one comes, or when the answer has ended.

use crate::message::{AnswerFields, Name};
use bytes::Bytes;
use link::telemetry::Llm;
use serde::Deserialize;
use std::time::Instant;

/// A longer line, or a longer answer in one piece, is not looked into.
const LONGEST: usize = 1024 * 1024;

pub struct Observer {
    started: Instant,
    /// Events come in lines; an answer in one piece is one line.
    is_stream: bool,
    behind: Option<(Bytes, Instant)>,
    line: Vec<u8>,
    too_long: bool,
    /// Pieces with content: the number of tokens where nobody says it.
    pieces: u64,
    seen: Llm,
}

#[derive(Deserialize)]
struct Answer {
    model: Option<String>,
    usage: Option<Usage>,
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    /// Of models that think aloud.
    reasoning_content: Option<String>,
}

impl Choice {
    fn says_something(&self) -> bool {
        let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        said(&self.text)
            || self.delta.as_ref().is_some_and(|delta| said(&delta.content) || said(&delta.reasoning_content))
    }
}

impl Observer {
    /// `None` if the answer is nothing that could be read.
    pub fn of(fields: &AnswerFields, started: Instant) -> Option<Box<Self>> {
        let kind = fields.first(Name::ContentType)?;
        let is_stream = kind.starts_with(b"text/event-stream");
        if !(is_stream || kind.starts_with(b"application/json")) || fields.has(Name::ContentEncoding) {
            return None;
        }
        Some(Box::new(Self {
            started,
            is_stream,
            behind: None,
            line: Vec::new(),
            too_long: false,
            pieces: 0,
            seen: Llm::default(),
        }))
    }

    pub fn passes(&mut self, data: &Bytes) {
        self.catch_up();
        self.behind = Some((data.clone(), Instant::now()));
    }

    fn catch_up(&mut self) {
        let Some((data, at)) = self.behind.take() else { return };
        if !self.is_stream {
            self.keep(&data);
            return;
        }
        let mut rest = &data[..];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.keep(&rest[..end]);
            let line = std::mem::take(&mut self.line);
            if !std::mem::take(&mut self.too_long)
                && let Some(event) = line.strip_prefix(b"data:")
            {
                self.read(event.trim_ascii(), at);
            }
            // Its room serves the next line.
            self.line = line;
            self.line.clear();
            rest = &rest[end + 1..];
        }
        self.keep(rest);
    }

    fn keep(&mut self, data: &[u8]) {
        self.too_long |= self.line.len() + data.len() > LONGEST;
        if !self.too_long {
            self.line.extend_from_slice(data);
        }
    }

    fn read(&mut self, text: &[u8], at: Instant) {
        let Ok(answer) = serde_json::from_slice::<Answer>(text) else { return };
        self.seen.model = answer.model.or_else(|| self.seen.model.take());
        if let Some(usage) = answer.usage {
            self.seen.tokens_in = usage.prompt_tokens.or(self.seen.tokens_in);
            self.seen.tokens_out = usage.completion_tokens.or(self.seen.tokens_out);
        }
        if self.is_stream && answer.choices.iter().any(Choice::says_something) {
            let micros = u64::try_from((at - self.started).as_micros()).unwrap_or(u64::MAX);
            self.seen.first_token_us.get_or_insert(micros);
            self.seen.last_token_us = Some(micros);
            self.pieces += 1;
        }
    }

    /// After the last piece; `None` if it was no answer of a language model.
    pub fn end(mut self) -> Option<Llm> {
        self.catch_up();
        if !self.is_stream && !self.too_long {
            let text = std::mem::take(&mut self.line);
            self.read(&text, Instant::now());
        }
        if self.seen.tokens_out.is_none() && self.pieces > 0 {
            self.seen.tokens_out = Some(self.pieces);
            self.seen.tokens_out_counted = true;
        }
        (self.seen != Llm::default()).then_some(self.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn observer(kind: &'static str) -> Box<Observer> {
        let mut fields = crate::message::Fields::default();
        fields.push(b"content-type", kind.as_bytes()).expect("room");
        Observer::of(&AnswerFields::Raw(fields), Instant::now()).expect("readable")
    }

    const STREAM: &str = concat!(
        "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n",
        ": comment\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"lo\"}}]}\n\ndata: [DONE]\n\n"
    );

    #[test]
    fn tokens_are_what_is_said_or_else_counted() {
        let mut observer = observer("text/event-stream; charset=utf-8");
        observer.passes(&Bytes::from(STREAM));
        let seen = observer.end().expect("seen");
        assert_eq!((seen.model.as_deref(), seen.tokens_out, seen.tokens_out_counted), (Some("m"), Some(2), true));
        let mut said = self::observer("text/event-stream");
        said.passes(&Bytes::from(STREAM));
        let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9}}\n\n";
        said.passes(&Bytes::from(usage));
        let seen = said.end().expect("seen");
        assert_eq!((seen.tokens_in, seen.tokens_out, seen.tokens_out_counted), (Some(7), Some(9), false));
    }

    #[test]
    fn an_answer_in_one_piece() {
        let mut observer = observer("application/json");
        observer.passes(&Bytes::from("{\"model\":\"m\",\"usage\":{\"prompt_tok"));
        observer.passes(&Bytes::from("ens\":1,\"completion_tokens\":2}}"));
        let seen = observer.end().expect("seen");
        assert_eq!((seen.model.as_deref(), seen.tokens_in, seen.tokens_out), (Some("m"), Some(1), Some(2)));
        let mut other = self::observer("application/json");
        other.passes(&Bytes::from("[1, 2, 3]"));
        assert_eq!(other.end(), None);
    }

    proptest! {
        #[test]
        fn pieces_may_be_cut_anywhere(cuts in prop::collection::vec(0..STREAM.len(), 0..6)) {
            let mut cuts = cuts;
            cuts.extend([0, STREAM.len()]);
            cuts.sort_unstable();
            let mut observer = observer("text/event-stream");
            for pair in cuts.windows(2) {
                observer.passes(&Bytes::copy_from_slice(&STREAM.as_bytes()[pair[0]..pair[1]]));
            }
            let seen = observer.end().expect("seen");
            prop_assert_eq!((seen.model.as_deref(), seen.tokens_out), (Some("m"), Some(2)));
        }

        #[test]
        fn no_bytes_make_it_panic(data in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut observer = observer("text/event-stream");
            observer.passes(&Bytes::from(data));
            let _ = observer.end();
        }
    }
}
