//! Accounts: who owns networks, gateways and services. The first one of an installation operates it.

use crate::error::{FieldErrors, Invalid};
use crate::id::AccountId;
use crate::name::GatewayName;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
}

/// What somebody typed to make an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDraft {
    pub name: String,
}

impl AccountDraft {
    /// Its name; `taken` says which are.
    pub fn validate(&self, taken: impl Fn(&str) -> bool) -> Result<String, FieldErrors> {
        let name = GatewayName::parse(self.name.trim()).map(|name| name.to_string());
        let free = name.and_then(|name| if taken(&name) { Err(Invalid::NameTaken { name }) } else { Ok(name) });
        free.map_err(|error| FieldErrors::one("name", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_free() {
        let code = |name: &str| {
            let draft = AccountDraft { name: name.into() };
            draft.validate(|taken| taken == "research").map_err(|errors| errors.0[0].error.code())
        };
        assert_eq!(code(" vision "), Ok("vision".into()));
        assert_eq!(code("research"), Err("name_taken".into()));
        assert!(code("").is_err() && code("a b").is_err() && code(&"x".repeat(100)).is_err());
    }
}
