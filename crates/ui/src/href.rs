/// Leptos writes any `href` it is given; data such as a custom domain must not become `javascript:`.
///
/// Relative addresses, `http`, `https` and `mailto` pass; anything else becomes `#`.
pub(crate) fn safe(href: String) -> String {
    let end = href.find([':', '/', '?', '#']).unwrap_or(href.len());
    if href[end..].starts_with(':') {
        // Browsers drop tabs, newlines and leading controls inside a scheme, so compare without them.
        let scheme: String = href[..end].chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
        if !["http", "https", "mailto"].iter().any(|s| scheme.eq_ignore_ascii_case(s)) {
            return "#".into();
        }
    }
    href
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn only_harmless_addresses_pass() {
        for ok in ["/gateways/gw-1", "?page=2", "#top", "gateways", "https://a.example/x:y", "mailto:a@b.c", "/a:b"] {
            assert_eq!(safe(ok.into()), ok);
        }
        for bad in
            ["javascript:alert(1)", " java\tscript:alert(1)", "\u{1}JAVASCRIPT:x", "data:text/html,x", "vbscript:x"]
        {
            assert_eq!(safe(bad.into()), "#");
        }
    }
}
