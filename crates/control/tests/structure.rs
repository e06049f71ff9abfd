//! The picture of a gateway.

mod house;

use control::hub;
use domain::custom_domain::DomainDraft;
use domain::network::LinkDraft;
use domain::snapshot::Snapshot;
use domain::status::{GatewayStatus, LinkStatus, PortalStatus};
use domain::view::{Node, Part, Seen, Structure};
use house::{Engine, House, house, until};
use link::message::{DoorReport, EngineUp};

fn serve(house: &House) {
    let (control, socket) = (house.control.clone(), house.folder.path().join("link.sock"));
    tokio::spawn(async move { hub::serve(control, &socket, std::future::pending()).await });
}

/// The texts of what leads there.
fn before(drawn: &Structure, is_it: impl Fn(&Node) -> bool) -> Vec<String> {
    let to = drawn.nodes.iter().position(is_it).expect("is drawn");
    let from = drawn.edges.iter().filter(|(_, end)| *end == to).map(|(from, _)| &drawn.nodes[*from]);
    from.map(|node| node.label.clone()).collect()
}

#[tokio::test]
async fn from_clients_to_the_gateway() {
    let house = house().await;
    let (control, who) = (&house.control, &house.principal);
    let id = house.gateway("first").await;
    serve(&house);
    let mut engine = Engine::connect(&house, Snapshot::default()).await;
    engine.load().await;
    let drawn = || control.gateway_structure(who, &id).expect("draws");
    until("running", || drawn().nodes[0].seen == Seen::Gateway(GatewayStatus::Running)).await;
    assert_eq!(drawn().nodes.len(), 1, "nobody reaches it yet");

    control.set_portal(who, &id, 1, true).await.expect("opens");
    let lo = control.networks(who).expect("lists").vpcs.remove(0);
    let vswitches = lo.vswitches.iter().take(2).map(|each| each.vswitch.id.to_string()).collect();
    let link = LinkDraft { vpc: lo.vpc.id.to_string(), vswitches, authoritative_dns: true };
    control.link_vpc(who, &id, 2, &link).await.expect("links");
    let draft =
        |host: &str, side: &str| DomainDraft { host: host.into(), side: side.into(), certificate: String::new() };
    control.add_domain(who, &id, &draft("models.example.com", "public")).await.expect("adds");
    control.add_domain(who, &id, &draft("models.corp.test", "private")).await.expect("adds");
    for _ in 0..4 {
        if control.snapshot().hash() != engine.has.hash() {
            engine.load().await;
        }
    }

    // Names of either side lead to the gateway, its own port without one; domains stand on their own side.
    let shown = drawn();
    let is_hub = |node: &Node| matches!(node.part, Part::Gateway(_));
    let mut hub = before(&shown, is_hub);
    hub.sort();
    let own = hub.iter().position(|label| label.ends_with(":18100")).expect("its own port leads there");
    hub.remove(own);
    let names = [
        format!("{id}-vpc.local.gw.localhost"),
        format!("{id}.local.gw.localhost"),
        "models.corp.test".into(),
        "models.example.com".into(),
    ];
    assert_eq!(hub, names);
    let private = before(&shown, |node| node.label == "models.corp.test");
    assert_eq!(private.len(), 2, "both addresses: {private:?}");
    assert!(private.iter().all(|address| address.starts_with("127.88.")));
    let public = before(&shown, |node| node.label == "models.example.com");
    assert!(!public.is_empty() && public.iter().all(|address| address.starts_with("127.0.0.1:")), "{public:?}");
    let all_there =
        shown.edges.iter().all(|(from, to)| shown.nodes[*from].part.column() < shown.nodes[*to].part.column());
    assert!(all_there, "lines go from clients to replicas");

    // What engines say is what stands there.
    let listener = |shown: &Structure, end: &str| {
        let found =
            shown.nodes.iter().find(|node| matches!(node.part, Part::Listener(Some(_))) && node.label.ends_with(end));
        found.map(|node| (node.detail.clone(), node.seen.clone())).expect("is drawn")
    };
    let addresses: Vec<_> = control
        .snapshot()
        .resources()
        .filter_map(|resource| match resource {
            domain::snapshot::Resource::Listener(listener) => Some(listener.address),
            _ => None,
        })
        .collect();
    let own: std::net::SocketAddr = "127.0.0.1:18100".parse().expect("an address");
    let report = |address: std::net::SocketAddr, fine: bool| DoorReport {
        address,
        device: None,
        open: fine,
        error: (!fine).then(|| "taken".to_owned()),
    };
    let doors = |lost: &str| {
        let all = addresses.iter().copied().chain([own]);
        EngineUp::Doors(all.map(|address| report(address, address.ip().to_string() != lost)).collect())
    };
    engine.say(doors("127.88.1.10")).await;
    until("told", || listener(&drawn(), "127.88.1.10").1 == Seen::Link(LinkStatus::Failed)).await;
    assert_eq!(listener(&drawn(), "127.88.2.10"), ("local-b".into(), Seen::Link(LinkStatus::Running)));
    let vpc = drawn().nodes.into_iter().find(|node| matches!(node.part, Part::Vpc(_))).expect("is drawn");
    assert_eq!((vpc.label.as_str(), vpc.seen), ("loopback", Seen::Link(LinkStatus::Degraded)));
    let internet = drawn().nodes.into_iter().find(|node| node.part == Part::Internet).expect("is drawn");
    assert_eq!(internet.seen, Seen::Portal(PortalStatus::Activated));
}
