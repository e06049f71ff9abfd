//! Keys of `networking`: the gateway, and how it treats requests.

use super::{Key, Kind::*, own, refused, taken};
use crate::service::document::limits::*;
use crate::service::document::refusal::Refusal as R;
use crate::traffic::BALANCES;

pub(super) const KEYS: &[Key] = &[
    taken("networking", Object, "", "How the service is reached."),
    taken(
        "networking.gateway",
        Text,
        "the default gateway",
        "The dedicated gateway, `gw-…`. `metadata.gateway` is its old place.",
    ),
    refused("networking.path", R::Path, "metadata.name"),
    taken("networking.gateway_policy", Object, "", "How the gateway treats its requests."),
    taken("networking.gateway_policy.rate_limit", Object, "", "Requests a second of the whole service."),
    taken("networking.gateway_policy.rate_limit.enable", Flag, "", "Whether there is a limit."),
    taken("networking.gateway_policy.rate_limit.limit", Count { min: 1, max: MANY }, "", "More are answered 429."),
    taken(
        "networking.gateway_policy.concurrency_limit",
        Object,
        "",
        "Requests under way, of the whole service. Not with ALB gateways.",
    ),
    taken("networking.gateway_policy.concurrency_limit.enable", Flag, "", "Whether there is a limit."),
    taken(
        "networking.gateway_policy.concurrency_limit.limit",
        Count { min: 1, max: MANY },
        "",
        "More wait or are answered 429.",
    ),
    own("networking.gateway_policy.timeouts", Object, "the gateway's", "Times that count before the gateway's."),
    own(
        "networking.gateway_policy.timeouts.connect_ms",
        Count { min: 100, max: 60_000 },
        "5000",
        "Until a replica accepted the connection.",
    ),
    own(
        "networking.gateway_policy.timeouts.first_byte_ms",
        Count { min: 100, max: DAY_MS },
        "600000",
        "Until its answer begins; then 504.",
    ),
    own(
        "networking.gateway_policy.timeouts.idle_ms",
        Count { min: 100, max: DAY_MS },
        "600000",
        "Between two pieces of an answer.",
    ),
    own(
        "networking.gateway_policy.timeouts.request_ms",
        Count { min: 100, max: DAY_MS },
        "600000",
        "Until the head of the answer; then 408. `metadata.rpc.keepalive` goes before it.",
    ),
    own("networking.gateway_policy.load_balancing", Object, "the gateway's", "Which replica gets a request."),
    own(
        "networking.gateway_policy.load_balancing.policy",
        Choice(&BALANCES),
        "",
        "`round_robin`, `least_requests`, `peak_ewma`, `prefix_affinity` (prompts that begin alike stay together), or the same replica for the same `hash_header`, `hash_cookie` or `hash_address`.",
    ),
    own(
        "networking.gateway_policy.load_balancing.hash_name",
        Text,
        "",
        "Of the header or the cookie that a hash is taken of.",
    ),
    own(
        "networking.gateway_policy.load_balancing.prefix_bytes",
        Count { min: 1, max: 1_048_576 },
        "1024",
        "How much of a prompt decides.",
    ),
    own(
        "networking.gateway_policy.load_balancing.max_load_percent",
        Count { min: 100, max: 10_000 },
        "125",
        "How busy a replica may be for it, compared with the mean.",
    ),
    own(
        "networking.gateway_policy.max_body_bytes",
        Count { min: 1, max: 1 << 40 },
        "104857600",
        "The largest request; larger ones are answered 413.",
    ),
    own("networking.gateway_policy.pass_authorization", Flag, "false", "Replicas get the client's `Authorization`."),
    own(
        "networking.gateway_policy.openai_metrics",
        Flag,
        "false",
        "Answers in the shape of OpenAI's API are read for models, tokens and their times.",
    ),
    own(
        "networking.gateway_policy.sse_keepalive_ms",
        Count { min: 100, max: DAY_MS },
        "never",
        "A comment keeps a silent event stream open after this time.",
    ),
    own(
        "networking.gateway_policy.slow_start_ms",
        Count { min: 1, max: DAY_MS },
        "at once",
        "A new replica gets its full share after this time.",
    ),
];
