//! The prediction: something that anybody can check by hand.

use serde_json::{Value, json};

/// Characters of the text that is sent back.
const ECHO: usize = 1024;

/// Mean and count of a JSON array of numbers; length and beginning of anything else.
pub fn predict(body: &[u8]) -> Value {
    if let Ok(numbers) = serde_json::from_slice::<Vec<f64>>(body)
        && !numbers.is_empty()
    {
        let mean = numbers.iter().map(|number| number / numbers.len() as f64).sum::<f64>();
        return json!({ "prediction": { "mean": mean, "count": numbers.len() } });
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * ECHO)]);
    let mut end = text.len().min(ECHO);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    json!({ "prediction": { "length": body.len(), "text": text[..end] } })
}
