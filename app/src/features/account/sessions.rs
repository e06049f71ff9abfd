//! Where one is signed in, and ending it.

use super::api::{RevokeSession, SessionView, list_sessions};
use crate::context::form_state;
use crate::layout::{LoadError, When};
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Badge, Button, Column, DataTable, FormError, Hidden, Section, Tone};

#[component]
pub fn Sessions() -> impl IntoView {
    let action = ServerAction::<RevokeSession>::new();
    let form = form_state(action);
    let sessions = Resource::new_blocking(move || action.version().get(), |_| list_sessions());
    view! {
        <Section title=tr!(account.sessions) description=tr!(account.sessions_hint)>
            <FormError message=form.general() />
            <Transition>
                {move || Suspend::new(async move {
                    match sessions.await {
                        Ok(sessions) => table(sessions, action),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })}
            </Transition>
        </Section>
    }
    .into_any()
}

/// "Firefox · Linux": enough to know one's own again. What is not recognised is shown as it is.
fn browser(user_agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    let program = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} · {system}"),
        (Some(program), None) => program.into(),
        _ => user_agent.chars().take(60).collect(),
    }
}

fn table(sessions: Vec<SessionView>, action: ServerAction<RevokeSession>) -> AnyView {
    let head = vec![
        Column::new(tr!(account.browser)),
        Column::new(tr!(account.address)),
        Column::new(tr!(account.last_seen)),
        Column::hidden(tr!(layout.actions)),
    ];
    let row = move |session: SessionView| {
        let end = if session.current {
            view! { <Badge tone=Tone::Info label=tr!(account.current) /> }.into_any()
        } else {
            view! {
                <ActionForm action>
                    <Hidden name="id" value=Signal::stored(session.id.to_string()) />
                    <Button label=tr!(account.end) />
                </ActionForm>
            }
            .into_any()
        };
        view! {
            <tr>
                <th scope="row" title=session.user_agent.clone()>{browser(&session.user_agent)}</th>
                <td class="mono">{session.address}</td>
                <td data-label=tr!(account.last_seen)>
                    <When at=session.last_seen_at />
                </td>
                <td class="actions">{end}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <DataTable caption=tr!(account.sessions) head>
            {sessions.into_iter().map(row).collect::<Vec<_>>()}
        </DataTable>
    }
    .into_any()
}
