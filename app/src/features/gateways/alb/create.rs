//! Creating an ALB gateway: a name, once the service-linked role is granted.

use super::super::api::{CreateAlb, GrantAlbRole, alb_role_granted};
use super::super::kind::crumbs;
use crate::context::form_state;
use crate::layout::LoadError;
use crate::paths;
use domain::gateway::AlbDraft;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Button, ButtonKind, Callout, Card, FormActions, FormError, LinkButton, PageHeader, PageTitle, TextField, Tone,
};

#[component]
pub fn NewAlb() -> impl IntoView {
    let grant = ServerAction::<GrantAlbRole>::new();
    let granted = Resource::new_blocking(move || grant.version().get(), |_| alb_role_granted());
    let title = tr!(new_alb.title);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader
            title=title.clone()
            subtitle=tr!(new_alb.subtitle)
            breadcrumbs=crumbs(title)
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Transition>
            {move || Suspend::new(async move {
                match granted.await {
                    Ok(true) => view! { <NameForm /> }.into_any(),
                    Ok(false) => view! { <GrantForm action=grant /> }.into_any(),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn GrantForm(action: ServerAction<GrantAlbRole>) -> impl IntoView {
    let form = form_state(action);
    view! {
        <Card title=tr!(new_alb.role_title)>
            <FormError message=form.general() />
            <Callout tone=Tone::Info>{tr!(new_alb.role_body)}</Callout>
            <ActionForm action>
                <FormActions>
                    <Button label=tr!(new_alb.grant) kind=ButtonKind::Primary pending=form.pending />
                    <LinkButton href=paths::NEW_GATEWAY>{tr!(layout.cancel)}</LinkButton>
                </FormActions>
            </ActionForm>
        </Card>
    }
    .into_any()
}

#[component]
fn NameForm() -> impl IntoView {
    let action = ServerAction::<CreateAlb>::new();
    let form = form_state(action);
    let check = form.check(|form: CreateAlb| AlbDraft { name: form.name }.validate());
    view! {
        <Card>
            <div on:submit:capture=check>
                <ActionForm action>
                    <div class="stack">
                        <FormError message=form.general() />
                        <TextField
                            name="name"
                            label=tr!(gateways.name)
                            hint=tr!(new_gateway.name_hint)
                            value=form.value("name", "")
                            error=form.field("name")
                            required=true
                            autofocus=true
                        />
                        <FormActions>
                            <Button label=tr!(new_alb.submit) kind=ButtonKind::Primary pending=form.pending />
                            <LinkButton href=paths::NEW_GATEWAY>{tr!(layout.cancel)}</LinkButton>
                        </FormActions>
                    </div>
                </ActionForm>
            </div>
        </Card>
    }
    .into_any()
}
