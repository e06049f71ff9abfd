//! What a reader, a screen reader or an attacker would notice in the HTML the server writes.
#![cfg(feature = "ssr")]

use futures::{StreamExt, executor::block_on, stream};
use leptos::prelude::*;
use leptos_meta::{ServerMetaContext, provide_meta_context};
use ui::*;

const HOSTILE: &str = "</textarea></title><script>alert(1)</script>\"'&";

/// Without the empty comments that hydration goes by: how many there are depends on how the views are compiled.
fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    Owner::new().with(|| view().to_html()).replace("<!>", "")
}

fn contains(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "missing {part}\nin {html}");
    }
}

#[test]
fn a_text_area_keeps_hostile_text_as_text() {
    let html = html(|| view! { <TextArea name="list" label=HOSTILE value=HOSTILE hint=HOSTILE /> });
    assert!(!html.contains("<script"), "{html}");
    assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
    contains(&html, &["&lt;/textarea&gt;&lt;/title&gt;&lt;script&gt;alert(1)", "&amp;</textarea>"]);
}

#[test]
fn a_text_area_keeps_its_first_empty_line() {
    let html = html(|| view! { <TextArea name="list" label="List" value="\n10.0.0.0/8" /> });
    contains(&html, &[">\n\n10.0.0.0/8</textarea>"]);
}

#[test]
fn a_page_title_keeps_hostile_text_as_text() {
    let _ = any_spawner::Executor::init_futures_executor();
    let owner = Owner::new();
    let (meta, output) = ServerMetaContext::new();
    let body = owner.with(|| {
        provide_context(meta);
        provide_meta_context();
        view! { <PageTitle text=HOSTILE /> }.to_html()
    });
    let page = format!("<html><head><!--HEAD--></head><body>{body}</body></html>");
    let html: String =
        block_on(async { output.inject_meta_context(stream::iter([page])).await.collect::<Vec<_>>().await.concat() });
    assert!(!html.contains("<script"), "{html}");
    contains(&html, &["<title>&lt;/textarea&gt;&lt;/title&gt;&lt;script&gt;"]);
}

#[test]
fn hostile_text_stays_text_everywhere_else() {
    let html = html(|| {
        view! {
            <PageHeader title=HOSTILE breadcrumbs=vec![Crumb::link(HOSTILE, HOSTILE)] breadcrumbs_label=HOSTILE />
            <CopyText text=HOSTILE label=HOSTILE done=HOSTILE />
            <CodeBlock text=HOSTILE copy_label=HOSTILE />
            <SelectField name="s" label=HOSTILE options=vec![SelectOption::new(HOSTILE, HOSTILE)] />
            <Flash message=HOSTILE dismiss_label=HOSTILE />
            <TimeStamp iso=HOSTILE utc_text=HOSTILE />
            <Menu label=HOSTILE>
                <MenuItem label=HOSTILE href="javascript:alert(1)" />
            </Menu>
        }
    });
    assert!(!html.contains("<script") && !html.contains("javascript:"), "{html}");
}

#[test]
fn a_field_names_its_label_error_and_hint() {
    let html = html(|| {
        view! { <TextField name="cidr" label="Block" value="x" error="Not a block.".to_string() hint="Like 10.0.0.0/8" /> }
    });
    contains(
        &html,
        &[
            "for=\"f-cidr\"",
            "id=\"f-cidr\"",
            "name=\"cidr\"",
            "aria-invalid=\"true\"",
            "aria-describedby=\"f-cidr-error f-cidr-hint\"",
            "id=\"f-cidr-error\"",
            "id=\"f-cidr-hint\"",
        ],
    );
}

#[test]
fn a_field_without_error_and_hint_refers_to_nothing() {
    let html = html(|| view! { <TextField name="cidr" label="Block" id_prefix="edit-" /> });
    contains(&html, &["for=\"edit-cidr\"", "id=\"edit-cidr\""]);
    assert!(!html.contains("aria-invalid") && !html.contains("aria-describedby"), "{html}");
}

#[test]
fn choices_are_a_named_group_and_remember_the_value() {
    let html = html(|| {
        let options = vec![RadioCard::new("alb", "ALB", "Scales by itself"), RadioCard::new("fm", "Managed", "")];
        view! { <RadioCards name="kind" legend="Type" options value="fm" error="Choose one.".to_string() /> }
    });
    contains(
        &html,
        &[
            "<legend",
            "role=\"radiogroup\"",
            "aria-describedby=\"f-kind-error\"",
            "aria-describedby=\"f-kind-alb-body\"",
        ],
    );
    let checked = html.split("<input").find(|input| input.contains(" checked")).expect("a checked choice");
    contains(checked, &["value=\"fm\""]);
}

#[test]
fn an_unchecked_box_sends_nothing_and_a_checked_one_true() {
    let on = html(|| view! { <CheckField name="tls" label="TLS" checked=true /> });
    contains(&on, &["value=\"true\"", " checked"]);
    let off = html(|| view! { <CheckField name="tls" label="TLS" /> });
    assert!(!off.contains(" checked"), "{off}");
}

#[test]
fn a_table_is_a_table() {
    let html = html(|| {
        let head = vec![
            Column::new("Name").sorted("?sort=-name", Some(Direction::Ascending)),
            Column::numeric("Requests"),
            Column::new("Created").sorted("?sort=created", None),
            Column::hidden("Actions"),
        ];
        view! {
            <DataTable caption="Gateways" head>
                <tr>
                    <th scope="row">"a"</th>
                </tr>
            </DataTable>
        }
    });
    contains(
        &html,
        &[
            "role=\"region\" aria-label=\"Gateways\" tabindex=\"0\"",
            "<caption class=\"sr-only\">Gateways</caption>",
            "<thead><tr><th scope=\"col\" aria-sort=\"ascending\"",
            "href=\"?sort=-name\"",
            "<span class=\"sr-only\">Actions</span>",
            "<tbody><tr><th scope=\"row\">a</th></tr>",
        ],
    );
    assert_eq!(html.matches("aria-sort").count(), 1, "{html}");
}

#[test]
fn a_switch_tells_its_state_and_submits() {
    let html = html(|| view! { <Switch on=true label="Public access" /> });
    contains(&html, &["type=\"submit\"", "role=\"switch\"", "aria-checked=\"true\"", "aria-label=\"Public access\""]);
}

#[test]
fn a_pending_button_is_busy_but_keeps_the_focus() {
    let html = html(|| view! { <Button label="Save" pending=true /> });
    contains(&html, &["aria-busy=\"true\"", "aria-disabled=\"true\""]);
    assert!(!html.contains(" disabled"), "{html}");
}

#[test]
fn without_javascript_there_is_no_dead_button() {
    let html = html(|| view! { <CopyButton text="gw-1" label="Copy" done="Copied" /> });
    contains(&html, &["class=\"copy js-only\"", "role=\"status\"", "aria-label=\"Copy\""]);
    assert!(!html.contains("Copied"), "nothing is announced before it happened: {html}");
}

#[test]
fn current_places_are_marked() {
    let html = html(|| {
        let items = vec![TabItem::new("Overview", "/g", true), TabItem::new("Logs", "/g/logs", false)];
        let steps = vec![StepItem::new("Type", StepState::Done), StepItem::new("Review", StepState::Current)];
        view! {
            <Tabs label="Gateway" items />
            <Steps label="Steps" items=steps />
            <NavItem href="/g" icon=IconName::Gateway label="Gateways" current=true />
        }
    });
    assert_eq!(html.matches("aria-current=\"page\"").count(), 2, "{html}");
    assert_eq!(html.matches("aria-current=\"step\"").count(), 1, "{html}");
}

#[test]
fn every_tone_has_a_shape_of_its_own() {
    let tones = [Tone::Neutral, Tone::Info, Tone::Good, Tone::Warn, Tone::Bad];
    let shapes: std::collections::HashSet<_> = tones.iter().map(|tone| tone.icon()).collect();
    assert_eq!(shapes.len(), tones.len());
}

#[test]
fn every_icon_is_drawn_and_hidden_from_assistive_technology() {
    for &name in IconName::ALL {
        let html = html(|| view! { <Icon name /> });
        contains(&html, &["<path d=\"M", "aria-hidden=\"true\""]);
    }
}

#[test]
fn the_policy_of_the_page_is_kept() {
    let html = html(|| {
        view! {
            <SkipLink label="Skip" />
            <AppShell brand="Brand" nav="Nav" nav_label="Main" menu_label="Menu">
                <Menu label="Actions">
                    <MenuItem label="Delete" danger=true />
                </Menu>
                <Button label="Go" />
                <Switch on=false label="Off" />
                <CopyText text="a" label="Copy" done="Copied" />
            </AppShell>
        }
    });
    for forbidden in [" style=", "<style", "<script", " onclick", " onsubmit"] {
        assert!(!html.contains(forbidden), "{forbidden} in {html}");
    }
    contains(
        &html,
        &["id=\"main\"", "popovertarget=\"shell-nav\"", "id=\"shell-nav\" popover=\"auto\"", "href=\"#main\""],
    );
}

#[test]
fn a_meter_has_a_name_and_says_what_it_shows() {
    let html = html(|| view! { <Meter label=HOSTILE value=50 low=12 high=24 max=40 words=HOSTILE /> });
    assert!(!html.contains("<script"), "{html}");
    // What is more than full is full.
    contains(&html, &["aria-label=\"", "low=\"12\"", "high=\"24\"", "max=\"40\"", "value=\"40\"", "&lt;script&gt;"]);
}

#[test]
fn a_chart_is_a_picture_with_a_sentence_and_shades_what_is_not_known() {
    let html = html(|| {
        let line = |values| ChartLine { label: HOSTILE.into(), values, look: 99 };
        view! {
            <LineChart
                title=HOSTILE
                summary=HOSTILE
                lines=vec![line(vec![None, Some(3.0), Some(f64::NAN)]), line(Vec::new())]
                unknown=vec![true, false, false]
                unknown_label="No data"
                format=|value| format!("{value:.1} ms")
                start=view! { "then" }
                end=view! { "now" }
            />
        }
    });
    assert!(!html.contains("<script") && !html.contains("NaN") && !html.contains("style="), "{html}");
    contains(
        &html,
        &["role=\"img\"", "aria-label=\"&lt;/textarea&gt;", "<rect x=\"0.0\"", "class=\"chart-unknown\"", "No data"],
    );
    contains(&html, &["5.0 ms", "2.5 ms", "0.0 ms", "d=\"M300.0 48.0h0.1\"", "then", "now"]);
}
