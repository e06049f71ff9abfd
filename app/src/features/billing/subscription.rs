//! The month that a gateway is paid for, and whether another one follows.

use super::api::{SetRenewal, read_subscription};
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, When, bump_after, seen_revision};
use domain::role::Permission;
use domain::view::{GatewayDetail, SubscriptionView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Badge, Button, Callout, FormError, Hidden, Section, Tone};

#[component]
pub fn Subscription(gateway: Fresh<GatewayDetail>) -> impl IntoView {
    let action = ServerAction::<SetRenewal>::new();
    bump_after(action);
    let form = form_state(action);
    let id = gateway.with_untracked(|gateway| gateway.summary.id.clone());
    let hidden = Signal::stored(id.to_string());
    let newest = Signal::derive(move || gateway.with(|gateway| gateway.revision));
    let revision = seen_revision(newest, action.version().into());
    let shown = Resource::new_blocking(move || action.version().get(), move |_| read_subscription(id.clone()));
    let allowed = use_viewer().may(Permission::ManageGateways);
    view! {
        <Section title=tr!(billing.subscription)>
            <FormError message=form.general() />
            <Transition>
                {move || Suspend::new(async move {
                    let shown = shown.await.ok().flatten()?;
                    let renews = shown.renews;
                    let on = Signal::stored((!renews).to_string());
                    let label = if renews { tr!(billing.stop_renewal) } else { tr!(billing.renew) };
                    let switch = allowed.then(|| {
                        view! {
                            <ActionForm action>
                                <Hidden name="id" value=hidden />
                                <Hidden name="revision" value=revision />
                                <Hidden name="on" value=on />
                                <Button label pending=form.pending />
                            </ActionForm>
                        }
                    });
                    Some(view! { <div class="stack">{state(shown)} {switch}</div> })
                })}
            </Transition>
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
            <When at=shown.from />
            " – "
            <When at=shown.until />
        </p>
        <p class="muted">{then}</p>
    }
    .into_any()
}
