//! Language and theme: plain forms, since both are decided when a page is loaded.

use crate::context::use_viewer;
use crate::texts::{current_language, languages};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use ui::{ButtonKind, IconName, Menu, MenuItem};

#[component]
pub fn Preferences() -> impl IntoView {
    let location = use_location();
    let back = move || {
        let search = location.search.get();
        let query = search.trim_start_matches('?');
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}{separator}{query}", location.pathname.get())
    };
    let language = current_language();
    let languages = languages().map(|(locale, value, name)| {
        view! { <MenuItem label=name name="language" value=value current=Signal::stored(locale == language) /> }
    });
    let theme = use_viewer().theme;
    let themes = [
        ("system", tr!(layout.theme_system), IconName::Monitor),
        ("light", tr!(layout.theme_light), IconName::Sun),
        ("dark", tr!(layout.theme_dark), IconName::Moon),
    ]
    .map(|(value, label, icon)| {
        let current = theme == value || (theme.is_empty() && value == "system");
        view! { <MenuItem label icon=icon name="theme" value=value current=Signal::stored(current) /> }
    });
    view! {
        <form method="post" action="/preferences">
            <input type="hidden" name="back" value=back />
            <Menu label=tr!(layout.language) icon=IconName::Language kind=ButtonKind::Ghost icon_only=true>
                {languages.into_iter().collect_view()}
            </Menu>
        </form>
        <form method="post" action="/preferences">
            <input type="hidden" name="back" value=back />
            <Menu label=tr!(layout.theme) icon=IconName::Sun kind=ButtonKind::Ghost icon_only=true>
                {themes.into_iter().collect_view()}
            </Menu>
        </form>
    }
    .into_any()
}
