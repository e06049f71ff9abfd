use crate::{ButtonKind, Icon, IconName, MaybeText, href};
use leptos::{html, prelude::*};

/// A disclosure with commands. Opening and closing is native; when hydrated it also closes on Escape, on a click
/// outside and after a choice. Without JavaScript the shared `name` lets one menu close another.
#[component]
pub fn Menu(
    #[prop(into)] label: String,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional)] kind: ButtonKind,
    /// Show only the drawing; the label becomes the accessible name.
    #[prop(optional)]
    icon_only: bool,
    /// Hang the panel from the start edge instead of the end edge.
    #[prop(optional)]
    align_start: bool,
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    #[cfg(feature = "hydrate")]
    crate::browser::close_on_leave(details);
    let class = if icon_only { "icon-btn menu-button" } else { kind.class() };
    view! {
        <details class="menu" name="ui-menu" node_ref=details>
            <summary
                class=class
                aria-label=icon_only.then(|| label.clone())
                title=icon_only.then(|| label.clone())
            >
                {icon.map(|name| view! { <Icon name /> })}
                {(!icon_only)
                    .then(|| {
                        view! {
                            <span class="menu-label">{label.clone()}</span>
                            <Icon name=IconName::ChevronDown class="icon icon-small" />
                        }
                    })}
            </summary>
            <div class=if align_start { "menu-panel menu-start" } else { "menu-panel" }>{children()}</div>
        </details>
    }
    .into_any()
}

/// One line of a [`Menu`]: a link when it has an `href`, else a button that submits the form around it.
#[component]
pub fn MenuItem(
    #[prop(into)] label: String,
    #[prop(optional, into)] href: MaybeText,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(default = "submit")] button_type: &'static str,
    #[prop(optional, into)] name: MaybeText,
    #[prop(optional, into)] value: MaybeText,
    #[prop(optional, into)] form: MaybeText,
    #[prop(optional)] danger: bool,
    /// The choice in force, among items that exclude each other (language, theme).
    #[prop(optional, into)]
    current: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let class = if danger { "menu-item menu-item-danger" } else { "menu-item" };
    let is_current = move || current.get().then_some("true");
    let body = view! {
        {icon.map(|name| view! { <Icon name /> })}
        <span class="menu-item-label">{label}</span>
        {move || current.get().then(|| view! { <Icon name=IconName::Check /> })}
    };
    match href.0 {
        Some(to) => view! {
            <a class=class href=href::safe(to) aria-current=is_current>
                {body}
            </a>
        }
        .into_any(),
        None => view! {
            <button
                class=class
                type=button_type
                name=name.0
                value=value.0
                form=form.0
                aria-current=is_current
                disabled=move || disabled.get()
            >
                {body}
            </button>
        }
        .into_any(),
    }
}
