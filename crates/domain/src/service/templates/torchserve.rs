//! TorchServe: PyTorch models from a folder of archives.

use super::{Template, Way, image, parameter, required};
use crate::service::document::words::shell;

pub(super) const TORCHSERVE: Template = Template {
    id: "torchserve",
    program: "TorchServe",
    ways: &[Way::Container, Way::Process],
    parameters: &[
        required("model_store", "", "/srv/models/store"),
        required("models", "all", "resnet=resnet-18.mar"),
        parameter("gpus", "0", "0"),
        image("pytorch/torchserve:latest"),
    ],
    build: |draft| {
        if draft.way == Way::Container {
            let image = draft.value("image").to_owned();
            draft.runs("image", image);
        }
        let store = draft.value("model_store").to_owned();
        let models: Vec<String> = draft.value("models").split_whitespace().map(shell).collect();
        let (quoted, models) = (shell(&store), models.join(" "));
        // Its port is in a file only. Management and metrics get sockets: their ports are fixed, and nobody outside
        // has any business there. Whoever gets in has shown a token to the gateway.
        draft.runs(
            "script",
            format!(
                r#"set -eu
folder=$(mktemp -d)
cat > "$folder/config.properties" <<END
inference_address=http://$HOST:$PORT
management_address=unix:$folder/management.sock
metrics_address=unix:$folder/metrics.sock
END
exec torchserve --start --foreground --no-config-snapshots --disable-token-auth \
  --ts-config "$folder/config.properties" --model-store {quoted} --models {models}
"#
            ),
        );
        draft.gpus();
        draft.folder(&store);
        draft.checks("/ping", true);
        draft.grace(60);
    },
};
