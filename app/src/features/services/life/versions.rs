//! What the service said before, and the way back.

use super::super::detail::{Header, Tab, of_address};
use super::api::{CloneService, RollBack, service_versions};
use super::words::why;
use crate::context::{form_state, use_viewer};
use crate::error::ApiError;
use crate::layout::{Fresh, LoadError, When, bump_after, fresh, id_of_address};
use domain::id::ServiceId;
use domain::role::Permission;
use domain::view::{ServiceDetail, VersionChange, VersionView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Badge, Button, Column, DataTable, FormError, Hidden, Section, TextField, Tone, Toolbar};

#[component]
pub fn Versions() -> impl IntoView {
    let id = id_of_address::<ServiceId>();
    let versions = Resource::new_blocking(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => service_versions(id).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    of_address(move |service| {
        let may = use_viewer().may(Permission::DeployServices);
        let id = service.with_untracked(|service| service.summary.id.clone());
        view! {
            <Header service tab=Tab::Versions />
            <Transition>
                {move || {
                    let asked = id.clone();
                    Suspend::new(async move {
                        match versions.await {
                            Ok(first) => {
                                let news = fresh(first, move || service_versions(asked.clone()));
                                list(service, news, may)
                            }
                            Err(error) => view! { <LoadError error /> }.into_any(),
                        }
                    })
                }}
            </Transition>
            {may.then(|| view! { <Copy service /> })}
        }
        .into_any()
    })
}

fn list(service: Fresh<ServiceDetail>, versions: Fresh<Vec<VersionView>>, may: bool) -> AnyView {
    let back = ServerAction::<RollBack>::new();
    bump_after(back);
    let form = form_state(back);
    let table = move || {
        let head = vec![
            Column::numeric(tr!(life.version)),
            Column::new(tr!(life.why)),
            Column::new(tr!(life.when)),
            Column::new(tr!(life.who)),
            Column::new(tr!(life.differs)),
            Column::hidden(tr!(life.actions)),
        ];
        let rows = versions.get().into_iter().map(|version| row(service, version, may.then_some(back)));
        let rows: Vec<AnyView> = rows.collect();
        view! { <DataTable caption=tr!(life.versions) head>{rows}</DataTable> }
    };
    view! { <FormError message=form.general() /> {table} }.into_any()
}

fn row(service: Fresh<ServiceDetail>, version: VersionView, back: Option<ServerAction<RollBack>>) -> AnyView {
    let id = Signal::stored(service.with_untracked(|service| service.summary.id.to_string()));
    let revision = Signal::derive(move || service.with(|service| service.revision.to_string()));
    let number = version.number;
    let button = back.filter(|_| !version.is_wanted).map(|action| {
        view! {
            <ActionForm action>
                <Hidden name="id" value=id />
                <Hidden name="revision" value=revision />
                <Hidden name="version" value=Signal::stored(number.to_string()) />
                <Button label=tr!(life.roll_back_to, version = number) />
            </ActionForm>
        }
    });
    let wanted = version.is_wanted.then(|| view! { <Badge tone=Tone::Good label=tr!(life.wanted) /> });
    view! {
        <tr>
            <th scope="row" class="num">{number} " " {wanted}</th>
            <td data-label=tr!(life.why)>{why(version.why)}</td>
            <td data-label=tr!(life.when)><When at=version.created_at /></td>
            <td data-label=tr!(life.who)>{version.created_by.unwrap_or_else(|| "–".into())}</td>
            <td class="wrap" data-label=tr!(life.differs)>{version.changes.into_iter().map(change).collect::<Vec<_>>()}</td>
            <td class="actions">{button}</td>
        </tr>
    }
    .into_any()
}

fn change(change: VersionChange) -> AnyView {
    let shown = |value: Option<String>| value.unwrap_or_else(|| "…".into());
    view! { <div><code class="wrap-anywhere">{format!("{}: {} → {}", change.key, shown(change.then), shown(change.now))}</code></div> }
        .into_any()
}

#[component]
fn Copy(service: Fresh<ServiceDetail>) -> impl IntoView {
    let action = ServerAction::<CloneService>::new();
    let form = form_state(action);
    let id = Signal::stored(service.with_untracked(|service| service.summary.id.to_string()));
    view! {
        <Section title=tr!(life.clone) description=tr!(life.clone_hint) id="clone">
            <FormError message=form.general() />
            <ActionForm action>
                <Hidden name="id" value=id />
                <Toolbar>
                    <TextField
                        name="name"
                        label=tr!(services.name)
                        value=form.value("name", "")
                        error=form.field("name")
                        required=true
                    />
                    <Button label=tr!(life.clone) pending=form.pending />
                </Toolbar>
            </ActionForm>
        </Section>
    }
    .into_any()
}
