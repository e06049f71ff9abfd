use crate::shell::console;
use leptos::prelude::*;
use ui::*;

struct Row(&'static str, &'static str, &'static str, Tone, &'static str, bool, &'static str, &'static str);

const ROWS: [Row; 7] = [
    Row("llm-prod", "gw-7f3a91c2", "Fully managed", Tone::Good, "Running", false, "12", "1,284"),
    Row("vision-eu", "gw-1b80d4e7", "ALB", Tone::Good, "Running", false, "4", "310"),
    Row("embedding", "gw-c09e55aa", "Fully managed", Tone::Warn, "Degraded", false, "3", "97"),
    Row("staging", "gw-40d2f610", "ALB", Tone::Info, "Updating", true, "2", "5"),
    Row("speech-lab", "gw-93be0c71", "Fully managed", Tone::Bad, "Failed", false, "1", "0"),
    Row("batch-night", "gw-aa71e2b8", "Fully managed", Tone::Neutral, "Stopped", false, "0", "0"),
    Row("old-demo", "gw-5d6c13f0", "ALB", Tone::Neutral, "Unknown", false, "1", "—"),
];

pub fn page() -> AnyView {
    let rows = ROWS
        .map(|Row(name, id, kind, tone, status, busy, services, rps)| {
            let icon = match status {
                "Unknown" => IconName::Unknown,
                "Stopped" => IconName::Stop,
                _ => tone.icon(),
            };
            view! {
                <tr>
                    <th scope="row">
                        <TextLink href=format!("/gateways/{id}")>{name}</TextLink>
                    </th>
                    <td><CopyText text=id label="Copy ID" done="Copied" /></td>
                    <td>{kind}</td>
                    <td><StatusBadge tone label=status busy icon title="2 of 3 engines have loaded version 42" /></td>
                    <td class="num">{services}</td>
                    <td class="num">{rps}</td>
                    <td class="muted">
                        <TimeStamp iso="2026-11-22T16:40:05Z" utc_text="2026-11-22 16:40 UTC" />
                    </td>
                    <td class="actions">
                        <Menu label=format!("Actions for {name}") icon=IconName::More icon_only=true>
                        <MenuItem label="Edit" href="edit" icon=IconName::Edit />
                        <MenuItem label="Delete…" href="delete" icon=IconName::Trash danger=true />
                    </Menu>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let pages: Vec<_> = (1..=3).map(|n| PageLink { number: n, href: format!("?page={n}"), current: n == 1 }).collect();
    console(
        "Gateways",
        Box::new(move || {
            view! {
        <PageHeader
            title="Gateways"
            subtitle="Dedicated entry points for your model services."
            actions=view! { <LinkButton href="/gateways/new" kind=ButtonKind::Primary icon=IconName::Plus>"Create gateway"</LinkButton> }
        />
        <Flash message="Gateway llm-prod was created." dismiss_label="Dismiss" />
        <form class="mt-4">
            <Toolbar>
                <div class="w-64 max-w-full"><TextField name="q" label="Search" kind="search" placeholder="Name or ID" /></div>
                <SelectField name="status" label="Status" options=vec![SelectOption::new("", "Any"), SelectOption::new("running", "Running")] />
                <Button label="Filter" icon=IconName::Filter />
            </Toolbar>
            <Toolbar>
                <FilterChip label="Region: local" remove_href="?" remove_label="Remove filter Region" />
                <FilterChip label="Type: Fully managed" remove_href="?" remove_label="Remove filter Type" />
            </Toolbar>
        </form>
        <DataTable
            caption="Gateways"
            head=vec![
                Column::new("Name").sorted("?sort=-name", Some(Direction::Ascending)),
                Column::new("ID"),
                Column::new("Type"),
                Column::new("Status").sorted("?sort=status", None),
                Column::numeric("Services"),
                Column::numeric("Requests/s"),
                Column::new("Created").sorted("?sort=created", None),
                Column::hidden("Actions"),
            ]
        >{rows}</DataTable>
        <Pagination
            label="Pages" previous_label="Previous" next_label="Next" next=Some("?page=2".into())
            pages=pages
            summary="1–7 of 18 gateways"
        />
    }.into_any()
        }),
    )
}

pub fn empty() -> AnyView {
    console(
        "Services",
        Box::new(|| {
            view! {
        <PageHeader title="Services" subtitle="Models that run on your machines." />
        <Card flush=true>
            <EmptyState
                icon=IconName::Service
                title="No services yet"
                body="A service runs a model as one or more replicas. Deploy one and bind it to a gateway to receive requests."
                actions=view! {
                    <LinkButton href="/services/new" kind=ButtonKind::Primary icon=IconName::Plus>"Deploy a service"</LinkButton>
                    <LinkButton href="/docs/services">"How services work"</LinkButton>
                }
            />
        </Card>
    }.into_any()
        }),
    )
}
