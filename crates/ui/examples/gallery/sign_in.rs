use leptos::prelude::*;
use ui::*;

pub fn page() -> AnyView {
    view! {
        <CenteredPage brand=view! { <Brand name="Inference Gateway" /> } footer="gateway.example.internal · 0.1.0">
            <PageHeader title="Sign in" subtitle="Use the account your administrator gave you." />
            <form>
                <FormError message="Name or password is not right.".to_string() />
                <TextField name="user" label="User name" value="ada" autocomplete="username" />
                <TextField name="password" label="Password" kind="password" autocomplete="current-password" />
                <div class="mt-6 grid"><Button label="Sign in" kind=ButtonKind::Primary /></div>
            </form>
        </CenteredPage>
    }
    .into_any()
}
