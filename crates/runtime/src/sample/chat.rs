//! Chat in the shape of OpenAI's API: the assistant says what the user said.

use super::answer::{Answer, events, json as answer_json};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

const MODEL: &str = "sample-model";
/// Between two words of a stream.
const PAUSE: Duration = Duration::from_millis(30);
const MOST_TOKENS: usize = 2000;

#[derive(Deserialize)]
struct ChatRequest {
    messages: Vec<Message>,
    #[serde(default)]
    stream: bool,
    max_tokens: Option<usize>,
    model: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: Value,
}

impl Message {
    /// Content is a text, or a list of parts of which some are text.
    fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        }
    }
}

pub fn models() -> Value {
    json!({ "object": "list", "data": [{ "id": MODEL, "object": "model", "created": 0, "owned_by": "inference-gateway" }] })
}

/// A word is a token here.
pub fn complete(body: &[u8]) -> Answer {
    let request: ChatRequest = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return refused(&format!("the body is no chat request: {error}")),
    };
    let Some(said) = request.messages.iter().rev().find(|message| message.role == "user").map(Message::text) else {
        return refused("there is no message with the role `user`");
    };
    let most = request.max_tokens.unwrap_or(MOST_TOKENS).min(MOST_TOKENS);
    let all: Vec<String> = said.split_whitespace().map(str::to_owned).collect();
    let reason = if all.len() > most { "length" } else { "stop" };
    let words: Vec<String> = all.into_iter().take(most).collect();
    let created = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let head = Head {
        id: format!("chatcmpl-{}", created.as_nanos()),
        created: created.as_secs(),
        model: request.model.unwrap_or_else(|| MODEL.into()),
    };
    if request.stream {
        return stream(head, words, reason);
    }
    let prompt: usize = request.messages.iter().map(|message| message.text().split_whitespace().count()).sum();
    let message = json!({ "role": "assistant", "content": words.join(" ") });
    let mut answer = head.object("chat.completion");
    answer["choices"] = json!([{ "index": 0, "message": message, "finish_reason": reason }]);
    answer["usage"] = json!({
        "prompt_tokens": prompt, "completion_tokens": words.len(), "total_tokens": prompt + words.len(),
    });
    answer_json(StatusCode::OK, &answer)
}

struct Head {
    id: String,
    created: u64,
    model: String,
}

impl Head {
    fn object(&self, object: &str) -> Value {
        json!({ "id": self.id, "object": object, "created": self.created, "model": self.model })
    }

    fn chunk(&self, delta: Value, finish_reason: Option<&str>) -> String {
        let mut chunk = self.object("chat.completion.chunk");
        chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": finish_reason }]);
        chunk.to_string()
    }
}

fn stream(head: Head, words: Vec<String>, reason: &'static str) -> Answer {
    events(move |sender| async move {
        for (at, word) in words.iter().enumerate() {
            let delta = if at == 0 {
                json!({ "role": "assistant", "content": word })
            } else {
                tokio::time::sleep(PAUSE).await;
                json!({ "content": format!(" {word}") })
            };
            sender.send(head.chunk(delta, None)).await?;
        }
        sender.send(head.chunk(json!({}), Some(reason))).await?;
        sender.send("[DONE]".into()).await
    })
}

fn refused(message: &str) -> Answer {
    let error = json!({ "message": message, "type": "invalid_request_error", "code": "invalid_request" });
    answer_json(StatusCode::BAD_REQUEST, &json!({ "error": error }))
}
