//! The cookie that a browser is recognised by.

use domain::secret::Secret;

/// Browsers send cookies to every port of a host: the engine knows these names and keeps them from models.
/// The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
fn name(secure: bool) -> &'static str {
    if secure { "__Host-inference-gateway" } else { "inference-gateway" }
}

/// Not `SameSite=Strict`: a link from a mail or a wiki must find the reader signed in.
pub fn set_cookie(token: &Secret, secure: bool) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!("{}={}; Path=/; HttpOnly; SameSite=Lax{flag}; Max-Age=1209600", name(secure), token.reveal())
}

pub fn clear_cookie(secure: bool) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!("{}=; Path=/; HttpOnly; SameSite=Lax{flag}; Max-Age=0", name(secure))
}

/// The session's token in a `Cookie` header.
pub fn cookie_value(header: &str, secure: bool) -> Option<Secret> {
    header.split(';').find_map(|pair| {
        let value = pair.trim().strip_prefix(name(secure))?.strip_prefix('=')?;
        (!value.is_empty() && value.len() <= 128).then(|| Secret::new(value))
    })
}
