//! All prices in one form.

use super::api::SetPrices;
use super::words::tariff_text;
use crate::context::form_state;
use crate::layout::{Fresh, bump_after, seen_revision};
use domain::billing::Tariff;
use domain::view::PricesView;
use leptos::form::ActionForm;
use leptos::prelude::*;
use ui::{Button, ButtonKind, FormActions, FormError, Hidden, Section, TextField};

#[component]
pub(super) fn PriceForm(prices: Fresh<PricesView>) -> impl IntoView {
    let action = ServerAction::<SetPrices>::new();
    bump_after(action);
    let form = form_state(action);
    let newest = Signal::derive(move || prices.with(|prices| prices.revision));
    let revision = seen_revision(newest, action.version().into());
    let (currency, current) = prices.with_untracked(|prices| (prices.currency, prices.current.clone()));
    let fields = form.clone();
    let field = move |tariff: Tariff| {
        let price = current.as_ref().map(|list| list.of(tariff)).filter(|price| !price.is_none());
        let price = price.map(|price| price.to_string()).unwrap_or_default();
        view! {
            <TextField
                name=tariff.field()
                label=tariff_text(tariff)
                value=fields.value(tariff.name(), &price)
                error=fields.field(tariff.name())
                maxlength=24
            />
        }
        .into_any()
    };
    view! {
        <Section title=tr!(billing.current) description=tr!(billing.prices_hint, currency = currency.to_string())>
            <ActionForm action>
                <div class="stack">
                    <FormError message=form.general() />
                    <Hidden name="revision" value=revision />
                    <div class="price-fields">{Tariff::all().map(field).collect::<Vec<_>>()}</div>
                    <TextField
                        name="draft[valid_from]"
                        label=tr!(billing.valid_from)
                        hint=tr!(billing.valid_from_hint)
                        value=form.value("valid_from", "")
                        error=form.field("valid_from")
                        kind="date"
                    />
                    <FormActions>
                        <Button label=tr!(billing.save) kind=ButtonKind::Primary pending=form.pending />
                    </FormActions>
                </div>
            </ActionForm>
        </Section>
    }
    .into_any()
}
