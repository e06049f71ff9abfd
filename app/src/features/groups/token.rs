//! What opens a group.

use super::api::{RevealGroupToken, RotateGroupToken};
use super::detail::Shown;
use crate::context::{form_state, form_state_of, use_viewer};
use crate::features::services::overlaps;
use crate::layout::{When, bump_after, seen_revision};
use domain::role::Permission;
use domain::view::TokenView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{
    Badge, Button, Column, CopyText, DataTable, FormError, Hidden, IconName, Section, SelectField, Tone, Toolbar,
};

#[component]
pub fn Tokens(group: Shown) -> impl IntoView {
    let tokens = Memo::new(move |_| {
        let mut tokens = group.with(|group| group.tokens.clone());
        tokens.iter_mut().for_each(|token| token.last_used = None);
        tokens
    });
    let table = move || {
        let head = vec![
            Column::new(tr!(invocation.token)),
            Column::new(tr!(gateways.created)),
            Column::new(tr!(tokens.expires)),
        ];
        let rows: Vec<_> = tokens.get().into_iter().map(|token| row(group, token)).collect();
        view! {
            <DataTable caption=tr!(invocation.token) head>
                {rows}
            </DataTable>
        }
        .into_any()
    };
    let rotate = use_viewer().may(Permission::DeployServices).then(|| view! { <Rotate group /> });
    view! { <Section title=tr!(invocation.token) description=tr!(groups.token_hint)>{table} {rotate}</Section> }
        .into_any()
}

fn row(group: Shown, token: TokenView) -> AnyView {
    let ends = token.expires_at.map(|at| view! { <When at /> });
    let ends = match ends {
        Some(at) if token.expired => view! { <Badge tone=Tone::Warn label=tr!(tokens.expired) /> " " {at} }.into_any(),
        Some(at) => at.into_any(),
        None => tr!(tokens.never).into_any(),
    };
    let created = token.created_at;
    view! {
        <tr>
            <th scope="row" class="wrap">
                <Secret group token />
            </th>
            <td data-label=tr!(gateways.created)>
                <When at=created />
            </td>
            <td data-label=tr!(tokens.expires)>{ends}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Secret(group: Shown, token: TokenView) -> impl IntoView {
    let action = ServerAction::<RevealGroupToken>::new();
    let form = form_state_of(action, "id", token.id.as_str());
    let answer = form.answer();
    let may = use_viewer().may(Permission::RevealTokens);
    let of = Signal::stored(group.with_untracked(|group| group.summary.id.to_string()));
    let (id, pending) = (token.id.to_string(), form.pending);
    let shown = move || match action.value().get().or_else(|| answer.clone().map(Ok)) {
        Some(Ok(secret)) => {
            view! { <CopyText text=secret label=tr!(layout.copy) done=tr!(layout.copied) /> }.into_any()
        }
        _ => {
            let id = Signal::stored(id.clone());
            let button = may.then(|| {
                view! {
                    <ActionForm action>
                        <Hidden name="group" value=of />
                        <Hidden name="id" value=id />
                        <Button label=tr!(invocation.reveal) icon=IconName::Eye pending=pending />
                    </ActionForm>
                }
            });
            view! { <div class="actions-row"><code>"••••••••••••••••"</code> {button}</div> }.into_any()
        }
    };
    view! {
        <FormError message=form.general() />
        {shown}
    }
    .into_any()
}

#[component]
fn Rotate(group: Shown) -> impl IntoView {
    let action = ServerAction::<RotateGroupToken>::new();
    bump_after(action);
    let form = form_state(action);
    let id = Signal::stored(group.with_untracked(|group| group.summary.id.to_string()));
    let newest = Signal::derive(move || group.with(|group| group.revision));
    let revision = seen_revision(newest, action.version().into());
    view! {
        <FormError message=form.general() />
        <ActionForm action>
            <Hidden name="id" value=id />
            <Hidden name="revision" value=revision />
            <Toolbar>
                <SelectField
                    name="overlap"
                    label=tr!(tokens.overlap)
                    value=form.value("overlap", "86400")
                    error=form.field("overlap")
                    options=overlaps()
                />
                <Button label=tr!(tokens.rotate) pending=form.pending />
            </Toolbar>
        </ActionForm>
    }
    .into_any()
}
