//! Who may do what.

use crate::error::Invalid;
use serde::{Deserialize, Serialize};

/// A role is held in one workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads; sees neither tokens nor other people's sessions.
    Viewer,
    /// Everything, including deploying a command, which is running code on the host.
    Administrator,
}

/// What a use case needs. One word per decision, so that a third role is a new row here and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    Read,
    ManageGateways,
    /// The operator's inventory of networks.
    ManageNetworks,
    /// Running code on the host.
    DeployServices,
    RevealTokens,
    ManageUsers,
    /// Accounts of the installation; only in the account that operates it.
    ManageAccounts,
    /// What everything costs.
    ManagePrices,
}

impl Role {
    pub fn allows(self, permission: Permission) -> bool {
        match self {
            Role::Administrator => true,
            Role::Viewer => matches!(permission, Permission::Read),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Administrator => "administrator",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "viewer" => Ok(Role::Viewer),
            "administrator" => Ok(Role::Administrator),
            _ => Err(Invalid::Choice),
        }
    }
}

/// Shortest password. Length is what counts; there are no rules about kinds of characters.
pub const MIN_PASSWORD: usize = 12;
/// Longest password: hashing must not become a way to keep the machine busy.
pub const MAX_PASSWORD: usize = 256;

pub fn check_password(password: &str) -> Result<(), Invalid> {
    let len = password.chars().count();
    match len {
        0 => Err(Invalid::Required),
        1..MIN_PASSWORD => Err(Invalid::TooShort { min: MIN_PASSWORD }),
        _ if len > MAX_PASSWORD => Err(Invalid::TooLong { max: MAX_PASSWORD, len }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_only_reads() {
        for permission in [
            Permission::ManageGateways,
            Permission::ManageNetworks,
            Permission::DeployServices,
            Permission::RevealTokens,
            Permission::ManageUsers,
            Permission::ManageAccounts,
            Permission::ManagePrices,
        ] {
            assert!(!Role::Viewer.allows(permission) && Role::Administrator.allows(permission));
        }
        assert!(Role::Viewer.allows(Permission::Read));
    }

    #[test]
    fn passwords() {
        assert!(check_password("elevenchars").is_err() && check_password("twelve chars").is_ok());
        assert!(check_password(&"x".repeat(1 << 20)).is_err());
    }
}
