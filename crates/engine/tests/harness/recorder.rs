//! A replica that writes down each request as another server would read it, byte for byte.

use super::replica::Replica;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether all of the body came.
    pub whole: bool,
}

impl Seen {
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn one(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

pub struct Recorder {
    pub replica: Replica,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Recorder {
    /// Answers 200 to everything.
    pub async fn start() -> Self {
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let noted = seen.clone();
        let replica = Replica::serve(move |stream| {
            let seen = noted.clone();
            async move {
                let mut stream = BufReader::new(stream);
                while let Some(request) = read(&mut stream).await {
                    let whole = request.whole;
                    seen.lock().unwrap().push(request);
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                    if !whole || stream.get_mut().write_all(answer).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        Self { replica, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await.ok().filter(|len| *len > 0)?;
    let line = line.strip_suffix(b"\r\n").expect("a line that ends in CR LF");
    assert!(!line.contains(&b'\r') && !line.contains(&0), "{line:?}");
    Some(String::from_utf8_lossy(line).into_owned())
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut seen = Seen { line: line(stream).await?, headers: Vec::new(), body: Vec::new(), whole: true };
    assert_eq!(seen.line.split(' ').count(), 3, "{seen:?}");
    loop {
        let line = line(stream).await?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").expect("a header");
        assert!(name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':'), "{name:?}");
        seen.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let framing = seen.all("content-length").count() + seen.all("transfer-encoding").count();
    assert!(framing <= 1, "one way to read it: {seen:?}");
    if let Some(length) = seen.one("content-length") {
        seen.body = vec![0; length.parse().expect("a length")];
        seen.whole = stream.read_exact(&mut seen.body).await.is_ok();
    } else if let Some(encoding) = seen.one("transfer-encoding") {
        assert_eq!(encoding, "chunked");
        seen.whole = chunks(stream, &mut seen.body).await.is_some();
    }
    Some(seen)
}

async fn chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let size = usize::from_str_radix(&line(stream).await?, 16).expect("a size");
        let mut chunk = vec![0; size];
        stream.read_exact(&mut chunk).await.ok()?;
        body.extend(chunk);
        let end = line(stream).await?;
        assert!(end.is_empty(), "{end}");
        if size == 0 {
            return Some(());
        }
    }
}
