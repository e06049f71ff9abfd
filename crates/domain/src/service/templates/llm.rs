//! vLLM and SGLang: language models on GPUs, with a cache of prefixes.

use super::{Draft, TOKEN, Template, Way, image, option, parameter, required, words};

pub(super) const VLLM: Template = Template {
    id: "vllm",
    program: "vLLM",
    ways: &[Way::Container, Way::Process],
    parameters: &[
        required("model", "", "Qwen/Qwen3-8B"),
        parameter("served_name", "", "qwen3"),
        parameter("context", "", "32768"),
        required("gpus", "1", "1"),
        image("vllm/vllm-openai:latest"),
        TOKEN,
    ],
    build: |draft| {
        let mut command = words("vllm serve");
        command.push(draft.value("model").to_owned());
        command.extend(words("--host ${HOST} --port ${PORT}"));
        option(&mut command, "--tensor-parallel-size", draft.value("gpus"));
        option(&mut command, "--max-model-len", draft.value("context"));
        option(&mut command, "--served-model-name", draft.value("served_name"));
        command.push("--enable-prefix-caching".to_owned());
        on_gpus(draft, command);
    },
};

pub(super) const SGLANG: Template = Template {
    id: "sglang",
    program: "SGLang",
    ways: &[Way::Container, Way::Process],
    parameters: &[
        required("model", "", "Qwen/Qwen3-8B"),
        parameter("served_name", "", "qwen3"),
        parameter("context", "", "32768"),
        required("gpus", "1", "1"),
        image("lmsysorg/sglang:latest"),
        TOKEN,
    ],
    build: |draft| {
        let mut command = words("python3 -m sglang.launch_server --model-path");
        command.push(draft.value("model").to_owned());
        command.extend(words("--host ${HOST} --port ${PORT}"));
        option(&mut command, "--tensor-parallel-size", draft.value("gpus"));
        option(&mut command, "--context-length", draft.value("context"));
        option(&mut command, "--served-model-name", draft.value("served_name"));
        on_gpus(draft, command);
    },
};

fn on_gpus(draft: &mut Draft<'_>, command: Vec<String>) {
    draft.command(command);
    draft.gpus();
    if draft.way == Way::Container {
        // The processes of several GPUs share tensors in it; a container's own is 64 MiB.
        draft.say("metadata.shm_size", 8);
    }
    draft.token();
    draft.checks("/health", true);
    draft.streams();
    draft.prefixes();
}
