use crate::{Icon, IconName, MaybeText, href};
use leptos::{ev::MouseEvent, prelude::*};

/// How much a button asks for attention. One `Primary` a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    Primary,
    #[default]
    Secondary,
    Ghost,
    Danger,
}

impl ButtonKind {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Secondary => "btn btn-secondary",
            Self::Ghost => "btn btn-ghost",
            Self::Danger => "btn btn-danger",
        }
    }
}

/// A `<button>`, by default one that submits its form. Give a `label`, children, or both.
///
/// While `pending` it stays focusable and refuses clicks, so that keyboard users do not lose their place.
#[component]
pub fn Button(
    #[prop(optional, into)] label: MaybeText,
    #[prop(optional)] kind: ButtonKind,
    #[prop(default = "submit")] button_type: &'static str,
    #[prop(optional, into)] name: MaybeText,
    #[prop(optional, into)] value: MaybeText,
    #[prop(optional, into)] form: MaybeText,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] pending: Signal<bool>,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional, into)] aria_label: MaybeText,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let is_pending = move || pending.get().then_some("true");
    let refuse = move |ev: MouseEvent| {
        if pending.get_untracked() {
            ev.prevent_default();
            ev.stop_propagation();
        }
    };
    view! {
        <button
            class=kind.class()
            type=button_type
            name=name.0
            value=value.0
            form=form.0
            disabled=move || disabled.get()
            aria-disabled=is_pending
            aria-busy=is_pending
            aria-label=aria_label.0
            on:click=refuse
        >
            {move || {
                if pending.get() { Some(IconName::Spinner) } else { icon }.map(|name| view! { <Icon name /> })
            }}
            {label.0.map(|text| view! { <span>{text}</span> })}
            {children.map(|c| c())}
        </button>
    }
    .into_any()
}

/// A link that looks like a button: it goes somewhere, it does not change anything.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional, into)] aria_label: MaybeText,
    children: Children,
) -> impl IntoView {
    view! {
        <a class=kind.class() href=href::safe(href) aria-label=aria_label.0>
            {icon.map(|name| view! { <Icon name /> })}
            <span>{children()}</span>
        </a>
    }
    .into_any()
}
