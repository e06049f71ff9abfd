//! A gateway carries what was ordered, and no more. A full-size one is too large to fill here.
#![allow(clippy::unwrap_used)]

mod common;

use common::http::Http;
use common::model::open_gateway;
use common::{Product, until};

#[test]
fn connections_over_the_order_are_refused() {
    // Two nodes of 2c4g refuse at 80,000; of these a twenty-thousandth.
    let product = Product::with(&["--capacity-scale", "0.00005"]);
    let mut console = product.administrator();
    let (_, door) = open_gateway(&mut console, "first");
    let enter = || Http::connect(door).ok().and_then(|mut one| Some((one.get("/", &[]).ok()?.status, one)));
    let mut inside: Vec<_> = (0..4).map(|_| until("a place", enter)).collect();
    assert!(inside.iter().all(|(status, _)| *status == 200));
    for _ in 0..3 {
        assert!(enter().is_none(), "a fifth");
    }
    inside.pop();
    until("a place", enter);
}

#[test]
fn a_scale_that_is_none_is_said() {
    let product = Product::prepared();
    for scale in ["0", "inf", "much"] {
        let said = product.run(&["config", "show", "--capacity-scale", scale]);
        assert!(!said.status.success());
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains("capacity-scale") && said.contains("positive number"), "{said}");
    }
}
