//! Ordering a certificate. The server's directory is in the address, so that each step has one and works without a script.

use super::api::{OrderCertificate, start_acme};
use super::fields::fields;
use super::register::register;
use crate::context::form_state;
use crate::error::ApiError;
use crate::layout::LoadError;
use crate::paths;
use crate::texts::use_texts;
use domain::certificate::OrderDraft;
use domain::certificate::PUBLIC_DIRECTORIES;
use domain::error::Invalid;
use domain::view::{AcmeAccountView, AcmeStart};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Card, Crumb, FormActions, Hidden, LinkButton, PageHeader, PageTitle, Section, TextField,
    TextLink,
};

#[component]
pub fn Order() -> impl IntoView {
    let query = use_query_map();
    let place =
        Memo::new(move |_| query.with(|query| (query.get("directory").unwrap_or_default(), query.get("account"))));
    let asked = Resource::new_blocking(move || place.get(), |(directory, _)| start(directory));
    let title = tr!(acme.title);
    let crumbs = vec![Crumb::link(tr!(certificates.title), paths::CERTIFICATES), Crumb::here(title.clone())];
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title subtitle=tr!(acme.subtitle) breadcrumbs=crumbs breadcrumbs_label=tr!(layout.breadcrumbs) />
        <Transition>
            {move || Suspend::new(async move {
                match asked.await {
                    Ok(begun) => step(place.get_untracked().0.trim().to_owned(), begun),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// With why the directory may not be used, if so: the others are to choose from all the same.
type Begun = (AcmeStart, Option<Invalid>);

async fn start(directory: String) -> Result<Begun, ApiError> {
    let refused = match start_acme(directory).await {
        Err(ApiError::Invalid { fields }) => fields.get("directory").cloned().ok_or(ApiError::Invalid { fields })?,
        begun => return Ok((begun?, None)),
    };
    Ok((start_acme(String::new()).await?, Some(refused)))
}

fn step(directory: String, (start, refused): Begun) -> AnyView {
    let account = start.accounts.iter().find(|account| account.directory == directory).cloned();
    match (account, start.server) {
        (Some(account), _) => order(account, start.domains),
        (None, Some(server)) => register(directory, server),
        (None, None) => {
            let texts = use_texts();
            let failed = start.failure.map(|failure| texts.failure(failure));
            choose(directory, start.accounts, failed.or(refused.map(|refused| texts.invalid(&refused))))
        }
    }
}

/// Which server: one that there is an account with, a public one, or any other.
fn choose(directory: String, accounts: Vec<AcmeAccountView>, error: Option<String>) -> AnyView {
    let link = |(name, directory): (String, String)| {
        view! {
            <li>
                <TextLink href=paths::order_certificate(&directory)>{name}</TextLink>
                <div class="muted wrap-anywhere">{directory}</div>
            </li>
        }
        .into_any()
    };
    let own = |each: &AcmeAccountView| {
        let (href, account) = (paths::order_certificate(&each.directory), paths::acme_account(&each.id));
        let (name, directory) = (called(each), each.directory.clone());
        let label = format!("{} {name}", tr!(acme_account.edit));
        view! {
            <li>
                <TextLink href>{name}</TextLink>
                " · "
                <TextLink href=account>{label}</TextLink>
                <div class="muted wrap-anywhere">{directory}</div>
            </li>
        }
        .into_any()
    };
    let known: Vec<AnyView> = accounts.iter().map(own).collect();
    let is_new = |directory: &str| !accounts.iter().any(|account| account.directory == directory);
    let public = PUBLIC_DIRECTORIES.into_iter().filter(|(_, directory)| is_new(directory));
    let public: Vec<AnyView> = public.map(|(name, directory)| link((name.into(), directory.into()))).collect();
    let known = (!known.is_empty()).then(|| {
        view! {
            <Section title=tr!(acme.known)>
                <ul class="bullets">{known}</ul>
            </Section>
        }
    });
    view! {
        {known}
        <Section title=tr!(acme.servers) description=tr!(acme.servers_hint)>
            <ul class="bullets">{public}</ul>
            <form method="get" action=paths::ORDER_CERTIFICATE>
                <div class="stack">
                    <TextField
                        name="directory"
                        label=tr!(acme.directory)
                        hint=tr!(acme.directory_hint)
                        value=directory
                        error=Signal::stored(error)
                        kind="url"
                        required=true
                        maxlength=500
                    />
                    <FormActions>
                        <Button label=tr!(acme.next) kind=ButtonKind::Primary />
                        <LinkButton href=paths::CERTIFICATES>{tr!(layout.cancel)}</LinkButton>
                    </FormActions>
                </div>
            </form>
        </Section>
    }
    .into_any()
}

fn order(account: AcmeAccountView, domains: Vec<String>) -> AnyView {
    let action = ServerAction::<OrderCertificate>::new();
    let form = form_state(action);
    let check = form.check(|order: OrderCertificate| {
        OrderDraft { name: order.name, names: order.names, challenge: order.challenge }.check()
    });
    view! {
        <Card title=called(&account)>
            <div on:submit:capture=check>
                <ActionForm action>
                    <div class="stack">
                        <Hidden name="account" value=Signal::stored(account.id.to_string()) />
                        {fields(&form, "", &domains.join("\n"), "http_01")}
                        <FormActions>
                            <Button label=tr!(acme.order) kind=ButtonKind::Primary pending=form.pending />
                            <LinkButton href=paths::ORDER_CERTIFICATE>{tr!(layout.back)}</LinkButton>
                        </FormActions>
                    </div>
                </ActionForm>
            </div>
        </Card>
    }
    .into_any()
}

/// As people call it, or else by its server.
pub(super) fn called(account: &AcmeAccountView) -> String {
    if account.name.is_empty() { host(&account.directory).to_owned() } else { account.name.clone() }
}

/// For people.
pub(super) fn host(directory: &str) -> &str {
    let rest = directory.split_once("://").map_or(directory, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
