use std::borrow::Cow;

/// Escapes text for elements whose children Leptos 0.8 writes to HTML as they are (`<textarea>`, `<title>`).
///
/// Only server rendering goes through a parser; in the browser the same text becomes a text node, where escaping
/// would be visible.
pub(crate) fn for_raw_element(text: &str) -> Cow<'_, str> {
    if cfg!(feature = "ssr") { escape(text) } else { Cow::Borrowed(text) }
}

/// `<textarea>` content: as above, and a first newline is doubled, since the HTML parser swallows one.
pub(crate) fn for_textarea(text: &str) -> Cow<'_, str> {
    if cfg!(feature = "ssr") && text.starts_with(['\n', '\r']) {
        Cow::Owned(format!("\n{}", escape(text)))
    } else {
        for_raw_element(text)
    }
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_entities_stay_text() {
        assert_eq!(escape("</textarea><script>"), "&lt;/textarea&gt;&lt;script&gt;");
        assert_eq!(escape("&lt;"), "&amp;lt;");
        assert!(matches!(escape("10.0.0.0/8"), Cow::Borrowed(_)));
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_leading_newline_survives_the_parser() {
        assert_eq!(for_textarea("\na"), "\n\na");
        assert_eq!(for_textarea("a"), "a");
    }
}
