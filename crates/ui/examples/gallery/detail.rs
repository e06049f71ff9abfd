use crate::shell::console;
use leptos::prelude::*;
use ui::*;

pub fn page() -> AnyView {
    console(
        "Gateways",
        Box::new(|| {
            view! {
        <PageHeader
            title="llm-prod"
            badge=view! { <StatusBadge tone=Tone::Warn label="Degraded" title="1 engine has not loaded version 42" /> }
            subtitle=view! {
                <CopyText text="gw-7f3a91c2" label="Copy ID" done="Copied" />
                <span>"Fully managed · 4c8g × 2"</span>
                <TimeStamp prefix="Created" iso="2026-11-22T16:40:05Z" utc_text="2026-11-22 16:40 UTC" />
            }
            breadcrumbs=vec![Crumb::link("Gateways", "/gateways"), Crumb::here("llm-prod")]
            breadcrumbs_label="Breadcrumbs"
            actions=view! {
                <LinkButton href="?try" icon=IconName::Terminal>"Invoke"</LinkButton>
                <Menu label="Actions">
                    <MenuItem label="Edit" href="edit" icon=IconName::Edit />
                    <MenuItem label="Stop" icon=IconName::Stop />
                    <Divider />
                    <MenuItem label="Delete…" href="delete" icon=IconName::Trash danger=true />
                </Menu>
            }
        />
        <Tabs label="llm-prod" items=vec![
            TabItem::new("Overview", "?", true), TabItem::new("Access", "access", false),
            TabItem { count: Some(3), ..TabItem::new("Domains", "domains", false) },
            TabItem { count: Some(12), ..TabItem::new("Services", "services", false) },
            TabItem::new("Logs", "logs", false), TabItem::new("Monitoring", "m", false), TabItem::new("Settings", "s", false),
        ] />
        <Callout tone=Tone::Warn title="1 of 2 engines still runs version 41">
            <p>"host-b was last heard 3 minutes ago. Requests are served by host-a. " <TextLink href="/engines">"See engines"</TextLink></p>
        </Callout>
        <div class="my-6">
            <StatGrid>
                <Stat label="Requests/s" value="1,284" hint="peak 1,902 today" />
                <Stat label="Success" value="99.97 %" hint="last 15 minutes" />
                <Stat label="p95 first byte" value="182 ms" />
                <Stat label="Connections" value="3,110" hint="of 20,000" />
            </StatGrid>
        </div>
        <Section title="Endpoints" description="Where clients reach this gateway." actions=view! { <LinkButton href="access">"Manage access"</LinkButton> }>
            <DescriptionList>
                <DescriptionItem term="Internet"><CopyText text="http://127.0.0.1:18100" label="Copy" done="Copied" /></DescriptionItem>
                <DescriptionItem term="By name"><CopyText text="https://gw-7f3a91c2.local.gw.localhost:8443" label="Copy" done="Copied" /></DescriptionItem>
                <DescriptionItem term="VPC"><Badge label="off" /> " Not linked to a VPC. " <TextLink href="vpc">"Link one"</TextLink></DescriptionItem>
                <DescriptionItem term="Documentation"><TextLink href="https://example.com/d" external=true>"Calling a service"</TextLink></DescriptionItem>
            </DescriptionList>
        </Section>
        <Section title="Try it">
            <CodeBlock copy_label="Copy" copied_label="Copied"
                text="curl http://127.0.0.1:18100/api/predict/qwen/v1/chat/completions \\\n  -H 'Authorization: Bearer $TOKEN' \\\n  -d '{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'" />
        </Section>
        <Section title="Public access" description="When on, clients in the whitelist reach this gateway from the Internet.">
            <form class="flex items-center gap-2"><Switch on=true label="Public access" /><span id="sw">"On for 3 address blocks"</span></form>
        </Section>
    }.into_any()
        }),
    )
}
