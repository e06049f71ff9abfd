//! NVIDIA's Triton Inference Server: models of many frameworks from one folder.

use super::{Template, Way, image, parameter, required, words};

pub(super) const TRITON: Template = Template {
    id: "triton",
    program: "Triton Inference Server",
    ways: &[Way::Container, Way::Process],
    parameters: &[
        required("repository", "", "/srv/models/repository"),
        parameter("gpus", "1", "1"),
        image("nvcr.io/nvidia/tritonserver:25.05-py3"),
    ],
    build: |draft| {
        let repository = draft.value("repository").to_owned();
        let mut command = vec!["tritonserver".to_owned(), format!("--model-repository={repository}")];
        // Its other two ports are fixed, and the second replica of a host would not get them.
        command.extend(words(
            "--http-address=${HOST} --http-port=${PORT} --allow-grpc=false --allow-metrics=false --exit-on-error=true",
        ));
        draft.command(command);
        draft.gpus();
        draft.folder(&repository);
        draft.checks("/v2/health/ready", false);
        draft.grace(60);
    },
};
