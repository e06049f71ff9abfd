//! Ways to deploy a service.

use crate::paths;
use leptos::prelude::*;
use ui::{ButtonKind, Card, Crumb, IconName, LinkButton, PageHeader, PageTitle, Section};

pub(super) fn crumbs(here: String) -> Vec<Crumb> {
    vec![Crumb::link(tr!(services.title), paths::SERVICES), Crumb::here(here)]
}

#[component]
pub fn ChooseDeployment() -> impl IntoView {
    let title = tr!(services.deploy);
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title=title.clone() breadcrumbs=crumbs(title) breadcrumbs_label=tr!(layout.breadcrumbs) />
        <Section title=tr!(deploy.custom_section)>
            <Card title=tr!(deploy.custom)>
                <p>{tr!(deploy.custom_for)}</p>
                <LinkButton href=paths::NEW_CUSTOM_SERVICE kind=ButtonKind::Primary icon=IconName::Terminal>
                    {tr!(deploy.custom)}
                </LinkButton>
            </Card>
        </Section>
    }
    .into_any()
}
