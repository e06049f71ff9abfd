use crate::shell::console;
use leptos::prelude::*;
use ui::*;

pub fn page() -> AnyView {
    let step = |label, state| StepItem { href: Some("#".into()), ..StepItem::new(label, state) };
    console(
        "Gateways",
        Box::new(move || {
            view! {
        <PageHeader title="Create gateway" breadcrumbs=vec![Crumb::link("Gateways", "/gateways"), Crumb::here("Create")] breadcrumbs_label="Breadcrumbs" />
        <div class="grid gap-8 lg:grid-cols-[13rem_minmax(0,42rem)]">
            <Steps label="Steps" items=vec![
                StepItem { state_text: Some("done".into()), ..step("Type", StepState::Done) },
                step("Specification", StepState::Current), step("Network", StepState::Failed),
                StepItem::new("Review", StepState::Upcoming),
            ] />
            <form>
                <FormError message="Two fields need your attention.".to_string() />
                <TextField name="name" label="Name" value="LLM Prod" mono=true required=true
                    error="Use lower-case letters, digits and hyphens.".to_string()
                    hint="1–63 characters. Part of the gateway's host name." />
                <RadioCards name="spec" legend="Specification" value="4c8g" options=vec![
                    RadioCard { badge: Some("Recommended".into()), ..RadioCard::new("4c8g", "4c8g", "20,000 connections, 1,000 new TLS handshakes per second") },
                    RadioCard::new("2c4g", "2c4g", "10,000 connections, 500 new TLS handshakes per second"),
                    RadioCard::new("8c16g", "8c16g", "40,000 connections, 2,000 new TLS handshakes per second"),
                    RadioCard { disabled: true, ..RadioCard::new("16c32g", "16c32g", "Needs 16 cores; the largest host has 12.") },
                ] />
                <NumberField name="nodes" label="Nodes" value=2 min=2 max=32 unit="nodes" hint="At least two, so that one may fail." />
                <SelectField name="zone" label="Zone" value="b" options=vec![SelectOption::new("a", "local-a"), SelectOption::new("b", "local-b")] />
                <TextArea name="whitelist" label="Whitelist" optional_text="optional" mono=true
                    value="10.0.0.0/8\n203.0.113.300/32" error="Line 2: 203.0.113.300 is not an address.".to_string()
                    hint="One CIDR block a line, at most 15." />
                <TextField name="note" label="Note" placeholder="What is it for?" optional_text="optional" />
                <CheckField name="protect" label="Protect from deletion" checked=true hint="Deleting then needs one more step." />
                <CheckField name="terms" label="I know that this address becomes public" />
                <FormActions>
                    <Button label="Continue" kind=ButtonKind::Primary />
                    <Button label="Back" name="op" value="back" />
                    <Button label="Cancel" kind=ButtonKind::Ghost />
                </FormActions>
            </form>
        </div>
    }.into_any()
        }),
    )
}
