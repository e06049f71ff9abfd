//! The states of the table, each reached from the one before.

use super::stage::{NOTICED, Stage};
use super::table::Row;
use std::time::Instant;

const FIRST: (&str, &str) = ("first", "vpc-a");
const SECOND: (&str, &str) = ("second", "vpc-a");
const THIRD: (&str, &str) = ("third", "vpc-b");
/// The VPC is another account's.
const FOURTH: (&str, &str) = ("fourth", "vpc-r");
const EDGE: (&str, &str) = ("edge", "vpc-a");
const SIX: (&str, &str) = ("six", "vpc-6");
const A: &str = "local-a";
const B: &str = "local-b";
const EVERYONE: &str = "0.0.0.0/0";
const EVERYONE_V6: &str = "::/0";
/// What the page about a link says before the address.
const GONE: &str = "The gateway listens again by itself:";

type Reach = fn(&mut Stage<'_>);

pub const STATES: &[(&str, Reach)] = &[
    ("nothing linked", |stage| {
        stage.buy("first");
        stage.add_vpc("vpc-a", "10.101.0.0/16", &[(A, "10.101.1.0/24"), (B, "10.101.2.0/24")]);
        stage.deploy("first");
    }),
    ("VPC A linked in zone 1", |stage| stage.link(FIRST, &[A])),
    ("VPC A linked in both zones", |stage| stage.choose(FIRST, &[A, B])),
    ("whitelist narrowed to one client", |stage| {
        stage.admit(FIRST, "10.101.1.3");
        stage.expel(FIRST, EVERYONE);
    }),
    ("whitelist emptied", |stage| stage.expel(FIRST, "10.101.1.3/32")),
    ("whitelist restored", |stage| stage.admit(FIRST, EVERYONE)),
    ("vSwitch of zone 2 removed", |stage| stage.choose(FIRST, &[A])),
    ("vSwitch of zone 2 back", |stage| stage.choose(FIRST, &[A, B])),
    ("portal on, public list empty", |stage| stage.portal("first", "true")),
    ("public list has one client", |stage| stage.admit_publicly("first", "203.0.113.2")),
    ("a second gateway beside the first", |stage| {
        stage.buy("second");
        stage.link(SECOND, &[A, B]);
        stage.admit(SECOND, "10.101.2.0/24");
        stage.expel(SECOND, EVERYONE);
    }),
    ("VPC B adopted and linked by a third gateway", |stage| {
        stage.buy("third");
        stage.adopt("vpc-b", "b1", "10.102.0.1");
        stage.link(THIRD, &[A]);
    }),
    ("addresses of zone 2 and VPC B gone", |stage| {
        stage.machines.host.ip("addr del 10.101.2.1/24 dev a2");
        stage.machines.host.ip("addr del 10.102.0.1/24 dev b1");
        // The one has another address, the other none.
        for (link, status, address) in [(FIRST, "Degraded", "10.101.2.1"), (THIRD, "Failed", "10.102.0.1")] {
            stage.wait_for_link(link, &status.to_lowercase());
            stage.page_says(link, status);
            stage.page_says(link, &format!("{GONE} {address}"));
        }
    }),
    ("addresses of zone 2 and VPC B back", |stage| {
        stage.machines.host.ip("addr add 10.101.2.1/24 dev a2");
        stage.machines.host.ip("addr add 10.102.0.1/24 dev b1");
        for link in [FIRST, SECOND, THIRD] {
            stage.wait_for_link(link, "running");
            let page = stage.page(link);
            if page.contains(GONE) {
                stage.wrong.push(format!("the page still says that it is gone: {page}"));
            }
        }
    }),
    ("another interface is given an address of VPC A", |stage| {
        stage.machines.host.ip("addr add 10.101.9.1/24 dev other");
        wait_for(stage, "200 first");
    }),
    ("and loses it again", |stage| {
        stage.machines.host.ip("addr del 10.101.9.1/24 dev other");
        wait_for(stage, "refused");
    }),
    ("VPC A asks here for names", |stage| stage.choose_with_dns(FIRST, &[A, B])),
    ("another account's VPC, not granted", |stage| {
        stage.add_account("research");
        stage.add_foreign_vpc("research", "vpc-r", (A, "10.103.0.0/24"));
        stage.buy("fourth");
        stage.cannot_link(FOURTH, A);
    }),
    ("granted and linked", |stage| {
        stage.grant("vpc-r", true);
        stage.link_with_dns(FOURTH, &[A]);
    }),
    ("the grant taken back", |stage| {
        stage.grant("vpc-r", false);
        stage.page_says(FOURTH, "which has taken its grant back");
    }),
    ("granted again", |stage| stage.grant("vpc-r", true)),
    ("VPC B a peer of it", |stage| stage.peer(FOURTH, &["vpc-b"])),
    ("and no more", |stage| stage.peer(FOURTH, &[])),
    ("VPC A asks elsewhere", |stage| stage.choose(FIRST, &[A, B])),
    ("portal off", |stage| stage.portal("first", "false")),
    ("VPC A deleted from the first gateway", |stage| {
        stage.start_stream();
        stage.unlink(FIRST);
    }),
    ("VPC A deleted from the second gateway", |stage| stage.unlink(SECOND)),
    ("an ALB gateway gets access from VPC A", |stage| {
        stage.create_alb("edge");
        stage.link(EDGE, &[A, B]);
    }),
    ("its public access enabled for one client", |stage| stage.enable_public(EDGE, &[A], "203.0.113.2")),
    ("its access from VPC A disabled", |stage| stage.unlink(EDGE)),
    ("its last access disabled", |stage| {
        stage.portal("edge", "false");
        stage.is_released("edge");
    }),
    ("VPC A deleted", |stage| stage.delete_vpc("vpc-a")),
    ("a VPC of IPv6 addresses linked, and asking here for names", |stage| {
        stage.buy("six");
        stage.add_vpc("vpc-6", "fd00:106::/32", &[(A, "fd00:106:1::/64"), (B, "fd00:106:2::/64")]);
        stage.link_with_dns(SIX, &[A, B]);
    }),
    ("its whitelist narrowed to one IPv6 client", |stage| {
        stage.admit(SIX, "fd00:106:1::3");
        stage.expel(SIX, EVERYONE_V6);
    }),
    ("its IPv6 address of zone 2 gone", |stage| {
        stage.admit(SIX, EVERYONE_V6);
        stage.machines.host.ip("addr del fd00:106:2::1/64 dev s2");
        stage.wait_for_link(SIX, "degraded");
        stage.page_says(SIX, &format!("{GONE} fd00:106:2::1"));
    }),
    ("and back", |stage| {
        stage.machines.host.add("fd00:106:2::1/64", "s2");
        stage.wait_for_link(SIX, "running");
    }),
    ("its portal on, public list has one IPv6 client", |stage| {
        stage.portal("six", "true");
        stage.admit_publicly("six", "2001:db8:f::2");
    }),
    ("and an IPv4 client in IPv6's clothes", |stage| stage.admit_publicly("six", "::ffff:203.0.113.2")),
    ("public list is everyone of IPv4", |stage| {
        stage.expel_publicly("six", "2001:db8:f::2/128");
        stage.expel_publicly("six", "203.0.113.2/32");
        stage.admit_publicly("six", EVERYONE);
    }),
    ("public list is everyone of IPv6", |stage| {
        stage.expel_publicly("six", EVERYONE);
        stage.admit_publicly("six", EVERYONE_V6);
    }),
    ("engine killed", |stage| stage.kill_engine()),
];

/// Nothing is changed in the console, so it has nothing to say: `account-b` sees when it is noticed. If it is not, its rows
/// will say so.
fn wait_for(stage: &mut Stage<'_>, told: &str) {
    let row = Row::parse(0, &format!("account-b - http - 10.101.1.1 {told}")).unwrap();
    let deadline = Instant::now() + NOTICED;
    while super::names(stage).ask(stage.machines, &row) != told && Instant::now() < deadline {}
    stage.changed = Instant::now();
}
