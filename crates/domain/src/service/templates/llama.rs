//! llama.cpp's server: language models in GGUF files, on CPUs and GPUs.

use super::{Template, Way, image, option, parameter, required, words};

pub(super) const LLAMA: Template = Template {
    id: "llama_cpp",
    program: "llama.cpp",
    ways: &[Way::Process, Way::Container],
    parameters: &[
        required("model", "", "/srv/models/gemma-3-270m-it.gguf"),
        parameter("served_name", "", "gemma"),
        parameter("context", "4096", "4096"),
        parameter("parallel", "", "4"),
        parameter("gpus", "0", "0"),
        image("ghcr.io/ggml-org/llama.cpp:server"),
    ],
    build: |draft| {
        // The image has its program outside of the path.
        let program = if draft.way == Way::Container { "/app/llama-server" } else { "llama-server" };
        let mut command = vec![program.to_owned(), "-m".to_owned(), draft.value("model").to_owned()];
        command.extend(words("--host ${HOST} --port ${PORT}"));
        option(&mut command, "--ctx-size", draft.value("context"));
        option(&mut command, "--parallel", draft.value("parallel"));
        option(&mut command, "--alias", draft.value("served_name"));
        if !["", "0"].contains(&draft.value("gpus")) {
            option(&mut command, "--n-gpu-layers", "all");
        }
        command.push("--metrics".to_owned());
        draft.command(command);
        draft.gpus();
        let model = draft.value("model").to_owned();
        if let Some((folder, _)) = model.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
            draft.folder(folder);
        }
        // It answers 503 while it loads; busy with a long prompt on few cores it may not answer at all for a while, so
        // nothing restarts it for that.
        draft.checks("/health", false);
        draft.streams();
        draft.prefixes();
    },
};
