//! The call as it can be pasted; the token stands in it once it is revealed. Which client and which endpoint stands in
//! the address, so it works without JavaScript.

use super::super::tokens::Revealed;
use crate::layout::Fresh;
use crate::paths::{self, encode};
use domain::snippet::{Call, Client};
use domain::view::{Door, EndpointView, Invocation, ServiceDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{Callout, CodeBlock, Section, TabItem, Tabs, Tone};

/// What is shown, apart from the token.
#[derive(Clone, PartialEq)]
struct Shown {
    invocation: Invocation,
    name: String,
    client: Client,
    /// Which of the endpoints.
    at: usize,
}

#[component]
pub(super) fn Snippets(service: Fresh<ServiceDetail>, revealed: Revealed) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let client = query.get("client").and_then(|code| Client::of_code(&code));
            (client, query.get("endpoint").unwrap_or_default())
        })
    });
    let here = service.with_untracked(|service| paths::invocation(&service.summary.id));
    let shown = Memo::new(move |_| {
        let (client, endpoint) = asked.get();
        service.with(|service| {
            let all = &service.invocation;
            let at = doors(all).position(|door| door.url == endpoint).unwrap_or(0);
            let door = doors(all).nth(at)?;
            let name = service.summary.name.to_string();
            let clients = call(all, door, &name, None).clients();
            let client = client.filter(|client| clients.contains(client)).unwrap_or(Client::Curl);
            let mut invocation = all.clone();
            // Uses and edits of tokens change nothing here.
            invocation.tokens.clear();
            Some(Shown { invocation, name, client, at })
        })
    });
    move || shown.get().map(|shown| section(shown, &here, revealed))
}

/// Where there is no public one, a client inside of the VPC tries it.
fn doors(all: &Invocation) -> impl Iterator<Item = &EndpointView> {
    all.internet.iter().chain(&all.vpc)
}

fn call<'a>(all: &Invocation, door: &'a EndpointView, service: &'a str, token: Option<&'a str>) -> Call<'a> {
    Call {
        url: &door.url,
        service,
        token,
        local_authority: door.door == Door::NameTls && door.certificate.is_none(),
        openai: all.openai,
        grpc: all.grpc,
    }
}

fn section(shown: Shown, here: &str, revealed: Revealed) -> AnyView {
    let Shown { invocation, name, client, at } = shown;
    let all: Vec<&EndpointView> = doors(&invocation).collect();
    let Some(door) = all.get(at).copied().cloned() else { return ().into_any() };
    let address = |client: Client, url: &str| format!("{here}?client={}&endpoint={}", client.code(), encode(url));
    let clients = call(&invocation, &door, &name, None).clients();
    let clients = clients
        .into_iter()
        .map(|each| TabItem::new(each.name(), address(each, &door.url), each == client))
        .collect::<Vec<_>>();
    let endpoint = |(n, each): (usize, &&EndpointView)| {
        let (href, url) = (address(client, &each.url), each.url.clone());
        view! {
            <li>
                <a class="label-chip" href=href aria-current=(n == at).then_some("true")>
                    {url}
                </a>
            </li>
        }
        .into_any()
    };
    let endpoints = (all.len() > 1).then(|| {
        let links = all.iter().enumerate().map(endpoint).collect::<Vec<_>>();
        view! { <ul class="label-chips" aria-label=tr!(calling.endpoint)>{links}</ul> }
    });
    let of = call(&invocation, &door, &name, None);
    let root = of.local_authority.then(|| {
        let file = view! { <a href=paths::LOCAL_CA rel="external" download>{tr!(endpoints.root)}</a> };
        view! { <Callout tone=Tone::Info>{tr!(calling.local_authority)} " " {file}</Callout> }
    });
    let grpc = (client == Client::Grpc).then(|| view! { <p class="muted">{tr!(calling.grpc)}</p> });
    let text = move || {
        let secret = revealed.with(|revealed| revealed.as_ref().map(|(_, secret)| secret.clone()));
        let text = call(&invocation, &door, &name, secret.as_deref()).text(client);
        view! { <CodeBlock text copy_label=tr!(layout.copy) copied_label=tr!(layout.copied) /> }
    };
    view! {
        <Section title=tr!(invocation.call) description=tr!(invocation.call_hint)>
            <Tabs label=tr!(calling.client) items=clients />
            <div class="stack">{endpoints} {root} {grpc} {text}</div>
        </Section>
    }
    .into_any()
}
