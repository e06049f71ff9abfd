//! Hugging Face's Text Embeddings Inference.

use super::{TOKEN, Template, Way, image, option, parameter, required, words};

pub(super) const EMBEDDINGS: Template = Template {
    id: "text_embeddings",
    program: "Text Embeddings Inference",
    ways: &[Way::Container, Way::Process],
    parameters: &[
        required("model", "", "BAAI/bge-large-en-v1.5"),
        parameter("revision", "", "refs/pr/2"),
        parameter("gpus", "1", "1"),
        image("ghcr.io/huggingface/text-embeddings-inference:1.8"),
        TOKEN,
    ],
    build: |draft| {
        let mut command = words("text-embeddings-router --model-id");
        command.push(draft.value("model").to_owned());
        // Any port for its own metrics: the second replica of a host would not get the usual one.
        command.extend(words("--hostname ${HOST} --port ${PORT} --prometheus-port 0"));
        option(&mut command, "--revision", draft.value("revision"));
        draft.command(command);
        draft.gpus();
        draft.token();
        draft.checks("/health", true);
        draft.say("networking.gateway_policy.openai_metrics", true);
        draft.say("networking.gateway_policy.load_balancing.policy", "least_requests");
        draft.grace(60);
    },
};
