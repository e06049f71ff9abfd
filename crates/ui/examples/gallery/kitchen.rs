use crate::shell::console;
use leptos::prelude::*;
use ui::*;

const TONES: [(Tone, &str); 5] =
    [(Tone::Neutral, "Neutral"), (Tone::Info, "Info"), (Tone::Good, "Good"), (Tone::Warn, "Warn"), (Tone::Bad, "Bad")];

pub fn page() -> AnyView {
    console(
        "Overview",
        Box::new(|| {
            view! {
        <PageHeader title="Components" subtitle="Everything at once · 简体中文字体测试：推理网关 已运行" />
        <Section title="Buttons">
            <div class="flex flex-wrap gap-2">
                <Button label="Primary" kind=ButtonKind::Primary /> <Button label="Secondary" />
                <Button label="Ghost" kind=ButtonKind::Ghost /> <Button label="Delete gateway" kind=ButtonKind::Danger icon=IconName::Trash />
                <Button label="Saving" kind=ButtonKind::Primary pending=true /> <Button label="Disabled" disabled=true />
                <CopyButton text="x" label="Copy token" done="Copied" labelled=true />
                <IconButton icon=IconName::Trash label="Remove" danger=true /> <IconButton icon=IconName::Close label="Close" disabled=true />
                <Switch on=false label="Off" /> <Switch on=true label="On" /> <Switch on=true label="Locked" disabled=true />
            </div>
        </Section>
        <Section title="Tones">
            <div class="grid gap-2">
                {TONES.map(|(tone, label)| view! {
                    <div class="flex flex-wrap items-center gap-3"><StatusBadge tone label /><Badge tone label /><Badge tone label icon=IconName::Lock /></div>
                    <Callout tone title=label>"A gateway is running when an engine that serves it has loaded its configuration. " <TextLink href="/">"Read more"</TextLink></Callout>
                }).collect_view()}
                <FormError message="The form could not be saved.".to_string() />
                <Flash tone=Tone::Info message="Saved as version 43." dismiss_label="Dismiss" />
            </div>
        </Section>
        <Section title="Cards">
            <div class="grid gap-4 lg:grid-cols-2">
                <Card title="Engines" actions=view! { <LinkButton href="/" kind=ButtonKind::Ghost>"All"</LinkButton> } flush=true>
                    <DescriptionList>
                        <DescriptionItem term="host-a"><StatusBadge tone=Tone::Good label="Version 42" /></DescriptionItem>
                        <DescriptionItem term="host-b"><StatusBadge tone=Tone::Info label="Loading 42" busy=true /></DescriptionItem>
                    </DescriptionList>
                </Card>
                <Card title="Plain">"A panel with a sentence." <Divider /> "And another."</Card>
            </div>
        </Section>
        <Section title="Fields">
            <div class="grid max-w-xl">
                <TextField name="a" label="Disabled" value="fixed" disabled=true /> <TextField name="b" label="Read only" value="gw-1" readonly=true mono=true />
                <CheckField name="c" label="Unchecked" error="This must be checked.".to_string() /> <CheckField name="d" label="Disabled" disabled=true checked=true />
                <RadioCards name="e" legend="Broken choice" options=vec![RadioCard::new("1", "One", ""), RadioCard::new("2", "Two", "")] error="Choose one.".to_string() />
                <Hidden name="rev" value="7" />
            </div>
        </Section>
        <Section title="Icons">
            <div class="flex flex-wrap gap-3">{IconName::ALL.iter().map(|&name| view! { <Icon name /> }).collect_view()}</div>
            <div class="mt-4 flex flex-wrap gap-3">{IconName::ALL.iter().map(|&name| view! { <Icon name class="size-8" /> }).collect_view()}</div>
        </Section>
    }.into_any()
        }),
    )
}
