//! Who looks at the page, as far as pages need to know: what to show. What may be done is decided by the use cases.

use domain::role::{Permission, Role};
use leptos::prelude::*;
use leptos::server::SharedValue;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// `None`: nobody is signed in.
    pub user: Option<User>,
    pub region: String,
    /// The browser's address as the console sees it.
    pub address: String,
    /// `dark`, `light` or empty: follows the system.
    pub theme: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub name: String,
    pub role: Role,
    pub workspace: String,
    /// Of the account that operates the installation.
    pub operates: bool,
}

impl Viewer {
    pub fn may(&self, permission: Permission) -> bool {
        let everybodys =
            !matches!(permission, Permission::ManageNetworks | Permission::ManageAccounts | Permission::ManagePrices);
        self.user.as_ref().is_some_and(|user| user.role.allows(permission) && (everybodys || user.operates))
    }
}

pub fn provide_viewer() {
    let viewer = SharedValue::new(|| {
        #[cfg(feature = "ssr")]
        return of_request();
        #[cfg(not(feature = "ssr"))]
        return Viewer::default();
    });
    provide_context(viewer.into_inner());
}

pub fn use_viewer() -> Viewer {
    use_context::<Viewer>().unwrap_or_default()
}

#[cfg(feature = "ssr")]
fn of_request() -> Viewer {
    let Some(request) = super::request() else { return Viewer::default() };
    let workspace = request.control.first_workspace();
    Viewer {
        user: request.principal.map(|principal| User {
            name: principal.name.to_string(),
            role: principal.role,
            operates: request.control.operates(&principal),
            workspace: if principal.workspace_id == workspace.id {
                workspace.name.clone()
            } else {
                let networks = request.control.desired().networks.clone();
                let account = networks.accounts.get(&principal.account_id);
                account.map_or_else(|| principal.workspace_id.to_string(), |account| account.name.clone())
            },
        }),
        region: request.control.installation().region.clone(),
        address: request.caller.address.to_string(),
        theme: crate::shell::theme(),
    }
}
