//! The group that a service is in, and its part of the group's requests.

use super::api::{SetGroup, SetPlace};
use super::detail::{Header, Tab, of_address};
use crate::context::{form_state, use_viewer};
use crate::layout::{Fresh, bump_after, seen_revision};
use crate::paths;
use domain::role::Permission;
use domain::service::Place;
use domain::view::ServiceDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, CheckField, FormActions, FormError, Hidden, NumberField, Section, TextField, TextLink};

#[component]
pub fn InGroup() -> impl IntoView {
    of_address(|service| {
        let may = use_viewer().may(Permission::DeployServices);
        let place = Memo::new(move |_| service.with(|service| service.group.as_ref().map(|(_, place)| place.clone())));
        let place = move || place.get().map(|place| view! { <PlaceForm service place may /> });
        view! {
            <Header service tab=Tab::Group />
            <Join service may />
            {place}
        }
        .into_any()
    })
}

#[component]
fn Join(service: Fresh<ServiceDetail>, may: bool) -> impl IntoView {
    let link = move || {
        let group = service.with(|service| service.group.as_ref().map(|(group, _)| group.clone()));
        match group {
            Some(group) => view! {
                <p>
                    {tr!(groups.is_in)} " " <TextLink href=paths::group(&group.id)>{group.name.to_string()}</TextLink>
                </p>
            }
            .into_any(),
            None => view! { <p class="muted">{tr!(groups.is_in_none)}</p> }.into_any(),
        }
    };
    let action = ServerAction::<SetGroup>::new();
    bump_after(action);
    let form = form_state(action);
    let id = Signal::stored(service.with_untracked(|service| service.summary.id.to_string()));
    let newest = Signal::derive(move || service.with(|service| service.revision));
    let revision = seen_revision(newest, action.version().into());
    let name = service.with_untracked(|service| service.group.as_ref().map(|(group, _)| group.name.to_string()));
    let fields = may.then(|| {
        view! {
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=id />
                    <Hidden name="revision" value=revision />
                    <TextField
                        name="group"
                        label=tr!(groups.name)
                        hint=tr!(groups.join_hint)
                        value=form.value("group", &name.unwrap_or_default())
                        error=form.field("group")
                        maxlength=63
                        mono=true
                    />
                    <FormActions>
                        <Button label=tr!(layout.save) kind=ButtonKind::Primary pending=form.pending />
                    </FormActions>
                </div>
            </ActionForm>
        }
    });
    view! { <Section title=tr!(groups.one) description=tr!(groups.hint)>{link} {fields}</Section> }.into_any()
}

#[component]
fn PlaceForm(service: Fresh<ServiceDetail>, place: Place, may: bool) -> impl IntoView {
    let action = ServerAction::<SetPlace>::new();
    bump_after(action);
    let form = form_state(action);
    let id = Signal::stored(service.with_untracked(|service| service.summary.id.to_string()));
    let newest = Signal::derive(move || service.with(|service| service.revision));
    let revision = seen_revision(newest, action.version().into());
    let header = place.header.as_ref().map(|header| header.text()).unwrap_or_default();
    let standalone = form.value("standalone", if place.standalone { "on" } else { "" }) == "on";
    view! {
        <Section title=tr!(groups.place) description=tr!(groups.place_hint)>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="id" value=id />
                    <Hidden name="revision" value=revision />
                    <NumberField
                        name="draft[weight]"
                        label=tr!(groups.weight)
                        hint=tr!(groups.weight_hint)
                        value=form.value("weight", &place.weight.to_string())
                        error=form.field("weight")
                        disabled=Signal::stored(!may)
                    />
                    <TextField
                        name="draft[header]"
                        label=tr!(groups.header)
                        hint=tr!(groups.header_hint)
                        value=form.value("header", &header)
                        error=form.field("header")
                        placeholder="x-canary: yes"
                        mono=true
                        disabled=Signal::stored(!may)
                    />
                    <CheckField
                        name="draft[standalone]"
                        label=tr!(groups.standalone)
                        hint=tr!(groups.standalone_hint)
                        value="on"
                        checked=standalone
                        disabled=Signal::stored(!may)
                    />
                    {may
                        .then(|| {
                            view! {
                                <FormActions>
                                    <Button label=tr!(layout.save) pending=form.pending />
                                </FormActions>
                            }
                        })}
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}
