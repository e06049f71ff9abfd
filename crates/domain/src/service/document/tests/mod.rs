//! What documents mean, what is refused, and that nothing is lost between text and service.

mod examples;
mod page;
mod refused;
mod table;

use super::*;
use crate::service::arbitrary::service;
use proptest::prelude::*;

/// The errors of a document as `key code`.
fn wrong(text: &str) -> Vec<String> {
    match parse(text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|each| format!("{} {}", each.key, each.error.code())).collect(),
    }
}

/// A document with one member more, at the top.
fn with(member: &str) -> String {
    format!(r#"{{"metadata":{{"name":"demo","instance":1}},"process":{{"command":"model"}},{member}}}"#)
}

proptest! {
    #[test]
    fn what_is_printed_is_read(service in service()) {
        let document = print(&service);
        prop_assert_eq!(parse(&text(&document)), Ok(service.clone()));
        prop_assert_eq!(parse_value(&document), Ok(service));
    }

    #[test]
    fn printing_again_changes_nothing(service in service()) {
        let document = print(&service);
        let again = parse_value(&document).map(|service| print(&service));
        prop_assert_eq!(again, Ok(document.clone()));
        prop_assert_eq!(normal_value(&document), document);
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_value_in_any_place_panics(
        key in prop::sample::select(keys().map(|key| key.path).collect::<Vec<_>>()),
        value in prop::sample::select(vec!["null", "[]", "{}", "-1", "1e300", "\"\\u0000\"", "true", "[[]]", "[{}]", "\"1%\"", "18446744073709551616"]),
    ) {
        let path = key.replace('$', "containers[]").replace("*_check", "startup_check").replace("[]", "[0]").replace('*', "x");
        let mut document = serde_json::json!({});
        path::put(&mut document, &path, serde_json::from_str(value).unwrap());
        let _ = parse_value(&document);
        let _ = parse(&text(&document));
    }
}
