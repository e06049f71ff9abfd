//! The model product's own client, unchanged, against this one.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../crates/engine/tests/harness/python.rs"]
mod python;

use common::Product;
use common::model::Model;

const SCRIPT: &str = "
import sys
from eas_prediction import PredictClient, StringRequest
client = PredictClient(sys.argv[1], 'sample')
client.set_token(sys.argv[2])
client.set_timeout(20000)
client.init()
print(client.predict(StringRequest('{}')).to_string())
";

#[test]
fn signs_with_the_token_that_the_console_shows() {
    let package = python::package("eas-prediction==0.36");
    let product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    let door = model.door.to_string();
    let asked = python::run(&package, "Asia/Shanghai", SCRIPT, &[&door, &model.token]);
    assert!(asked.status.success(), "{asked:?}");
    let refused = python::run(&package, "Asia/Shanghai", SCRIPT, &[&door, "another"]);
    assert!(
        !refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("BadSignature"),
        "{refused:?}"
    );
}
