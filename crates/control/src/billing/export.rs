//! A month's cost as a table for other programs.

use crate::{Control, ControlError};
use chrono::SecondsFormat;
use domain::billing::Month;
use domain::id::GatewayId;
use domain::view::{CostLine, CostView};
use identity::Principal;

impl Control {
    /// RFC 4180, with a line of headings. Quantities are exact: seconds and bytes.
    pub async fn cost_csv(
        &self,
        principal: &Principal,
        month: Option<Month>,
        gateway: Option<&GatewayId>,
    ) -> Result<String, ControlError> {
        let cost = self.cost(principal, month, gateway).await?;
        csv(&cost).map_err(|_| ControlError::Export)
    }
}

const HEADINGS: [&str; 13] = [
    "month",
    "gateway_id",
    "gateway",
    "item",
    "detail",
    "from",
    "until",
    "quantity",
    "unit",
    "price",
    "price_per",
    "amount",
    "currency",
];

fn csv(cost: &CostView) -> Result<String, csv::Error> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record(HEADINGS)?;
    for CostLine { line, gateway_name, .. } in &cost.lines {
        let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        table.write_record([
            &cost.month.to_string(),
            line.gateway_id.as_str(),
            &inert(gateway_name),
            line.item.as_str(),
            &inert(&line.detail),
            &time(line.from),
            &time(line.until),
            &line.quantity.to_string(),
            line.item.unit().as_str(),
            &line.price.to_string(),
            &line.per.to_string(),
            &line.amount.to_string(),
            cost.currency.as_str(),
        ])?;
    }
    let bytes = table.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front. Figures stay figures.
fn inert(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::billing::{Item, Line};
    use domain::id::RANDOM_LEN;
    use domain::money::{Cents, Currency, Price};

    #[test]
    fn hostile_names_are_inert_and_come_back_whole() {
        let names = ["=1+1", "+49", "-x", "@sum(A1)", "\tx", "a,b", "say \"hi\"", "two\r\nlines", "plain"];
        let at = chrono::DateTime::UNIX_EPOCH;
        let line = Line {
            gateway_id: GatewayId::from_random([1; RANDOM_LEN]),
            item: Item::Nodes,
            detail: "2c4g".into(),
            from: at,
            until: at,
            quantity: 3_600,
            price: Price(-500_000),
            per: 3_600,
            amount: Cents(-50),
        };
        let line = |name: &str| CostLine { line: line.clone(), gateway_name: name.into(), vpc_name: None };
        let cost = CostView {
            month: Month::of(at),
            now: at,
            currency: Currency::USD,
            has_prices: true,
            total: Cents(0),
            lines: names.iter().map(|name| line(name)).collect(),
        };
        let text = csv(&cost).expect("writes");
        assert!(text.starts_with("month,gateway_id,gateway,") && text.ends_with(",USD\r\n"), "{text}");
        let mut read = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = read.records().map(|row| row.expect("a row")).collect();
        let found: Vec<_> = rows.iter().map(|row| row[2].trim_start_matches('\'')).collect();
        assert_eq!(found, names);
        for row in &rows {
            assert!(!row[2].starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{row:?}");
            assert_eq!((&row[7], &row[9], &row[10], &row[11]), ("3600", "-0.5", "3600", "-0.50"));
        }
    }
}
