use leptos::prelude::*;
use ui::*;

pub fn console(current: &'static str, children: Children) -> AnyView {
    let item = move |href: &'static str, icon, label: &'static str| {
        view! { <NavItem href icon label current=current == label /> }
    };
    view! {
        <SkipLink label="Skip to content" />
        <AppShell
            brand=view! { <Brand name="Inference Gateway" href="/" /> }
            nav_label="Main"
            menu_label="Navigation"
            nav=view! {
                <NavGroup>
                    {item("/", IconName::Home, "Overview")} {item("/gateways", IconName::Gateway, "Gateways")}
                    {item("/services", IconName::Service, "Services")}
                    {item("/networks", IconName::Network, "Networks")}
                    {item("/certificates", IconName::Certificate, "Certificates")}
                </NavGroup>
                <NavGroup title="Observe">
                    {item("/monitoring", IconName::Chart, "Monitoring")} {item("/logs", IconName::List, "Logs")}
                    {item("/alerts", IconName::Bell, "Alerts")}
                </NavGroup>
                <NavGroup title="Administration">
                    {item("/members", IconName::Users, "Members")} {item("/audit", IconName::Clock, "Audit log")}
                    {item("/settings", IconName::Settings, "Settings")}
                </NavGroup>
            }
            header=view! {
                <Menu label="Language" icon=IconName::Language icon_only=true>
                    <MenuItem label="English" current=true />
                    <MenuItem label="简体中文" />
                </Menu>
                <Menu label="ada" icon=IconName::User kind=ButtonKind::Ghost>
                    <MenuItem label="Profile" href="/profile" icon=IconName::User />
                    <Divider />
                    <MenuItem label="Sign out" icon=IconName::Logout />
                </Menu>
            }
            footer="Version 0.1.0 · local-a"
        >
            {children()}
        </AppShell>
    }
    .into_any()
}
