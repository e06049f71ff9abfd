//! Tokens as the console shows them.

use crate::Control;
use crate::desired::Token;
use domain::service::is_valid;
use domain::view::TokenView;
use std::cmp::Reverse;

/// Those that let somebody in first, the newest of them before the others.
pub(in crate::services) fn views(control: &Control, tokens: &[Token]) -> Vec<TokenView> {
    let now = control.now();
    let view = |Token { row, .. }: &Token| TokenView {
        id: row.id.clone(),
        label: row.label.clone(),
        revision: row.revision,
        created_at: row.created_at,
        expires_at: row.expires_at,
        expired: !is_valid(row.expires_at, now),
        last_used: control.inner.token_uses.of(&row.id),
    };
    let mut views: Vec<TokenView> = tokens.iter().map(view).collect();
    views.sort_by_key(|view| (view.expired, Reverse(view.created_at), view.id.clone()));
    views
}
