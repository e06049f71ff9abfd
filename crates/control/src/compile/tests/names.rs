//! Names, and who asks for them where.

use super::*;
use domain::snapshot::dns::{DnsConfig, NameConfig, NameData};

/// Who asks where, and what each side knows: `name vpc → address@zone`.
fn dns(gateways: &[(u8, bool)], installation: Installation) -> (Option<DnsConfig>, Vec<String>) {
    let desired = with_gateways(gateways);
    let mut compiler = Compiler::new(&desired, installation);
    compiler.set_host(&desired, &a_host(0), &host(2));
    let snapshot = seen(&compiler);
    let text = |NameConfig { name, vpc, data }: &NameConfig| {
        let NameData::Addresses(addresses) = data else { panic!("{data:?}") };
        let addresses = addresses.iter().map(|each| match &each.zone {
            Some(zone) => format!("{}@{zone}", each.address),
            None => each.address.to_string(),
        });
        let label = if name.contains("-vpc.") { "private" } else { "public" };
        assert!(name.ends_with(".local.gw.localhost"), "{name}");
        let vpc = vpc.as_ref().map(|vpc| (0..2).find(|n| *vpc == VpcId::from_random([*n; RANDOM_LEN])).expect("known"));
        format!("{label} {vpc:?} {}", addresses.collect::<Vec<_>>().join(" "))
    };
    let names = snapshot.resources().filter_map(|resource| match resource {
        Resource::Name(name) => Some(text(name)),
        _ => None,
    });
    let server = snapshot.resources().find_map(|resource| match resource {
        Resource::Dns(config) => Some(config.clone()),
        _ => None,
    });
    (server, names.collect())
}

#[test]
fn names_of_the_public_side_and_of_the_vpc_that_asks() {
    let of = |gateways: &[(u8, bool)]| dns(gateways, Installation::default()).1;
    assert_eq!(of(&[(2, true)]), ["public None 127.0.0.1", "private Some(0) 127.88.1.2@a"]);
    // Portal off: no public name. The other VPC asks.
    assert_eq!(of(&[(2, false)]), ["private Some(1) 10.1.1.2@10.1.0.0/16"]);
    // Linked, but nobody asks there.
    assert_eq!(of(&[(1, false)]), Vec::<String>::new());
    let twice = ["127.0.0.2:80", "127.0.0.3:80"].map(|address| address.parse().expect("address"));
    let several = Installation { http: twice.into(), ..Installation::default() };
    assert_eq!(dns(&[(0, true)], several).1, ["public None 127.0.0.2 127.0.0.3"]);
}

#[test]
fn dns_is_asked_where_gateways_have_names() {
    let asked = |gateways: &[(u8, bool)], installation| {
        let listeners = dns(gateways, installation).0.map(|config| config.listeners);
        let text = |each: &domain::snapshot::dns::DnsListener| {
            format!("{}{} {}", each.address, if each.vpc.is_some() { " private" } else { "" }, each.devices.join(","))
        };
        listeners.map(|listeners| listeners.iter().map(text).collect::<Vec<_>>())
    };
    let usual = Installation::default;
    let public = "127.0.0.1:8053 ".to_owned();
    assert_eq!(asked(&[(1, false)], usual()), Some(vec![public.clone()]));
    assert_eq!(asked(&[(2, true)], usual()), Some(vec![public.clone(), "127.88.1.2:8053 private ".into()]));
    assert_eq!(asked(&[(2, false)], usual()), Some(vec![public.clone(), "10.1.1.2:8053 private eth1".into()]));
    // Two gateways at one address make one listener.
    assert_eq!(asked(&[(2, true), (5, true)], usual()).map(|all| all.len()), Some(2));
    // An address that is the public side's already is not the VPC's as well, or it could not be listened on.
    let same = Installation { dns: vec!["127.88.1.2:53".parse().expect("address"); 2], ..usual() };
    assert_eq!(asked(&[(2, true)], same), Some(vec!["127.88.1.2:53 ".to_owned()]));
    let off = Installation { dns: Vec::new(), ..usual() };
    assert_eq!(dns(&[(2, true)], off), (None, Vec::new()), "off is off");
}

#[test]
fn dns_knows_the_zones_of_those_who_ask() {
    let blocks = |gateways: &[(u8, bool)]| {
        let blocks = dns(gateways, Installation::default()).0.map(|config| config.blocks).unwrap_or_default();
        blocks.iter().map(|each| format!("{} {}", each.block, each.zone)).collect::<Vec<_>>()
    };
    assert_eq!(blocks(&[(2, true)]), ["127.88.1.0/24 a"]);
    assert_eq!(blocks(&[(2, false)]), ["10.1.1.0/24 10.1.0.0/16"]);
    assert!(blocks(&[(1, false)]).is_empty(), "nobody asks");
}

#[test]
fn private_domains_lead_where_the_private_name_leads() {
    let names = |domains: &[(u8, u8, bool)]| {
        let mut desired = with_gateways(&[(2, true), (4, false)]);
        for (n, on, public) in domains {
            let domain = domain(*n, *on, *public, None);
            desired.apply(&Touched::Domain(domain.id.clone(), None, Some(Arc::new(domain))));
        }
        let snapshot = seen(&Compiler::new(&desired, Installation::default()));
        let given = snapshot.resources().filter_map(|resource| match resource {
            Resource::Name(NameConfig { name, vpc: Some(_), data: NameData::Addresses(addresses) }) => {
                name.ends_with(".example.com").then(|| format!("{name} {}", addresses[0].address))
            }
            Resource::Name(public) => {
                assert!(public.name.ends_with(".gw.localhost"), "{public:?}");
                None
            }
            _ => None,
        });
        given.collect::<Vec<_>>()
    };
    assert_eq!(names(&[(1, 2, false)]), ["d1.example.com 127.88.1.2"]);
    // The owner's own DNS has the public one; the fourth gateway's name is not asked for here.
    assert!(names(&[(1, 2, true), (2, 4, false)]).is_empty());
}
