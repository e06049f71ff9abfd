//! Passwords: Argon2id with the library's (OWASP's) parameters, off the asynchronous threads.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use domain::secret::Secret;
use tokio::sync::Semaphore;

/// The hash of nothing anybody can type. Checking it costs what checking a real one costs, so that the time of an
/// answer does not tell whether a user exists.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub async fn hash(password: Secret) -> String {
    blocking(move || {
        #[allow(clippy::expect_used)]
        Argon2::default()
            .hash_password(password.reveal().as_bytes())
            .expect("a password of checked length can be hashed")
            .to_string()
    })
    .await
}

/// Whether the password is the one behind this hash. `None` (no such user) takes as long and is false.
pub async fn verify(password: Secret, stored: Option<String>) -> bool {
    blocking(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.into());
        let Ok(stored) = PasswordHash::new(&stored) else { return false };
        Argon2::default().verify_password(password.reveal().as_bytes(), &stored).is_ok() && known
    })
    .await
}

/// Each hash takes 19 MiB and a core: more at once would let anybody who knows the address fill the memory.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let permit = AT_ONCE.acquire().await;
    // Held by the work itself, which goes on when whoever asked is gone.
    let work = move || {
        let _permit = permit;
        work()
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_fits() {
        let stored = hash(Secret::new("correct horse battery")).await;
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify(Secret::new("correct horse battery"), Some(stored.clone())).await);
        assert!(!verify(Secret::new("correct horse"), Some(stored)).await);
        assert!(!verify(Secret::new("anything"), None).await);
    }

    #[test]
    fn the_hash_of_nobody_is_one() {
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
