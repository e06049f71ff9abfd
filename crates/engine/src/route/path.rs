//! From a path to the service and to what the replica sees of it.
//!
//! Nothing is decoded or normalised: a path means here what its bytes say, and the replica gets the same bytes.

use crate::answer::Refusal;

const PREFIX: &str = "/api/predict/";

#[derive(Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The bare root of the gateway.
    Root,
    Service {
        name: &'a str,
        /// Behind the name: empty, or `/…`.
        rest: &'a str,
    },
}

pub fn target(path: &str) -> Result<Target<'_>, Refusal> {
    if path == "/" {
        return Ok(Target::Root);
    }
    let Some(inner) = path.strip_prefix(PREFIX) else { return Err(Refusal::NoSuchService) };
    let (name, rest) = inner.split_at(inner.find('/').unwrap_or(inner.len()));
    // Another server could decode or resolve these to another service.
    if matches!(name, "." | "..") || name.contains(['%', '\\', ';']) {
        return Err(Refusal::BadRequest("write the service's name as it is, without escapes or dot segments"));
    }
    if name.is_empty() {
        return Err(Refusal::NoSuchService);
    }
    Ok(Target::Service { name, rest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_prefix_is_cut_off() {
        assert_eq!(target("/"), Ok(Target::Root));
        for (path, rest) in [
            ("/api/predict/m", ""),
            ("/api/predict/m/", "/"),
            ("/api/predict/m/v1/chat", "/v1/chat"),
            ("/api/predict/m//a/../%2F", "//a/../%2F"),
        ] {
            assert_eq!(target(path), Ok(Target::Service { name: "m", rest }), "{path}");
        }
    }

    #[test]
    fn what_leads_nowhere() {
        for path in ["", "//", "/api/predict", "/api/predict/", "/api/predict//m", "/API/predict/m", "/api//predict/m"]
        {
            assert_eq!(target(path), Err(Refusal::NoSuchService), "{path}");
        }
        for path in ["/api/predict/../m", "/api/predict/.", "/api/predict/a%2Fb", "/api/predict/%2e%2e/m"] {
            assert!(matches!(target(path), Err(Refusal::BadRequest(_))), "{path}");
        }
    }

    proptest! {
        #[test]
        fn the_rest_is_byte_identical(name in "[a-z][a-z0-9_]{0,20}", rest in "(/[!-~]{0,20})?") {
            let path = format!("/api/predict/{name}{rest}");
            prop_assert_eq!(target(&path), Ok(Target::Service { name: &name, rest: &rest }));
        }

        #[test]
        fn a_name_is_one_plain_segment(path in "/(api/predict/)?[!-~]{0,30}") {
            if let Ok(Target::Service { name, rest }) = target(&path) {
                prop_assert!(!name.contains(['/', '%']) && !name.is_empty() && name != "..");
                prop_assert_eq!(format!("/api/predict/{name}{rest}"), path);
            }
        }
    }
}
