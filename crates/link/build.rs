//! Generates the gRPC services. There is no .proto file: the messages are this crate's own types, sent as
//! MessagePack (`application/grpc+msgpack`), so the domain's types need no second definition.

use tonic_build::manual::{Builder, Method, Service};

fn session(service: &str, up: &str, down: &str) -> Service {
    Service::builder()
        .name(service)
        .package("inference_gateway.link")
        .method(
            Method::builder()
                .name("session")
                .route_name("Session")
                .input_type(up)
                .output_type(down)
                .codec_path("crate::codec::MsgPack")
                .client_streaming()
                .server_streaming()
                .build(),
        )
        .build()
}

/// Asked once, by a host that has no identity yet.
fn join() -> Service {
    Service::builder()
        .name("JoinLink")
        .package("inference_gateway.link")
        .method(
            Method::builder()
                .name("join")
                .route_name("Join")
                .input_type("crate::message::JoinRequest")
                .output_type("crate::message::JoinReply")
                .codec_path("crate::codec::MsgPack")
                .build(),
        )
        .build()
}

fn main() {
    Builder::new().compile(&[
        session("EngineLink", "crate::message::EngineUp", "crate::message::EngineDown"),
        session("AgentLink", "crate::message::AgentUp", "crate::message::AgentDown"),
        session("EndpointLink", "crate::message::EndpointUp", "crate::message::EndpointDown"),
        join(),
    ]);
    println!("cargo:rerun-if-changed=build.rs");
}
