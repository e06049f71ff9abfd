//! Passwords in documents that leave for a browser: their place, without what they are.

use super::path::{get, put};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Stands for a password that stays as it is.
pub(super) const KEPT: &str = "******";
const AUTH: &str = "dockerAuth";

/// The same document without passwords.
pub fn hide(document: &Value) -> Value {
    let mut hidden = document.clone();
    if let Some((user, _)) = credentials(document) {
        put(&mut hidden, AUTH, encoded(&user, KEPT));
    }
    hidden
}

/// Puts the password back where a document that came from [`hide`] still has its place. What was given to one registry is
/// for no other one: whoever may change the image could read it there.
pub fn reveal(document: &mut Value, stored: &Value) {
    let Some((user, password)) = credentials(document) else { return };
    let is_kept = password == KEPT || password.is_empty();
    if let Some((_, known)) = credentials(stored).filter(|_| is_kept && registry(document) == registry(stored)) {
        put(document, AUTH, encoded(&user, &known));
    }
}

/// Where its image comes from; `None` is where Docker looks by itself.
fn registry(document: &Value) -> Option<&str> {
    let (first, _) = get(document, "containers[0].image")?.as_str()?.split_once('/')?;
    let is_host = first.contains(['.', ':']) || first == "localhost";
    Some(first).filter(|_| is_host && !["docker.io", "index.docker.io"].contains(&first))
}

fn credentials(document: &Value) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(get(document, AUTH)?.as_str()?).ok()?).ok()?;
    plain.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

fn encoded(user: &str, password: &str) -> Value {
    STANDARD.encode(format!("{user}:{password}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_password_stays_at_home_and_is_kept() {
        let at = |image: &str, plain: &str| json!({ "dockerAuth": STANDARD.encode(plain), "containers": [{ "image": image }] });
        let stored = at("registry.example/a:1", "ada:s3cret");
        let shown = hide(&stored);
        assert_eq!(shown["dockerAuth"], STANDARD.encode("ada:******"));
        let mut back = shown.clone();
        reveal(&mut back, &stored);
        assert_eq!(back, stored);
        let mut other = at("registry.example/b:2", "eve:******");
        reveal(&mut other, &stored);
        assert_eq!(other["dockerAuth"], STANDARD.encode("eve:s3cret"), "another user's name is an edit");
        // Another way to run and back: nobody typed one.
        let mut empty = at("registry.example/a:1", "ada:");
        reveal(&mut empty, &stored);
        assert_eq!(empty, stored);
        for image in ["a:1", "registry.example:5000/a:1", "evil.example/a:1", "registry.example"] {
            let mut elsewhere = at(image, "ada:******");
            reveal(&mut elsewhere, &stored);
            assert_eq!(elsewhere, at(image, "ada:******"), "another registry gets no password of this one");
        }
        let mut hub = at("docker.io/library/a", "ada:******");
        reveal(&mut hub, &at("team/a", "ada:s3cret"));
        assert_eq!(hub, at("docker.io/library/a", "ada:s3cret"));
        let mut new = at("registry.example/a:1", "ada:new");
        reveal(&mut new, &stored);
        assert_eq!(new["dockerAuth"], STANDARD.encode("ada:new"));
        assert_eq!(hide(&json!({ "metadata": {} })), json!({ "metadata": {} }));
    }
}
