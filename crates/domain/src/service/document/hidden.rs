//! Passwords in documents that leave for a browser: their place, without what they are.

use super::path::{get, put};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Stands for a password that stays as it is.
const KEPT: &str = "******";
const AUTH: &str = "dockerAuth";

/// The same document without passwords.
pub fn hide(document: &Value) -> Value {
    let mut hidden = document.clone();
    if let Some((user, _)) = credentials(document) {
        put(&mut hidden, AUTH, encoded(&user, KEPT));
    }
    hidden
}

/// Puts the password back where a document that came from [`hide`] still has its place.
pub fn reveal(document: &mut Value, stored: &Value) {
    let Some((user, password)) = credentials(document) else { return };
    if let Some((_, known)) = credentials(stored).filter(|_| password == KEPT) {
        put(document, AUTH, encoded(&user, &known));
    }
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
        let stored = json!({ "dockerAuth": STANDARD.encode("ada:s3cret"), "metadata": { "name": "a" } });
        let shown = hide(&stored);
        assert_eq!(shown["dockerAuth"], STANDARD.encode("ada:******"));
        let mut back = shown.clone();
        reveal(&mut back, &stored);
        assert_eq!(back, stored);
        let mut other = json!({ "dockerAuth": STANDARD.encode("eve:******") });
        reveal(&mut other, &stored);
        assert_eq!(other["dockerAuth"], STANDARD.encode("eve:s3cret"), "another user's name is an edit");
        let mut new = json!({ "dockerAuth": STANDARD.encode("ada:new") });
        reveal(&mut new, &stored);
        assert_eq!(new["dockerAuth"], STANDARD.encode("ada:new"));
        assert_eq!(hide(&json!({ "metadata": {} })), json!({ "metadata": {} }));
    }
}
