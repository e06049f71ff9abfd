//! One's own password and sessions; the workspace's users.

mod api;
mod invite;
mod password;
mod sessions;
mod users;

pub use invite::{made, roles};
use leptos::prelude::*;
use password::PasswordForm;
use sessions::Sessions;
use ui::{PageHeader, PageTitle};
pub use users::Users;

#[component]
pub fn Account() -> impl IntoView {
    let title = tr!(account.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title />
        <PasswordForm />
        <Sessions />
    }
    .into_any()
}
