use crate::{Icon, IconName, Slot};
use leptos::{ev::MouseEvent, prelude::*};

/// The console's frame: navigation at the side, a header that stays, the page.
///
/// On a narrow screen the navigation is a native popover that `menu_label` opens: it works without JavaScript and
/// closes on Escape and outside clicks by itself. On a wide one a style rule shows it at all times.
#[component]
pub fn AppShell(
    #[prop(into)] brand: Slot,
    #[prop(into)] nav: Slot,
    #[prop(optional, into)] header: Slot,
    #[prop(optional, into)] footer: Slot,
    /// Names the navigation landmark.
    #[prop(into)]
    nav_label: String,
    /// Names the button that opens the navigation on a phone.
    #[prop(into)]
    menu_label: String,
    children: Children,
) -> impl IntoView {
    let followed = move |event: MouseEvent| {
        #[cfg(feature = "hydrate")]
        crate::browser::close_popover_after_link(&event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <div class="shell">
            <header class="shell-header">
                <button
                    class="icon-btn shell-menu"
                    type="button"
                    popovertarget="shell-nav"
                    aria-label=menu_label.clone()
                    title=menu_label
                >
                    <Icon name=IconName::Menu />
                </button>
                <div class="shell-brand">{brand.0}</div>
                <div class="shell-tools">{header.0}</div>
            </header>
            <nav class="shell-nav" id="shell-nav" popover="auto" aria-label=nav_label on:click=followed>
                {nav.0}
            </nav>
            <main class="shell-main" id="main" tabindex="-1">
                {children()}
            </main>
            {footer.0.map(|footer| view! { <footer class="shell-footer">{footer}</footer> })}
        </div>
    }
    .into_any()
}
