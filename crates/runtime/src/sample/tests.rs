//! The sample model as a client sees it, over a real socket.

use super::*;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

async fn server() -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel();
    let task = tokio::spawn(serve(listener, async move {
        let _ = ended.await;
    }));
    (address, end, task)
}

fn head(method: &str, path: &str, len: usize) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len}\r\n\r\n")
}

/// Status and body (with chunk sizes, where it is chunked).
async fn ask(method: &str, path: &str, body: &str) -> (u16, String) {
    let (address, _end, task) = server().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{}{body}", head(method, path, body.len())).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    task.abort();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

async fn post(path: &str, body: &str) -> Value {
    let (status, body) = ask("POST", path, body).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn plain_pages() {
    assert_eq!(ask("GET", "/", "").await, (200, "True\n".into()));
    assert_eq!(ask("GET", "/health", "").await, (200, "ok\n".into()));
    assert_eq!(ask("GET", "/nothing", "").await.0, 404);
    assert_eq!(ask("DELETE", "/", "").await.0, 405);
    assert!(ask("GET", "/v1/models", "").await.1.contains("sample-model"));
}

#[tokio::test]
async fn predictions() {
    assert_eq!(post("/", "[1, 2, 6]").await, json!({ "prediction": { "mean": 3.0, "count": 3 } }));
    let text = "<script>\"ü\"</script>";
    let wanted = json!({ "prediction": { "length": text.len(), "text": text } });
    assert_eq!(post("/any/path", text).await, wanted);
    assert_eq!(post("/", "[]").await["prediction"]["length"], 2);
    let long = post("/", &"ü".repeat(5000)).await;
    assert_eq!(long["prediction"]["length"], 10_000);
    assert_eq!(long["prediction"]["text"].as_str().unwrap().len(), 1024);
}

#[tokio::test]
async fn chat() {
    let body = json!({ "messages": [{ "role": "system", "content": "be kind" },
        { "role": "user", "content": [{ "type": "text", "text": "how are you" }] }] });
    let answer = post("/v1/chat/completions", &body.to_string()).await;
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["choices"][0]["message"]["content"], "how are you");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["usage"], json!({ "prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8 }));
    for wrong in ["", "{}", r#"{"messages":[]}"#, "[1]"] {
        assert_eq!(ask("POST", "/v1/chat/completions", wrong).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn chat_streams_word_by_word() {
    let (address, _end, task) = server().await;
    let body = json!({ "stream": true, "max_tokens": 3, "messages": [{ "role": "user", "content": "a b c d" }] });
    let body = body.to_string();
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let request = format!("{}{body}", head("POST", "/v1/chat/completions", body.len()));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut lines = stream.lines();
    let (mut seen, mut times) = (Vec::new(), Vec::new());
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(data) = line.strip_prefix("data: ") {
            seen.push(data.to_owned());
            times.push(Instant::now());
        }
    }
    task.abort();
    assert_eq!(seen.pop().as_deref(), Some("[DONE]"));
    let chunks: Vec<Value> = seen.iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    let said: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(said, "a b c");
    assert_eq!(chunks[3]["choices"][0]["finish_reason"], "length");
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"));
    assert!(times[2] - times[0] >= Duration::from_millis(40), "not all at once");
}

#[tokio::test]
async fn a_running_request_outlives_the_end() {
    let (address, end, task) = server().await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    stream.write_all(head("GET", "/stream?events=5&interval_ms=30", 0).as_bytes()).await.unwrap();
    let mut lines = stream.lines();
    while !lines.next_line().await.unwrap().expect("goes on").starts_with("data: ") {}
    end.send(()).unwrap();
    let mut events = 1;
    while let Some(line) = lines.next_line().await.unwrap() {
        events += usize::from(line.starts_with("data: "));
    }
    assert_eq!(events, 5);
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0);
    task.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
