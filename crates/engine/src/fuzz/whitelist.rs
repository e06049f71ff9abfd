//! Lists of addresses as people type them.

use domain::cidr::{Cidr, canonical};
use domain::whitelist::Whitelist;

/// A list is refused or means what it shows.
pub fn look(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(list) = Whitelist::default().with_added(text, "") else { return };
    assert!(list.entries().len() <= domain::whitelist::MAX_ENTRIES);
    let shown: Vec<String> = list.entries().iter().map(|entry| entry.cidr.to_string()).collect();
    let again = Whitelist::default().with_added(&shown.join(","), "").expect("what is shown can be typed");
    assert_eq!(again, list);
    for entry in list.entries() {
        let net = entry.cidr.network();
        assert_eq!((net.addr(), net.prefix_len()), (net.network(), net.prefix_len()), "no host bits");
        for address in [net.addr(), net.broadcast()] {
            // IPv4 in IPv6's clothes is IPv4: `::/0` and other blocks around `::ffff:0:0/96` do not let it in.
            let is_dressed = canonical(address) != address;
            assert!(is_dressed || list.matching(address).is_some());
        }
        let json = serde_json::to_string(&entry.cidr).expect("JSON");
        assert_eq!(serde_json::from_str::<Cidr>(&json).expect("the same"), entry.cidr);
    }
}
