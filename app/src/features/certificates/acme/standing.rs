//! How an order stands, why it failed, changing it and trying again.

use super::api::{ChangeOrder, OrderNow};
use super::fields::fields;
use super::page::host;
use crate::context::form_state;
use crate::layout::{Fresh, When, bump_after, seen_revision};
use crate::texts::use_texts;
use domain::view::{AcmeView, Alias, CertificateView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Badge, Button, Callout, CopyText, DescriptionItem, DescriptionList, FormActions, FormError, Hidden, Section, Tone,
};

/// In a word: what is being done, or what went wrong; nothing while all is well.
pub fn badge(shown: &CertificateView) -> Option<AnyView> {
    let acme = shown.acme.as_ref()?;
    let (tone, label) = match (&acme.order.last, acme.under_way) {
        (_, true) => (Tone::Info, tr!(acme.under_way)),
        (Some(_), _) => (Tone::Bad, tr!(acme.failed)),
        (None, _) if shown.facts.is_none() => (Tone::Info, tr!(acme.waiting)),
        (None, _) => return None,
    };
    Some(view! { <Badge tone label /> }.into_any())
}

/// `None` for one that was uploaded.
pub fn standing(shown: Fresh<CertificateView>, allowed: bool) -> Option<AnyView> {
    let first = shown.get_untracked();
    first.acme.as_ref()?;
    Some(
        view! {
            <Section title=tr!(acme.standing)>
                {move || shown.with(|shown| shown.acme.clone().map(told))}
                {allowed.then(|| view! { <Now shown /> })}
            </Section>
            {allowed.then(|| view! { <Change first shown /> })}
        }
        .into_any(),
    )
}

fn told(acme: AcmeView) -> AnyView {
    let texts = use_texts();
    let order = acme.order;
    let failure = order.last.map(|last| {
        view! {
            <Callout tone=Tone::Bad>
                {texts.failure(last.failure)} " " <When at=last.at />
            </Callout>
        }
    });
    let next = match order.next_attempt {
        _ if acme.under_way => tr!(acme.under_way).into_any(),
        Some(at) => view! { <When at /> }.into_any(),
        None => tr!(acme.never).into_any(),
    };
    let alias = |alias: Alias| {
        let text = format!("{}. CNAME {}.", alias.name, alias.target);
        view! { <CopyText text label=tr!(layout.copy) done=tr!(layout.copied) /> }.into_any()
    };
    let aliases = (!acme.aliases.is_empty()).then(|| {
        view! {
            <DescriptionItem term=tr!(acme_alias.title)>
                {acme.aliases.into_iter().map(alias).collect::<Vec<_>>()} <p class="note">{tr!(acme_alias.note)}</p>
            </DescriptionItem>
        }
    });
    view! {
        <div class="stack-small">{failure}</div>
        <DescriptionList>
            <DescriptionItem term=tr!(acme.server)>{host(&acme.directory).to_owned()}</DescriptionItem>
            <DescriptionItem term=tr!(acme.names)>{order.names.join(", ")}</DescriptionItem>
            <DescriptionItem term=tr!(acme.challenge)>{order.challenge.to_string()}</DescriptionItem>
            {aliases}
            <DescriptionItem term=tr!(acme.next_attempt)>{next}</DescriptionItem>
            <DescriptionItem term=tr!(acme.attempts)>{order.failed.to_string()}</DescriptionItem>
        </DescriptionList>
    }
    .into_any()
}

#[component]
fn Now(shown: Fresh<CertificateView>) -> impl IntoView {
    let action = ServerAction::<OrderNow>::new();
    bump_after(action);
    let form = form_state(action);
    let id = Signal::stored(shown.with_untracked(|shown| shown.id.to_string()));
    let is_well = |shown: &CertificateView| {
        shown.facts.is_some() && shown.acme.as_ref().is_some_and(|acme| acme.order.last.is_none())
    };
    let label = if shown.with_untracked(is_well) { tr!(acme.renew) } else { tr!(acme.again) };
    view! {
        <FormError message=form.general() />
        <ActionForm action>
            <Hidden name="id" value=id />
            <Button label pending=form.pending />
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Change(first: CertificateView, shown: Fresh<CertificateView>) -> impl IntoView {
    let action = ServerAction::<ChangeOrder>::new();
    bump_after(action);
    let form = form_state(action);
    let newest = Signal::derive(move || shown.with(|shown| shown.revision));
    let revision = seen_revision(newest, action.version().into());
    let order = first.acme.map(|acme| acme.order);
    let (names, challenge) = order.map(|order| (order.names.join("\n"), order.challenge.as_str())).unwrap_or_default();
    view! {
        <Section title=tr!(acme.change) description=tr!(acme.change_hint)>
            <ActionForm action>
                <div class="stack">
                    <Hidden name="id" value=Signal::stored(first.id.to_string()) />
                    <Hidden name="revision" value=revision />
                    {fields(&form, &first.name, &names, challenge)}
                    <FormActions>
                        <Button label=tr!(acme.change) pending=form.pending />
                    </FormActions>
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}
