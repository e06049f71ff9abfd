//! An engine whose console is on another host.
mod harness;

use domain::host::HostDoors;
use domain::id::{HostId, RANDOM_LEN};
use domain::secret::Secret;
use domain::snapshot::{ListenerConfig, Resource, Scheme, Snapshot};
use harness::{Client, Console, Engine, gateway, until};
use link::{Authority, HostIdentity};

/// As `join` makes it.
fn identity(authority: &Authority, console: String) -> HostIdentity {
    let key = rcgen::KeyPair::generate().expect("a key");
    let request = rcgen::CertificateParams::default().serialize_request(&key).expect("a request");
    let host_id = HostId::from_random([4; RANDOM_LEN]);
    let signed = authority.sign(&request.pem().expect("PEM"), &host_id).expect("signs");
    let key = Secret::new(key.serialize_pem());
    HostIdentity { host_id, console, authority: authority.cert_pem().into(), certificate: signed.certificate, key }
}

#[tokio::test]
async fn it_says_where_it_is_reached_serves_what_it_is_told_and_calls_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::create().expect("an authority");
    let (console, address) = Console::listen(([127, 0, 0, 1], 0).into(), &authority).await;
    let (door, own) = (harness::free_address(), harness::free_address());
    let public = HostDoors { http: vec![door], ..HostDoors::default() };
    let engine = Engine::joined(folder.path(), identity(&authority, address.to_string()), public.clone());
    assert_eq!(console.hello().await.public, Some(public));

    let listener = Resource::Listener(ListenerConfig::new(door, Scheme::Http));
    let before = Snapshot::default();
    let snapshot = Snapshot::from_resources(7, [listener, Resource::Gateway(gateway(own, &["127.0.0.0/8"]))]);
    console.config(&before, &snapshot).await;
    assert_eq!(Client::connect(own).await.get("/").await.status, 200);

    console.hang_up().await;
    drop(console);
    let (again, _) = Console::listen(address, &authority).await;
    let hello = again.hello().await;
    assert_eq!((hello.version, hello.hash), (7, snapshot.hash()));
    again.hang_up().await;
    drop(again);
    until("it to serve on without a console", async || {
        (Client::connect(own).await.get("/").await.status == 200).then_some(())
    })
    .await;
    engine.stop();
}
