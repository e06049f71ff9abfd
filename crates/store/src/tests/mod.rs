//! What every database behind [`Store`] must do. A further database is one more line at the end.

mod conformance;
mod conformance_acme;
mod conformance_alb;
mod conformance_billing;
mod conformance_groups;
mod conformance_hosts;
mod conformance_orders;
mod conformance_services;
mod conformance_tokens;
mod sample;

macro_rules! conformance {
    ($database:ident, $open:path) => {
        mod $database {
            conformance!(@each $open;
                a_gateway_is_read_as_it_was_written
                a_stale_edit_conflicts_and_changes_nothing
                names_are_unique_without_regard_to_case
                a_gateway_with_services_stays
                tokens_go_with_their_service
                tokens_are_edited_by_who_saw_them
                a_dropped_write_never_happened
                changes_are_numbered_in_order_of_commits
                an_invitation_works_once
                sessions_end
                hostile_text_is_inert
                audit_is_read_newest_first
                networks_are_read_as_they_were_written
                an_alb_holds_its_networks_and_goes_with_its_gateway
                a_service_holds_its_vpc
                groups_are_read_as_they_were_written
                orders_are_read_oldest_first_and_outlive_their_gateway
                what_ran_is_kept_when_its_gateway_is_gone
                usage_adds_up_and_prices_and_months_are_read_as_written
                ordered_certificates_are_read_as_they_were_written
                accounts_are_edited_and_deleted_by_who_saw_them
                a_lease_has_one_holder
                hosts_are_read_as_they_were_written
                a_host_joins_by_a_token_once
                versions_are_kept_as_long_as_they_are_used
                the_same_of_a_replica_again_is_one_event
            );
        }
    };
    (@each $open:path; $($test:ident)*) => {$(
        #[tokio::test]
        async fn $test() {
            let database = $open().await;
            super::conformance::$test(database.store.clone()).await;
        }
    )*};
}

/// A database of its own for one test.
struct TestDatabase {
    store: crate::Store,
    _folder: tempfile::TempDir,
}

async fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a folder");
    // A blank and a percent sign: paths are encoded.
    let store = crate::Store::open(&folder.path().join("a gate%20way.db")).await.expect("opens");
    TestDatabase { store, _folder: folder }
}

conformance!(on_sqlite, super::sqlite);

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let Err(error) = crate::Store::open(std::path::Path::new("/nowhere/at/all.db")).await else { panic!("opened") };
    assert!(error.to_string().contains("/nowhere/at/all.db"), "{error}");
}

#[tokio::test]
async fn a_damaged_database_is_called_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("console.db");
    std::fs::write(&path, vec![0x55; 8192]).expect("writes");
    let Err(error) = crate::Store::open(&path).await else { panic!("opened") };
    assert!(matches!(error, crate::StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("console.db"), "{error}");
}

#[tokio::test]
async fn others_cannot_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let database = sqlite().await;
    sample::tenant(&database.store).await;
    for entry in std::fs::read_dir(database._folder.path()).expect("lists") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.path());
    }
}

#[tokio::test]
async fn writes_are_there_after_opening_again() {
    let database = sqlite().await;
    let tenant = sample::tenant(&database.store).await;
    let gateway = sample::gateway(&tenant, 1);
    let mut tx = database.store.begin().await.expect("begins");
    tx.insert_gateway(&gateway).await.expect("writes");
    tx.commit().await.expect("commits");
    database.store.close().await;
    let again = crate::Store::open(&database.store.path).await.expect("opens");
    assert_eq!(again.gateway(&gateway.id).await.expect("reads"), Some(gateway));
}
