//! A service's tokens: masked until they are revealed, which is noted in the audit.

pub mod api;
mod change;
mod create;
mod row;
mod times;

use crate::context::use_viewer;
use crate::layout::Fresh;
use create::Create;
use domain::id::TokenId;
use domain::role::Permission;
use domain::view::{ServiceDetail, TokenView};
use leptos::prelude::*;
use row::row;
pub use times::overlaps;
use ui::{Column, DataTable, Section};

/// The token that was revealed on this page.
pub type Revealed = RwSignal<Option<(TokenId, String)>>;

#[component]
pub fn Tokens(service: Fresh<ServiceDetail>, revealed: Revealed) -> impl IntoView {
    // Uses come by themselves; they must not build the rows again below somebody's hands.
    let tokens = Memo::new(move |_| {
        let mut tokens = service.with(|service| service.invocation.tokens.clone());
        tokens.iter_mut().for_each(|token| token.last_used = None);
        tokens
    });
    let table = move || {
        let tokens = tokens.get();
        if tokens.is_empty() {
            return view! { <p class="muted">{tr!(tokens.none)}</p> }.into_any();
        }
        let head = vec![
            Column::new(tr!(invocation.token)),
            Column::new(tr!(gateways.created)),
            Column::new(tr!(tokens.expires)),
            Column::new(tr!(tokens.last_used)),
        ];
        let valid = tokens.iter().filter(|token| !token.expired).count();
        let rows: Vec<_> =
            tokens.iter().map(|token| row(service, token, revealed, valid == 1 && !token.expired)).collect();
        view! {
            <DataTable caption=tr!(invocation.token) head>
                {rows}
            </DataTable>
        }
        .into_any()
    };
    let create = use_viewer().may(Permission::DeployServices).then(|| view! { <Create service /> });
    view! { <Section title=tr!(invocation.token) description=tr!(invocation.token_hint)>{table} {create}</Section> }
        .into_any()
}

/// What it is for, or which one it is.
pub fn token_name(token: &TokenView) -> String {
    if token.label.is_empty() { token.id.to_string() } else { format!("{} ({})", token.label, token.id) }
}
