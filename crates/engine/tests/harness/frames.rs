//! A client that sends HTTP/2 frames as it likes.

use super::{HOST, SOON, TOKEN};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header field as HPACK has it: literal, in no table, no Huffman code.
pub fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut field = vec![0];
    for text in [name, value] {
        if text.len() < 127 {
            field.push(text.len() as u8);
        } else {
            field.push(127);
            let mut rest = text.len() - 127;
            while rest >= 128 {
                field.push((rest % 128) as u8 | 128);
                rest /= 128;
            }
            field.push(rest as u8);
        }
        field.extend(text);
    }
    field
}

/// The fields of a request that is served.
pub fn request(method: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    [
        (":method", method),
        (":scheme", "http"),
        (":path", "/api/predict/model"),
        (":authority", HOST),
        ("authorization", TOKEN),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .to_vec()
}

pub fn block(fields: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| field(name, value)).collect()
}

pub struct Frame {
    pub kind: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    Status(u16),
    Reset,
    Closed,
}

pub struct Frames {
    pub stream: TcpStream,
}

impl Frames {
    pub async fn connect(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Little that waits unread fits in, so that the other side notices soon.
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let hello = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(SETTINGS, 0, 0, &[])].concat();
        stream.write_all(&hello).await.unwrap();
        Self { stream }
    }

    pub async fn send(&mut self, frame: &[u8]) -> bool {
        self.stream.write_all(frame).await.is_ok()
    }

    pub async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        tokio::time::timeout(SOON, self.stream.read_exact(&mut head)).await.expect("a frame in time").ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        self.stream.read_exact(&mut payload).await.ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some(Frame { kind: head[3], stream, payload })
    }

    /// Of the request on this stream.
    pub async fn fate(&mut self, stream: u32) -> Fate {
        while let Some(frame) = self.next().await {
            match frame.kind {
                GOAWAY => return Fate::Closed,
                RST_STREAM if frame.stream == stream => return Fate::Reset,
                HEADERS if frame.stream == stream => return Fate::Status(status(&frame.payload)),
                _ => {}
            }
        }
        Fate::Closed
    }
}

/// The first field of an answer's block: one of the static table's statuses, or a new one in its name's place.
fn status(block: &[u8]) -> u16 {
    const STATIC: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];
    // A change of the table's size may come first.
    let start = block.iter().position(|byte| byte & 0xe0 != 0x20).unwrap();
    match block[start] {
        indexed @ 0x88..=0x8e => STATIC[usize::from(indexed - 0x88)],
        // Digits in Huffman code: five bits for 0, 1 and 2, six for the others.
        0x48 | 0x08 => {
            let bytes = &block[start + 2..start + 2 + usize::from(block[start + 1] & 0x7f)];
            if block[start + 1] & 0x80 == 0 {
                return String::from_utf8(bytes.to_vec()).unwrap().parse().unwrap();
            }
            let mut bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| u16::from(byte >> bit & 1)));
            let mut digit = || {
                let five = (0..5).fold(0, |code, _| code << 1 | bits.next().unwrap());
                if five < 3 { five } else { (five << 1 | bits.next().unwrap()) - 0x19 + 3 }
            };
            (digit() * 10 + digit()) * 10 + digit()
        }
        other => panic!("{other:x}"),
    }
}
