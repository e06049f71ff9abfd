//! Answers in the shape of OpenAI's API, read while they come.

use serde::{Deserialize, Serialize};

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    pub role: &'static str,
    pub content: String,
}

#[derive(Serialize)]
struct Options {
    include_usage: bool,
}

#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    messages: &'a [Turn],
    stream: bool,
    stream_options: Options,
}

/// The body of a request that goes on from these turns.
pub fn question(model: &str, messages: &[Turn]) -> String {
    let question = Question { model, messages, stream: true, stream_options: Options { include_usage: true } };
    serde_json::to_string(&question).unwrap_or_default()
}

#[derive(Deserialize)]
struct Models {
    #[serde(default)]
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// The first model of the list that `/v1/models` answers.
pub fn first_model(body: &str) -> Option<String> {
    serde_json::from_str::<Models>(body).ok()?.data.into_iter().next().map(|model| model.id)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chunk {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Option<Said>,
    /// Of a model that does not stream.
    message: Option<Said>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    completion_tokens: u64,
}

/// A reply as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub text: String,
    /// As the model counted them at the end, else one for each part.
    pub tokens: u64,
    counted: bool,
    /// What is not a whole line yet.
    rest: String,
    /// All of it, for what turns out to be no event stream.
    raw: String,
}

impl Reply {
    /// True where there is a new word of it.
    pub fn take(&mut self, text: &str) -> bool {
        self.rest.push_str(text);
        if self.raw.len() < 256 * 1024 {
            self.raw.push_str(text);
        }
        let before = self.text.len();
        while let Some(end) = self.rest.find('\n') {
            let line: String = self.rest.drain(..=end).collect();
            let Some(data) = line.trim_end().strip_prefix("data:") else { continue };
            if let Ok(chunk) = serde_json::from_str::<Chunk>(data.trim()) {
                self.hear(chunk);
            }
        }
        self.text.len() > before
    }

    /// Nothing more comes. Where no words came it says what did.
    pub fn end(&mut self) {
        if !self.text.is_empty() {
            return;
        }
        match serde_json::from_str::<Chunk>(&self.raw) {
            Ok(chunk) if !chunk.choices.is_empty() => self.hear(chunk),
            _ => self.text.clone_from(&self.raw),
        }
    }

    fn hear(&mut self, chunk: Chunk) {
        if let Some(usage) = chunk.usage.filter(|usage| usage.completion_tokens > 0) {
            (self.tokens, self.counted) = (usage.completion_tokens, true);
        }
        let first = chunk.choices.into_iter().next();
        let said = first.and_then(|choice| choice.delta.or(choice.message)).and_then(|said| said.content);
        let Some(said) = said.filter(|said| !said.is_empty()) else { return };
        self.tokens += u64::from(!self.counted);
        self.text.push_str(&said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\r\n\r\n: waiting\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"one \"}}]}\n\ndata:{\"choices\":[{\"delta\":{\"content\":\"推\"}}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"completion_tokens\":7}}\n\ndata: [DONE]\n\n";

    #[test]
    fn a_stream_is_read_wherever_it_is_cut() {
        for at in (0..STREAM.len()).filter(|at| STREAM.is_char_boundary(*at)) {
            let (first, second) = STREAM.split_at(at);
            let mut reply = Reply::default();
            reply.take(first);
            reply.take(second);
            reply.end();
            assert_eq!((reply.text.as_str(), reply.tokens), ("one 推", 7), "{at}");
        }
    }

    #[test]
    fn what_is_no_stream_is_shown() {
        let of = |text: &str| {
            let mut reply = Reply::default();
            reply.take(text);
            reply.end();
            reply.text
        };
        assert_eq!(of("{\"choices\":[{\"message\":{\"content\":\"all\"}}]}"), "all");
        assert_eq!(of("{\"error\":\"no\"}"), "{\"error\":\"no\"}");
        assert_eq!(of("True\n"), "True\n");
    }

    #[test]
    fn models() {
        assert_eq!(first_model("{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}").as_deref(), Some("a"));
        assert_eq!(first_model("[]"), None);
        let asked = question("m\"", &[Turn { role: "user", content: "a\nb".into() }]);
        assert!(asked.contains("\"m\\\"\"") && asked.contains("a\\nb"), "{asked}");
    }
}
