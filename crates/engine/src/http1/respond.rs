//! An answer as HTTP/1.1 has it.

use super::parse::ResponseHead;
use crate::message::{AnswerFields, AnswerHead, Fields, Name, Own};
use http::{HeaderMap, StatusCode, Version};
use std::io::Write;

/// How an answer's end is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// There is nothing behind the head.
    None,
    Length(u64),
    Chunked,
    /// With the connection: of HTTP/1.0.
    Close,
}

pub struct Frame<'a> {
    pub version: Version,
    pub is_head: bool,
    /// Of the body, if it is known.
    pub length: Option<u64>,
    pub keep_alive: bool,
    /// `Date` for answers that have none.
    pub date: &'a [u8],
}

impl Frame<'_> {
    pub fn ending(&self, status: StatusCode) -> Ending {
        if self.is_head
            || status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED
        {
            return Ending::None;
        }
        match self.length {
            Some(length) => Ending::Length(length),
            None if self.version == Version::HTTP_11 => Ending::Chunked,
            None => Ending::Close,
        }
    }
}

/// Appends the head. `frame.keep_alive` is what the connection wants; an answer without another end overrides it.
pub fn head(out: &mut Vec<u8>, answer: &AnswerHead, frame: &Frame<'_>) -> Ending {
    let ending = frame.ending(answer.status);
    line(out, answer.status);
    let mut dated = false;
    let mut says_length = false;
    match &answer.fields {
        AnswerFields::None => {}
        AnswerFields::Raw(fields) => raw(out, fields, &answer.own, |name| dated |= name == Name::Date),
        AnswerFields::Map(map) => mapped(out, map, &answer.own, |name| dated |= name == Name::Date),
    }
    own(out, &answer.own);
    match ending {
        Ending::Length(length) => {
            number(out, b"content-length: ", length);
            says_length = true;
        }
        Ending::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        Ending::None | Ending::Close => {}
    }
    // What a body would have had: of an answer to HEAD, or that nothing has changed.
    let has_one = answer.status != StatusCode::NO_CONTENT && !answer.status.is_informational();
    let may_say = (frame.is_head && has_one) || answer.status == StatusCode::NOT_MODIFIED;
    if !says_length && may_say && !answer.fields.has(Name::TransferEncoding) {
        match answer.fields.first(Name::ContentLength) {
            Some(length) => field(out, b"content-length", length),
            None if matches!(answer.fields, AnswerFields::None) => {
                number(out, b"content-length: ", frame.length.unwrap_or(0));
            }
            None => {}
        }
    }
    if answer.status == StatusCode::SWITCHING_PROTOCOLS {
        // `Connection` is among the engine's own.
    } else if !frame.keep_alive || ending == Ending::Close {
        out.extend_from_slice(b"connection: close\r\n");
    } else if frame.version == Version::HTTP_10 {
        out.extend_from_slice(b"connection: keep-alive\r\n");
    }
    if !dated {
        field(out, b"date", frame.date);
    }
    out.extend_from_slice(b"\r\n");
    ending
}

fn line(out: &mut Vec<u8>, status: StatusCode) {
    if status == StatusCode::OK {
        return out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    }
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(status.canonical_reason().unwrap_or("Unknown").as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn raw(out: &mut Vec<u8>, fields: &Fields, own: &Own, mut passed: impl FnMut(Name)) {
    let nominates = fields.has(Name::Connection);
    for (name, text, value) in fields.iter() {
        let nominated = || nominates && fields.nominated().any(|token| token.eq_ignore_ascii_case(text));
        if name.is_hop() || name.is_framing() || own.replaces(name) || nominated() {
            continue;
        }
        passed(name);
        field(out, text, value);
    }
}

fn mapped(out: &mut Vec<u8>, map: &HeaderMap, own: &Own, mut passed: impl FnMut(Name)) {
    for (text, value) in map {
        let name = Name::of(text.as_str().as_bytes());
        if name.is_hop() || name.is_framing() || own.replaces(name) {
            continue;
        }
        passed(name);
        field(out, text.as_str().as_bytes(), value.as_bytes());
    }
}

fn own(out: &mut Vec<u8>, own: &Own) {
    field(out, b"x-request-id", own.request_id.as_bytes());
    if let Some(quota) = &own.quota {
        quota.tell(|name, value| number_of(out, name.as_str().as_bytes(), value));
    }
    if let Some(hsts) = &own.hsts {
        field(out, b"strict-transport-security", hsts.as_bytes());
    }
    for (name, value) in &own.more {
        field(out, name.as_str().as_bytes(), value.as_bytes());
    }
}

pub fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn number_of(out: &mut Vec<u8>, name: &[u8], value: u64) {
    out.extend_from_slice(name);
    number(out, b": ", value);
}

pub fn number(out: &mut Vec<u8>, before: &[u8], value: u64) {
    out.extend_from_slice(before);
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// What a replica says before its answer.
pub fn interim(head: &ResponseHead) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    line(&mut out, head.status);
    for (name, text, value) in head.fields.iter() {
        let nominated = head.fields.nominated().any(|token| token.eq_ignore_ascii_case(text));
        if !name.is_hop() && !name.is_framing() && !nominated {
            field(&mut out, text, value);
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// A piece of a body.
pub fn piece(out: &mut Vec<u8>, ending: Ending, data: &[u8]) {
    if ending == Ending::Chunked {
        chunk(out, data);
    } else {
        out.extend_from_slice(data);
    }
}

/// An empty one would be the last.
pub fn chunk(out: &mut Vec<u8>, data: &[u8]) {
    if !data.is_empty() {
        // Writing into memory does not fail.
        let _ = write!(out, "{:x}\r\n", data.len());
        out.extend_from_slice(data);
        out.extend_from_slice(b"\r\n");
    }
}

/// Behind the last piece. Trailers only for who asked for them.
pub fn end(out: &mut Vec<u8>, ending: Ending, trailers: Option<&HeaderMap>) {
    if ending != Ending::Chunked {
        return;
    }
    out.extend_from_slice(b"0\r\n");
    for (name, value) in trailers.into_iter().flatten() {
        let known = Name::of(name.as_str().as_bytes());
        // What makes a message what it is cannot come behind it.
        if !known.is_hop() && !known.is_framing() && !matches!(known, Name::Host | Name::Authorization | Name::Cookie) {
            field(out, name.as_str().as_bytes(), value.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}
