//! What all pages of one object have in common: it is read by the id in the address, and has a header with tabs.

use super::{Fresh, LoadError, Refresh, fresh};
use crate::error::ApiError;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use ui::{CopyText, Crumb, PageHeader, PageTitle, Slot, TabItem, Tabs};

/// Reads the object of the address and hands it to the page, which is built once and follows the news.
/// `None` where it is none. What else a page shows of the object is asked for by this, beside the object and not behind
/// it: the server makes what stands behind an answer several times, and would send the browser what was read first with
/// the page that was made of what was read last.
pub fn id_of_address<I: FromStr + Clone + PartialEq + Send + Sync + 'static>() -> Memo<Option<I>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<I>().ok()))
}

pub fn of_address<I, T, F>(
    read: fn(I) -> F,
    page: impl Fn(Fresh<T>) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView
where
    I: FromStr + Clone + PartialEq + Send + Sync + 'static,
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let id = id_of_address::<I>();
    let ask = move |id: Option<I>| async move {
        match id {
            Some(id) => read(id).await,
            None => Err(ApiError::NotFound),
        }
    };
    let object = Resource::new_blocking(move || id.get(), ask);
    view! {
        <Transition>
            {move || {
                let asked = id.get_untracked();
                Suspend::new(async move {
                    match object.await {
                        Ok(first) => page(fresh(first, move || ask(asked.clone()))),
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// `status` is the badge; while the object is `moving` by itself, readers without a script get a way to look again.
#[component]
pub fn DetailHeader(
    name: String,
    id: String,
    list: Crumb,
    #[prop(into)] status: Slot,
    #[prop(into)] moving: Signal<bool>,
    actions: Slot,
    tabs_label: String,
    tabs: Vec<TabItem>,
) -> impl IntoView {
    let badge = view! {
        {status.0}
        {move || moving.get().then(|| view! { <Refresh /> })}
    };
    view! {
        <PageTitle text=name.clone() />
        <PageHeader
            title=name.clone()
            badge
            actions
            subtitle=view! { <CopyText text=id label=tr!(layout.copy) done=tr!(layout.copied) /> }
            breadcrumbs=vec![list, Crumb::here(name)]
            breadcrumbs_label=tr!(layout.breadcrumbs)
        />
        <Tabs label=tabs_label items=tabs />
    }
    .into_any()
}
