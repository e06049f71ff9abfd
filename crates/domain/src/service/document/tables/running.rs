//! Keys of what runs: `containers[]`, or `process`.

use super::{Key, Kind::*, refused, taken};
use crate::service::document::limits::*;
use crate::service::document::refusal::Refusal as R;

pub(super) const KEYS: &[Key] = &[
    taken("$.image", Text, "", "The image, as `docker pull` takes it. Only for containers."),
    taken(
        "$.command",
        Command,
        "the image's",
        "One command: words as in a shell, but no shell runs it, or a list of words. `${PORT}` and `${HOST}` stand for where it has to listen.",
    ),
    taken("$.script", Text, "", "Lines for `/bin/sh`, instead of `command`."),
    taken(
        "$.port",
        Count { min: 1, max: 65535 },
        "the one in `$PORT`",
        "The port that the program insists on. 8080 and 9090 are refused, as in the original.",
    ),
    taken("$.env", List, "[]", "Environment variables. `PORT`, `HOST` and `LISTENING_PORT` are set for you."),
    taken("$.env[]", Object, "", "One variable."),
    taken("$.env[].name", Text, "", "Its name."),
    taken("$.env[].value", Text, "\"\"", "Its value; `${PORT}` and `${HOST}` are replaced in it too."),
    taken("$.prepare", Object, "", "What is done before the first start."),
    taken("$.prepare.pythonRequirements", List, "[]", "Python packages that `pip` installs."),
    taken("$.prepare.pythonRequirements[]", Text, "", "One requirement, such as `numpy==2.1`."),
    refused("$.prepare.pythonRequirementsPath", R::RequirementsFile, "containers[].prepare.pythonRequirements"),
    refused("$.health_check", R::Renamed, "containers[].readiness_check"),
    taken(
        "$.*_check",
        Object,
        "",
        "`readiness_check` (by default a connection to its port): passes when a replica can take requests. `startup_check`: until it passes the others are not asked. `liveness_check`: who fails it is started again.",
    ),
    taken("$.*_check.http_get", Object, "", "`GET` that answers 200 to 399."),
    taken("$.*_check.http_get.path", Text, "\"/\"", "Its path."),
    taken(
        "$.*_check.http_get.port",
        Count { min: 1, max: 65535 },
        "the replica's",
        "The replica's port, and no other one.",
    ),
    taken("$.*_check.http_get.scheme", Choice(&["HTTP", "HTTPS"]), "\"HTTP\"", "`HTTP`; `HTTPS` is refused."),
    taken("$.*_check.tcp_socket", Object, "", "A connection that is accepted."),
    taken(
        "$.*_check.tcp_socket.port",
        Count { min: 1, max: 65535 },
        "the replica's",
        "The replica's port, and no other one.",
    ),
    taken("$.*_check.exec", Object, "", "A command that ends with status 0."),
    taken("$.*_check.exec.command", Command, "", "Its words."),
    taken("$.*_check.initial_delay_seconds", Count { min: 0, max: HOUR }, "0", "Seconds until the first time."),
    taken("$.*_check.period_seconds", Count { min: 1, max: HOUR }, "1", "Seconds from one time to the next."),
    taken(
        "$.*_check.timeout_seconds",
        Count { min: 1, max: HOUR },
        "2",
        "Seconds until no answer counts as a bad one.",
    ),
    taken("$.*_check.failure_threshold", Count { min: 1, max: 100_000 }, "3", "Bad ones in a row until it has failed."),
    taken("$.*_check.success_threshold", Count { min: 1, max: 1000 }, "1", "Good ones in a row until it has passed."),
];
