//! OpenAI's own client, unchanged, through a gateway to the sample model.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../crates/engine/tests/harness/python.rs"]
mod python;

use common::Product;
use common::model::Model;

const SCRIPT: &str = "
import sys, time
from openai import OpenAI, AuthenticationError
def client(key):
    return OpenAI(base_url=sys.argv[1] + '/api/predict/sample/v1', api_key=key, max_retries=0, timeout=20)
model = client(sys.argv[2])
assert model.models.list().data[0].id == 'sample-model'
said = [{'role': 'user', 'content': 'one two three four five'}]
answer = model.chat.completions.create(model='sample-model', messages=said)
assert answer.choices[0].message.content == 'one two three four five', answer
assert answer.usage.completion_tokens == 5
began, pieces, times = time.time(), [], []
for piece in model.chat.completions.create(model='sample-model', messages=said, stream=True):
    if piece.choices and piece.choices[0].delta.content:
        pieces.append(piece.choices[0].delta.content)
        times.append(time.time())
assert ''.join(pieces).split() == 'one two three four five'.split() and len(pieces) == 5, pieces
# The model pauses between words; had somebody kept them back they would have come at once.
assert times[-1] - times[0] > 0.06, times
try:
    client('another').models.list()
    raise AssertionError
except AuthenticationError as refused:
    assert refused.status_code == 401
";

#[test]
fn streams_word_by_word() {
    let package = python::package("openai==3.54.0");
    let product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    let asked = python::run(&package, "UTC", SCRIPT, &[&format!("http://{}", model.door), &model.token]);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
}
