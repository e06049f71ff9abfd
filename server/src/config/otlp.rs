//! Where spans go.

use http::Uri;

const EXAMPLE: &str = "name the collector as http://127.0.0.1:4317, or off for none";

/// `None` where none are wanted. The error is a sentence without what was typed in front of an `@`.
pub fn endpoint(text: &str) -> Result<Option<Uri>, String> {
    let text = text.trim();
    if text.is_empty() || text == "off" {
        return Ok(None);
    }
    // Before anything of it is shown.
    if text.contains('@') {
        return Err(format!("a name and password have no place in it; {EXAMPLE}"));
    }
    let uri: Uri = text.parse().map_err(|_| format!("{text:?} is no address; {EXAMPLE}"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(format!("{text:?} begins with neither http:// nor https://; {EXAMPLE}"));
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(format!("{text:?} names no host; {EXAMPLE}"));
    }
    if uri.port_u16().is_none_or(|port| port == 0) {
        return Err(format!("{text:?} names no port; {EXAMPLE}"));
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        let what = "OTLP over gRPC has no path (OTLP over HTTP, port 4318 as a rule, is not spoken here)";
        return Err(format!("{text:?}: {what}; {EXAMPLE}"));
    }
    Ok(Some(uri))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_or_an_address() {
        for off in ["", " ", "off"] {
            assert_eq!(endpoint(off), Ok(None));
        }
        for good in ["http://127.0.0.1:4317", "https://collector.example:443/", "http://[::1]:4317"] {
            assert_eq!(endpoint(good).map(|uri| uri.is_some()), Ok(true), "{good}");
        }
    }

    #[test]
    fn what_cannot_be_one_is_said_with_what_can() {
        for bad in [
            "on",
            "4317",
            "127.0.0.1:4317",
            "grpc://127.0.0.1:4317",
            "http://127.0.0.1",
            "http://127.0.0.1:0",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:4318/v1/traces",
            "http://127.0.0.1:4317?x",
            "http://:4317",
            "http:// :4317",
        ] {
            let said = endpoint(bad).expect_err(bad);
            assert!(said.contains("http://127.0.0.1:4317"), "{bad}: {said}");
        }
        let said = endpoint("http://me:secret@collector:4317").expect_err("a password");
        assert!(!said.contains("secret") && said.contains("password"), "{said}");
    }
}
