//! Forms with files, as browsers without JavaScript send them: each file becomes a field in base64, as the console's own
//! script sends it. So server functions know one kind of form.

use axum::body::Bytes;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream;
use multer::Multipart;
use std::convert::Infallible;

/// Of the files that a form carries.
pub const FILES: &str = "files[]";
/// More than any form of this console has.
const MOST_PARTS: usize = 64;

/// The body as fields, and headers that say so. Another kind of form stays what it is, and so does one that cannot be read:
/// then nothing else can read it, either.
pub async fn as_fields(headers: &mut HeaderMap, body: Bytes) -> Bytes {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Ok(boundary) = multer::parse_boundary(kind) else { return body };
    let form = Multipart::new(stream::iter([Ok::<Bytes, Infallible>(body.clone())]), boundary);
    let Some(pairs) = pairs(form).await else { return body };
    let Ok(text) = serde_urlencoded::to_string(pairs) else { return body };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    text.into()
}

/// `None` where it is no form, or a part has no name or is no text.
async fn pairs(mut form: Multipart<'_>) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    while let Some(part) = form.next_field().await.ok()? {
        let name = part.name()?.to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.ok()?;
        match file.as_deref() {
            // No file was chosen.
            Some("") => {}
            Some(_) => pairs.push((name, STANDARD.encode(&bytes))),
            None => pairs.push((name, String::from_utf8(bytes.to_vec()).ok()?)),
        }
        if pairs.len() > MOST_PARTS {
            return None;
        }
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: &'static str, body: &str) -> (HeaderMap, String) {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let body = as_fields(&mut headers, Bytes::copy_from_slice(body.as_bytes())).await;
        (headers, String::from_utf8(body.to_vec()).expect("text"))
    }

    fn part(about: &str, text: &str) -> String {
        format!("--x\r\ncontent-disposition: form-data; {about}\r\n\r\n{text}\r\n")
    }

    #[tokio::test]
    async fn files_become_fields() {
        let (name, none) = (part("name=\"name\"", "a b&c"), part("name=\"files[]\"; filename=\"\"", ""));
        let file = part("name=\"files[]\"; filename=\"a.pfx\"", "0\u{1}");
        let kind = "multipart/form-data; boundary=x";
        let (headers, text) = read(kind, &format!("{name}{file}{none}--x--\r\n")).await;
        assert_eq!(text, "name=a+b%26c&files%5B%5D=MAE%3D");
        assert_eq!(headers[CONTENT_TYPE], "application/x-www-form-urlencoded");
        assert_eq!(headers[CONTENT_LENGTH], text.len().to_string());
    }

    #[tokio::test]
    async fn what_is_no_such_form_stays() {
        let kind = "multipart/form-data; boundary=x";
        let many = format!("{}--x--\r\n", part("name=\"a\"", "b").repeat(100));
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "a=b"),
            ("multipart/form-data", "--x--"),
            (kind, "no boundary"),
            (kind, "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\ncut off"),
            (kind, "--x\r\ncontent-disposition: form-data\r\n\r\nnobody's\r\n--x--\r\n"),
            (kind, &many),
        ] {
            let (headers, text) = read(kind, body).await;
            assert_eq!((headers[CONTENT_TYPE].as_bytes(), text.as_str()), (kind.as_bytes(), body));
        }
    }
}
