//! A client that sends exactly what it is given.

use super::{HOST, SOON, TOKEN};
use std::collections::HashMap;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A socket, or a TLS session on one.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub struct Client {
    pub stream: BufReader<Box<dyn Stream>>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Lower-case names; the last of several.
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().into()
    }
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    pub fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: BufReader::new(Box::new(stream)) }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.head(&format!("GET {path} HTTP/1.1"), &format!("Host: {HOST}\r\nAuthorization: {TOKEN}\r\n")).await
    }

    /// Request line and headers, each line ended.
    pub async fn head(&mut self, line: &str, headers: &str) -> Answer {
        self.raw(&format!("{line}\r\n{headers}\r\n")).await
    }

    pub async fn raw(&mut self, text: &str) -> Answer {
        self.write(text).await;
        self.answer().await
    }

    pub async fn write(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    pub async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(SOON, self.stream.read_line(&mut line)).await.expect("a line in time");
        (read.is_ok_and(|len| len > 0)).then(|| line.trim_end().to_owned())
    }

    pub async fn answer(&mut self) -> Answer {
        let mut answer = self.answer_head().await.expect("an answer");
        if let Some(length) = answer.headers.get("content-length") {
            let mut body = vec![0; length.parse().unwrap()];
            timeout(SOON, self.stream.read_exact(&mut body)).await.unwrap().unwrap();
            answer.body = String::from_utf8(body).unwrap();
        } else if answer.headers.contains_key("transfer-encoding") {
            while let Some(chunk) = self.chunk().await {
                answer.body += &chunk;
            }
        }
        answer
    }

    /// `None` if the connection was closed instead.
    pub async fn answer_head(&mut self) -> Option<Answer> {
        let line = self.line().await?;
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = HashMap::new();
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        Some(Answer { status, headers, body: String::new() })
    }

    /// Reads over so many bytes.
    pub async fn skip(&mut self, bytes: usize) {
        let _ = timeout(SOON, self.stream.read_exact(&mut vec![0; bytes])).await.expect("bytes in time");
    }

    /// `None` behind the last one.
    pub async fn chunk(&mut self) -> Option<String> {
        let length = usize::from_str_radix(&self.line().await?, 16).unwrap();
        let mut chunk = vec![0; length + 2];
        timeout(SOON, self.stream.read_exact(&mut chunk)).await.unwrap().ok()?;
        chunk.truncate(length);
        (length > 0).then(|| String::from_utf8(chunk).unwrap())
    }

    /// The other side closed the connection, without another byte.
    pub async fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        matches!(timeout(SOON, self.stream.read(&mut byte)).await.expect("an end in time"), Ok(0) | Err(_))
    }
}
