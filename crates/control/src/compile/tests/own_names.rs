//! Which certificate is shown for a gateway's own name.

use super::*;
use std::slice::from_ref;

/// Names that certificates of these numbers are shown for, with the gateways there are; each was ordered for the first's.
fn shown(gateways: &[(u8, bool)], certificates: &[(u8, i64, bool)]) -> Vec<Vec<String>> {
    let mut desired = with_gateways(gateways);
    for (n, created, is_issued) in certificates {
        let mut held = held(*n, true);
        held.row = ordered(held.row, Some(1));
        held.row.created_at = DateTime::from_timestamp(*created, 0).expect("a time");
        held.row.facts = held.row.facts.filter(|_| *is_issued);
        desired.apply(&Touched::Certificate(held.row.id.clone(), Some(Arc::new(held))));
    }
    let snapshot = seen(&Compiler::new(&desired, Installation::default()));
    let names = |n: &u8| match snapshot.get(&ResourceKey::Certificate(uploaded(*n))).map(Arc::as_ref) {
        Some(Resource::Certificate(config)) => config.names.clone(),
        _ => Vec::new(),
    };
    certificates.iter().map(|(n, ..)| names(n)).collect()
}

#[test]
fn a_certificate_ordered_for_a_gateways_own_name_is_shown_for_it() {
    let own = vec![Installation::default().public_host(&gateway(1, true).id)];
    let none = Vec::<String>::new();
    assert_eq!(shown(&[(1, true)], &[(0, 1, true)]), from_ref(&own), "and for nothing else that it covers");
    assert_eq!(shown(&[(1, true)], &[(0, 1, false)]), from_ref(&none), "not before it was issued");
    assert_eq!(shown(&[(2, true)], &[(0, 1, true)]), from_ref(&none), "there is no such gateway any more");
    // Two for one name would be refused by every engine.
    assert_eq!(shown(&[(1, true)], &[(0, 2, true), (1, 1, true)]), [own.clone(), none.clone()]);
    assert_eq!(shown(&[(1, true)], &[(0, 1, true), (1, 2, false)]), [own, none], "the newer is not issued yet");
    // Another account's gateway is none of its business.
    let theirs = gateway(5, true);
    let mut desired = with_gateways(&[(5, true)]);
    let mut held = held(0, true);
    held.row.workspace_id = WorkspaceId::from_random([9; RANDOM_LEN]);
    held.row = ordered(held.row, Some(5));
    desired.apply(&Touched::Certificate(held.row.id.clone(), Some(Arc::new(held))));
    assert!(desired.shown_for(&theirs, &Installation::default().public_host(&theirs.id)).is_none());
}
