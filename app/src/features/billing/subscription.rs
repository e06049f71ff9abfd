//! The month that a gateway is paid for, and whether another one follows.

use super::api::{SetRenewal, read_subscription};
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, When, bump_after, fresh, seen_revision};
use domain::role::Permission;
use domain::view::{GatewayDetail, SubscriptionView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Badge, Button, Callout, FormError, Hidden, Section, Tone};

/// Nothing for a gateway that is paid as it goes.
#[component]
pub fn Subscription(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let read = move || {
        let id = id.clone();
        async move { read_subscription(id).await }
    };
    let first = Resource::new_blocking(|| (), {
        let read = read.clone();
        move |()| read()
    });
    view! {
        <Transition>
            {move || {
                let read = read.clone();
                Suspend::new(async move {
                    let first = first.await.ok().flatten()?;
                    let shown = fresh(Some(first), read);
                    Some(view! { <Shown gateway shown /> })
                })
            }}
        </Transition>
    }
    .into_any()
}

#[component]
fn Shown(gateway: Fresh<GatewayDetail>, shown: Fresh<Option<SubscriptionView>>) -> impl IntoView {
    let action = ServerAction::<SetRenewal>::new();
    bump_after(action);
    let form = form_state(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.to_string());
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let revision = seen_revision(newest, action.version().into());
    let renews = move || shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.renews));
    let on = Signal::derive(move || (!renews()).to_string());
    let switch = use_viewer().may(Permission::ManageGateways).then(|| {
        view! {
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="id" value=Signal::stored(id) />
                <Hidden name="revision" value=revision />
                <Hidden name="on" value=on />
                <Button pending=form.pending>
                    {move || if renews() { tr!(billing.stop_renewal) } else { tr!(billing.renew) }}
                </Button>
            </ActionForm>
        }
    });
    view! {
        <Section title=tr!(billing.subscription)>
            <div class="stack">
                {move || shown.get().map(state)}
                {switch}
            </div>
        </Section>
    }
    .into_any()
}

fn state(shown: SubscriptionView) -> AnyView {
    if shown.expired && !shown.renews {
        return view! {
            <Callout tone=Tone::Warn>
                <Badge tone=Tone::Warn label=tr!(billing.expired) />
                " "
                <When at=shown.until />
                <p>{tr!(billing.expired_hint)}</p>
            </Callout>
        }
        .into_any();
    }
    let then = if shown.renews { tr!(billing.renews) } else { tr!(billing.ends) };
    view! {
        <p>
            <When at=shown.from /> " – " <When at=shown.until />
        </p>
        <p class="muted">{then}</p>
    }
    .into_any()
}
