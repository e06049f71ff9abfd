//! Programs that people have, unchanged, against the engine.
#![allow(clippy::unwrap_used)]

mod harness;

use domain::snapshot::{ListenerConfig, Resource, Scheme};
use harness::python;
use harness::python_server::Server;
use harness::tls::Made;
use harness::{HOST, Replica, TOKEN, World, free_address};
use std::net::SocketAddr;
use std::process::Command;

/// Replicas go on while a program runs.
async fn run(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments).env_remove("http_proxy").env_remove("HTTP_PROXY").env_remove("ALL_PROXY");
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {text} {}", String::from_utf8_lossy(&output.stderr));
    text
}

async fn script(package: &std::path::Path, text: &'static str, arguments: Vec<String>) {
    let package = package.to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        python::run(&package, "UTC", text, &arguments)
    });
    let ran = ran.await.unwrap();
    assert!(ran.status.success(), "{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
}

async fn listen_with_tls(world: &mut World, made: &Made) -> SocketAddr {
    let address = free_address();
    world
        .change(|snapshot| {
            snapshot.put(Resource::Listener(ListenerConfig::new(address, Scheme::Https)));
            snapshot.put(made.resource());
        })
        .await;
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn curl() {
    let replica = Replica::echo("a").await;
    let mut world = World::with(&[&replica]).await;
    let made = Made::new(1, &[HOST], true);
    let tls = listen_with_tls(&mut world, &made).await;
    let root = world.folder.path().join("root.pem");
    std::fs::write(&root, &made.config.chain).unwrap();
    let root = root.to_str().unwrap();
    let token = format!("Authorization: Bearer {TOKEN}");
    let body = "x".repeat(900);
    for (version, scheme, door, spoken) in [
        // Servers answer in their own version (RFC 9110, 2.5).
        ("--http1.0", "http", world.address, "1.1"),
        ("--http1.1", "http", world.address, "1.1"),
        ("--http2", "http", world.address, "1.1"),
        ("--http2-prior-knowledge", "http", world.address, "2"),
        ("--http1.1", "https", tls, "1.1"),
        ("--http2", "https", tls, "2"),
    ] {
        let resolve = format!("{HOST}:{}:127.0.0.1", door.port());
        let url = format!("{scheme}://{HOST}:{}/api/predict/model/a?b=c", door.port());
        let common = [
            "-sS",
            version,
            "--resolve",
            &resolve,
            "--cacert",
            root,
            "-H",
            &token,
            "-w",
            " %{http_version} %{http_code}",
        ];
        for more in [&["-d", &body][..], &["-d", &body, "-H", "Transfer-Encoding: chunked"], &["-T", "-"], &[]] {
            // HTTP/1.0 has no such coding. (HTTP/2 neither, but there curl leaves the header out.)
            if version == "--http1.0" && (more.len() == 4 || more.first() == Some(&"-T")) {
                continue;
            }
            let said = run("curl", &[&common, more, &[&url]].concat()).await;
            assert!(said.contains("\"uri\":\"/a?b=c\"") && said.ends_with(" 200"), "{version} {more:?}: {said}");
            let answered = said.rsplit(' ').nth(1).unwrap();
            assert_eq!(answered, spoken, "{version} {scheme}");
            let len = if more.first() == Some(&"-d") { "\"len\":900" } else { "\"len\":0" };
            assert!(said.contains(len), "{said}");
        }
    }
}

const GRPC_SERVER: &str = "
import grpc, concurrent.futures
def both(requests, context):
    for request in requests:
        yield request[::-1]
def fail(request, context):
    context.abort(grpc.StatusCode.NOT_FOUND, 'no such thing')
server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler('pkg.Model', {
    'Call': grpc.unary_unary_rpc_method_handler(lambda request, context: request[::-1]),
    'Both': grpc.stream_stream_rpc_method_handler(both),
    'Split': grpc.unary_stream_rpc_method_handler(lambda request, context: (bytes([byte]) for byte in request)),
    'Join': grpc.stream_unary_rpc_method_handler(lambda requests, context: b''.join(requests)),
    'Fail': grpc.unary_unary_rpc_method_handler(fail),
}),))
port = server.add_insecure_port('127.0.0.1:0')
server.start()
print(port, flush=True)
server.wait_for_termination()
";

const GRPC_CLIENT: &str = "
import grpc, queue, sys
token = [('authorization', sys.argv[2])]
with grpc.insecure_channel(sys.argv[1]) as channel:
    path = '/api/predict/model/pkg.Model/'
    call = channel.unary_unary(path + 'Call')
    for n in range(50):
        assert call(b'abc%d' % n, metadata=token, timeout=20) == (b'abc%d' % n)[::-1]
    big = bytes(range(256)) * 2048
    assert call(big, metadata=token, timeout=20) == big[::-1]
    split = channel.unary_stream(path + 'Split')(b'abcdef', metadata=token, timeout=20)
    assert list(split) == [b'a', b'b', b'c', b'd', b'e', b'f'] and split.code() == grpc.StatusCode.OK
    pieces = (b'%d,' % n for n in range(100))
    joined = channel.stream_unary(path + 'Join')(pieces, metadata=token, timeout=20)
    assert joined == b''.join(b'%d,' % n for n in range(100))
    asked = queue.Queue()
    answers = channel.stream_stream(path + 'Both')(iter(asked.get, None), metadata=token, timeout=20)
    for n in range(20):
        asked.put(b'x%d' % n)
        assert next(answers) == (b'x%d' % n)[::-1]
    asked.put(None)
    assert list(answers) == [] and answers.code() == grpc.StatusCode.OK
    def code(method, metadata):
        try:
            channel.unary_unary(path + method)(b'x', metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return error.code(), error.details()
    assert code('Fail', token) == (grpc.StatusCode.NOT_FOUND, 'no such thing')
    assert code('None', token)[0] == grpc.StatusCode.UNIMPLEMENTED
    assert code('Call', [('authorization', 'other')])[0] == grpc.StatusCode.UNAUTHENTICATED
";

#[tokio::test(flavor = "multi_thread")]
async fn grpcio() {
    let package = python::package("grpcio==1.85.1");
    let server = Server::start(&package, GRPC_SERVER);
    let mut world = World::new().await;
    let mut service = harness::service();
    service.body_limit = 1_000_000;
    world.put(Resource::Service(service)).await;
    world.agent.ready(&[server.address]).await;
    script(&package, GRPC_CLIENT, vec![world.own.to_string(), TOKEN.into()]).await;
}

const WEBSOCKET_SERVER: &str = "
from websockets.sync.server import serve
def echo(socket):
    for message in socket:
        if message == 'close':
            return socket.close(4001, 'asked for')
        socket.send(socket.request.path if message == 'path' else message)
with serve(echo, '127.0.0.1', 0, subprotocols=['chat'], max_size=None) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
";

const WEBSOCKET_CLIENT: &str = "
import sys
from websockets.sync.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
url, token = 'ws://' + sys.argv[1] + '/api/predict/model/a?b=c', {'Authorization': sys.argv[2]}
with connect(url, additional_headers=token, subprotocols=['other', 'chat'], max_size=None, proxy=None) as socket:
    assert socket.subprotocol == 'chat'
    for message in ['path', 'hello', b'\\x00\\xff', 'x' * 1000000, bytes(3000000)]:
        socket.send(message)
        assert socket.recv(timeout=20) == ('/a?b=c' if message == 'path' else message)
    socket.send(['in ', 'pieces'])
    assert socket.recv(timeout=20) == 'in pieces'
    assert socket.ping().wait(20)
    socket.send('close')
    try:
        socket.recv(timeout=20)
        raise AssertionError
    except ConnectionClosed as closed:
        assert (closed.rcvd.code, closed.rcvd.reason) == (4001, 'asked for')
try:
    connect(url, proxy=None)
    raise AssertionError
except InvalidStatus as refused:
    assert refused.response.status_code == 401
";

#[tokio::test(flavor = "multi_thread")]
async fn websockets() {
    let package = python::package("websockets==17.4");
    let server = Server::start(&package, WEBSOCKET_SERVER);
    let mut world = World::new().await;
    world.agent.ready(&[server.address]).await;
    script(&package, WEBSOCKET_CLIENT, vec![world.own.to_string(), TOKEN.into()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn load_generators_see_no_failure() {
    let replica = Replica::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut world = World::with(&[&replica]).await;
    let tls = listen_with_tls(&mut world, &Made::new(1, &["localhost", "127.0.0.1"], true)).await;
    world
        .change(|snapshot| {
            let mut gateway = harness::gateway(free_address(), &["127.0.0.0/8"]);
            gateway.public.as_mut().unwrap().hosts.push("localhost".into());
            snapshot.put(Resource::Gateway(gateway));
        })
        .await;
    let token = format!("authorization: {TOKEN}");
    for (url, more) in [
        (format!("http://localhost:{}/api/predict/model", world.address.port()), "--h1"),
        (format!("http://localhost:{}/api/predict/model", world.address.port()), "-m10"),
        (format!("https://localhost:{}/api/predict/model", tls.port()), "-m10"),
    ] {
        let said = run("h2load", &["-n", "2000", "-c", "20", more, "-H", &token, &url]).await;
        assert!(said.contains("2000 succeeded, 0 failed, 0 errored, 0 timeout"), "{said}");
        assert!(said.contains("2000 2xx, 0 3xx, 0 4xx, 0 5xx"), "{said}");
    }
    let url = format!("http://localhost:{}/api/predict/model", world.address.port());
    let said = run("wrk", &["-t1", "-c32", "-d1", "-H", &token, &url]).await;
    assert!(said.contains("Requests/sec") && !said.contains("Non-2xx") && !said.contains("Socket errors"), "{said}");
}

/// Against Mozilla's advice for servers that everybody shall reach.
#[tokio::test(flavor = "multi_thread")]
async fn sslyze_finds_nothing() {
    let package = python::package("sslyze==6.3.1");
    let mut world = World::new().await;
    let (root, made) = Made::for_a_year(1, HOST);
    let address = listen_with_tls(&mut world, &made).await;
    let ca = world.folder.path().join("root.pem");
    std::fs::write(&ca, root).unwrap();
    let report = world.folder.path().join("report.json");
    let arguments = [
        "--mozilla_config=intermediate".to_owned(),
        format!("--sni={HOST}"),
        format!("--certinfo_ca_file={}", ca.display()),
        format!("--json_out={}", report.display()),
        format!("{HOST}:{}{{127.0.0.1}}", address.port()),
    ];
    // Its exit status is whether the server complies.
    script(&package, "import sys; from sslyze.__main__ import main; main()", arguments.to_vec()).await;
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(report["server_scan_results"][0]["connectivity_status"], "COMPLETED", "{report}");
}
