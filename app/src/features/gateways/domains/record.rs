//! The record that a domain's owner has to make, and what DNS was seen to say about it.

use super::api::CheckDomain;
use crate::layout::{Fresh, When, unanswered_text};
use domain::custom_domain::DomainSide;
use domain::domain_check::DomainOutcome;
use domain::view::{DomainView, GatewayDetail};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, CopyText, Hidden, IconName, StatusBadge, Tone};

/// Of a private domain, whether the built-in DNS answers for it: there is no record to make.
pub(super) fn record(
    each: &DomainView,
    gateway: Fresh<GatewayDetail>,
    action: ServerAction<CheckDomain>,
) -> Option<AnyView> {
    if each.domain.side == DomainSide::Private {
        let text = each.unanswered.map_or_else(|| tr!(names_inside.answered), unanswered_text);
        return Some(view! { <p class="note">{text}</p> }.into_any());
    }
    let apex = each.domain.may_be_apex().then(|| view! { <p class="note">{tr!(domains.apex)}</p> });
    let id = each.domain.id.clone();
    // By itself, so that news of it leave the row's form as it is.
    let check = {
        let id = id.clone();
        Memo::new(move |_| {
            gateway.with(|gateway| gateway.domains.iter().find(|each| each.domain.id == id)?.check.clone())
        })
    };
    let outcome = move || check.with(|check| said(check.as_ref().map(|check| &check.outcome)));
    let at = move || check.with(|check| check.as_ref().map(|check| view! { <When at=check.at /> }));
    let label = format!("{} {}", tr!(domains.check), each.domain.host);
    let of = Signal::stored(each.domain.gateway_id.to_string());
    let form_id = Signal::stored(id.to_string());
    let pending = Signal::derive(move || {
        action.pending().get() && action.input().with(|sent| sent.as_ref().is_some_and(|sent| sent.id == id))
    });
    Some(
        view! {
            <CopyText text=each.points_to.clone() label=tr!(layout.copy) done=tr!(layout.copied) />
            {apex}
            <div role="status">{outcome}</div>
            <p class="note">{at}</p>
            <ActionForm action>
                <Hidden name="gateway" value=of />
                <Hidden name="id" value=form_id />
                <Button label=tr!(domains.check) icon=IconName::Refresh aria_label=label pending />
            </ActionForm>
        }
        .into_any(),
    )
}

/// A word, and what to do where it is not the one that was hoped for.
fn said(outcome: Option<&DomainOutcome>) -> AnyView {
    let (tone, label, note) = match outcome {
        None => (Tone::Neutral, tr!(domains.unasked), None),
        Some(DomainOutcome::Found) => (Tone::Good, tr!(domains.found), None),
        Some(DomainOutcome::WrongTarget { found }) => {
            (Tone::Bad, tr!(domains.wrong_target), Some(tr!(domains.wrong_target_note, found = found.clone())))
        }
        Some(DomainOutcome::Missing) => (Tone::Warn, tr!(domains.missing), Some(tr!(domains.missing_note))),
        Some(DomainOutcome::Unanswered { detail }) => {
            (Tone::Neutral, tr!(domains.unanswered), Some(tr!(domains.unanswered_note, detail = detail.clone())))
        }
    };
    view! {
        <StatusBadge tone label />
        {note.map(|note| view! { <p class="note">{note}</p> })}
    }
    .into_any()
}
