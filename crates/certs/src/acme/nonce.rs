//! Nonces that servers refuse.

use instant_acme::{Error, Problem};

/// Servers may forget nonces at any time (RFC 8555, section 6.5); the request was not looked at then. Counts how often
/// one was refused.
pub(super) struct Nonces {
    left: u32,
}

impl Nonces {
    /// Each attempt is three requests of the library's.
    pub fn new() -> Self {
        Self { left: 20 }
    }

    pub fn again(&mut self, error: &Error) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0 && matches!(error, Error::Api(problem) if is_bad_nonce(problem))
    }
}

pub(super) fn is_bad_nonce(problem: &Problem) -> bool {
    problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:badNonce")
}

/// The outcome of a future, made anew as long as its nonce is refused. A macro, since futures of async closures are not
/// `Send` as far as today's compiler can tell.
macro_rules! renewed {
    ($future:expr) => {{
        let mut nonces = $crate::acme::nonce::Nonces::new();
        loop {
            match $future.await {
                Err(error) if nonces.again(&error) => {}
                outcome => break outcome,
            }
        }
    }};
}
pub(super) use renewed;
