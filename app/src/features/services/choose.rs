//! Ways to deploy a service.

use super::api::service_templates;
use crate::layout::LoadError;
use crate::paths;
use domain::view::TemplateView;
use leptos::prelude::*;
use ui::{ButtonKind, Card, Crumb, IconName, LinkButton, PageHeader, PageTitle, Section};

pub(super) fn crumbs(here: String) -> Vec<Crumb> {
    vec![Crumb::link(tr!(services.title), paths::SERVICES), Crumb::here(here)]
}

#[component]
pub fn ChooseDeployment() -> impl IntoView {
    let title = tr!(services.deploy);
    let templates = Resource::new_blocking(|| (), |()| service_templates());
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title=title.clone() breadcrumbs=crumbs(title) breadcrumbs_label=tr!(layout.breadcrumbs) />
        <Section title=tr!(deploy.custom_section)>
            <div class="card-grid">
                <Card title=tr!(deploy.custom)>
                    <p>{tr!(deploy.custom_for)}</p>
                    <LinkButton href=paths::NEW_CUSTOM_SERVICE kind=ButtonKind::Primary icon=IconName::Terminal>
                        {tr!(deploy.custom)}
                    </LinkButton>
                </Card>
                <Card title=tr!(wizard.json_deployment)>
                    <p>{tr!(wizard.json_for)}</p>
                    <LinkButton href=paths::NEW_JSON_SERVICE>{tr!(wizard.json_deployment)}</LinkButton>
                </Card>
            </div>
        </Section>
        <Section title=tr!(wizard.templates) description=tr!(wizard.templates_hint)>
            <Suspense>
                {move || Suspend::new(async move {
                    match templates.await {
                        Ok(all) => {
                            let cards: Vec<AnyView> = all.into_iter().map(card).collect();
                            view! { <div class="card-grid">{cards}</div> }.into_any()
                        }
                        Err(error) => view! { <LoadError error /> }.into_any(),
                    }
                })}
            </Suspense>
        </Section>
    }
    .into_any()
}

fn card(template: TemplateView) -> AnyView {
    let ways: Vec<String> = template.ways.iter().map(|way| way_text(way)).collect();
    let (href, program) = (paths::from_template(&template.id), template.program.clone());
    view! {
        <Card title=template.program>
            <p class="muted">{ways.join(" · ")}</p>
            <LinkButton href aria_label=tr!(wizard.use_template, name = program)>{tr!(wizard.choose)}</LinkButton>
        </Card>
    }
    .into_any()
}

fn way_text(way: &str) -> String {
    match way {
        "container" => tr!(wizard.container),
        "external" => tr!(wizard.external),
        _ => tr!(wizard.process),
    }
}
