//! The file: what is written is read, also by the next console, and the past is forgotten.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use chrono::{DateTime, Utc};
use domain::histogram::{Histogram, bucket};
use domain::id::{EngineId, RANDOM_LEN, ReplicaId, ServiceId};
use observe::{Counted, Flush, LARGEST, ReplicaCell, STEPS, Series, ServiceCell, Subject, Taken, Watched};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_800_000 + seconds, 0).unwrap()
}

fn service(number: u8) -> ServiceId {
    ServiceId::from_random([number; RANDOM_LEN])
}

fn requests(count: u64) -> Counted {
    Counted { requests: count, classes: [count, 0, 0, 0], ..Counted::default() }
}

/// Requests of one service, counted by one engine.
fn flush(seconds: i64, count: u64, total: u64) -> Flush {
    let cell = ServiceCell { counted: requests(count), ..ServiceCell::default() };
    let key = (EngineId::from_random([1; RANDOM_LEN]), service(1));
    Flush {
        at: at(seconds),
        now: at(seconds),
        watched: Watched { millis: 10_000 },
        services: [(service(1), cell)].into(),
        totals: vec![(key, Taken { started_at: at(0), counted: requests(total) })],
    }
}

async fn open(folder: &Path) -> Series {
    Series::open(&folder.join("series.db"), at(0)).await.unwrap()
}

async fn counts(series: &Series, step: usize) -> Vec<(i64, u64)> {
    let all = (at(-1_000_000_000).timestamp(), at(1_000_000_000).timestamp());
    let cells = series.read::<ServiceCell>(&Subject::Service(service(1)), STEPS[step], all).await.unwrap();
    cells.into_iter().map(|(begin, cell)| (begin - at(0).timestamp(), cell.counted.requests)).collect()
}

#[tokio::test]
async fn all_that_was_written_is_there_for_the_next_console() {
    let folder = tempfile::tempdir().unwrap();
    let series = open(folder.path()).await;
    assert_eq!(series.written_at().await.unwrap(), None);
    for (seconds, count, total) in [(0, 3, 3), (9, 4, 7), (10, 5, 12), (65, 1, 13)] {
        series.write(&flush(seconds, count, total)).await.unwrap();
    }
    // Killed: nobody closes anything.
    std::mem::forget(series);
    let series = Series::open(&folder.path().join("series.db"), at(99)).await.unwrap();
    assert_eq!(counts(&series, 0).await, [(0, 7), (10, 5), (60, 1)]);
    assert_eq!(counts(&series, 1).await, [(0, 12), (60, 1)]);
    assert_eq!(counts(&series, 2).await, [(0, 13)]);
    let totals = series.totals().await.unwrap();
    let known: Vec<_> = totals.values().map(|taken| (taken.started_at, taken.counted.requests)).collect();
    assert_eq!(known, [(at(0), 13)]);
    assert_eq!((series.written_at().await.unwrap(), series.born_at().await.unwrap()), (Some(at(65)), Some(at(0))));
    // It goes on where it was.
    series.write(&flush(66, 2, 15)).await.unwrap();
    assert_eq!(counts(&series, 0).await, [(0, 7), (10, 5), (60, 3)]);
    let mode = std::fs::metadata(folder.path().join("series.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "only the product's own user reads it");
}

#[tokio::test]
async fn percentiles_and_replicas_come_back_as_they_went() {
    let folder = tempfile::tempdir().unwrap();
    let series = open(folder.path()).await;
    let replica = ReplicaId::from_random([7; RANDOM_LEN]);
    let mut cell = ServiceCell::default();
    cell.counted.latency = Histogram::of([(bucket(500), 90), (bucket(9_000), 10)]);
    let busy = ReplicaCell { cpu_count: 2, cpu_sum: 60, memory_count: 1, memory_sum: 77, in_flight: Some(4) };
    cell.replicas.insert(replica.clone(), busy);
    let mut one = flush(0, 0, 0);
    one.services = [(service(1), cell.clone())].into();
    series.write(&one).await.unwrap();
    cell.counted.latency = Histogram::of([(bucket(9_000), 100)]);
    one.services = [(service(1), cell)].into();
    series.write(&one).await.unwrap();
    let span = (at(0).timestamp(), at(1).timestamp());
    let read = series.read::<ServiceCell>(&Subject::Service(service(1)), STEPS[0], span).await.unwrap();
    let (_, cell) = &read[0];
    assert_eq!(cell.counted.latency.count(), 200);
    assert_eq!(cell.counted.latency.quantile(0.45).map(|micros| micros.abs_diff(500) <= 10), Some(true));
    assert_eq!(cell.counted.latency.quantile(0.5).map(|micros| micros.abs_diff(9_000) <= 180), Some(true));
    let replica = cell.replicas[&replica];
    assert_eq!((replica.cpu_percent(), replica.memory_bytes(), replica.in_flight), (Some(30), Some(77), Some(4)));
}

#[tokio::test]
async fn the_past_is_forgotten_by_age() {
    let folder = tempfile::tempdir().unwrap();
    let series = open(folder.path()).await;
    let days = |days: i64| days * 86_400;
    for (seconds, count) in [(0, 1), (days(2), 2), (days(39), 4), (days(41) - 60, 8)] {
        series.write(&flush(seconds, count, count)).await.unwrap();
    }
    series.forget(at(days(41)), LARGEST).await.unwrap();
    assert_eq!(counts(&series, 0).await, [(days(41) - 60, 8)], "10 s for a day");
    assert_eq!(counts(&series, 1).await, [(days(39), 4), (days(41) - 60, 8)], "1 min for a month");
    assert_eq!(counts(&series, 2).await.len(), 4, "1 h for a year");
    series.forget(at(days(500)), LARGEST).await.unwrap();
    assert_eq!(counts(&series, 2).await, []);
    assert!(series.totals().await.unwrap().is_empty(), "of an engine that is long gone");
}

#[tokio::test]
async fn the_file_stays_small_at_the_cost_of_the_oldest() {
    let folder = tempfile::tempdir().unwrap();
    let series = open(folder.path()).await;
    let mut heavy = flush(0, 1, 1);
    let latency = Histogram::of((0..1_000).map(|bucket| (bucket, 1)));
    heavy.services.get_mut(&service(1)).unwrap().counted.latency = latency;
    for each in 0..900 {
        (heavy.at, heavy.now) = (at(each * 10), at(each * 10));
        series.write(&heavy).await.unwrap();
    }
    let before = series.used_bytes().await.unwrap();
    let largest = before / 2;
    series.forget(at(9_000), largest).await.unwrap();
    assert!(series.used_bytes().await.unwrap() <= largest, "{before}");
    let left = counts(&series, 0).await;
    assert!(left.len() >= 360 && left.iter().all(|(begin, _)| *begin >= 9_000 - 3_600), "the newest hour stays");
    assert_eq!(counts(&series, 1).await.len(), 150, "coarser ones are not touched while that is enough");
}

#[tokio::test]
async fn a_damaged_file_is_kept_aside_and_a_new_one_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("series.db");
    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    let series = open(folder.path()).await;
    series.write(&flush(0, 3, 3)).await.unwrap();
    assert_eq!(counts(&series, 0).await, [(0, 3)]);
    assert_eq!(std::fs::read(folder.path().join("series.db.damaged")).unwrap(), vec![b'x'; 8192]);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said_to_be_so() {
    let error = Series::open(Path::new("/nowhere/at/all.db"), at(0)).await.unwrap_err();
    assert!(error.to_string().contains("check that the folder exists"), "{error}");
}

#[tokio::test]
async fn bytes_of_another_version_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let series = open(folder.path()).await;
    series.write(&flush(0, 3, 3)).await.unwrap();
    // Fewer fields than today, and one that is not known.
    #[derive(serde::Serialize)]
    struct Other {
        counted: Few,
        tomorrow: u8,
    }
    #[derive(serde::Serialize)]
    struct Few {
        requests: u64,
    }
    let other = rmp_serde::to_vec_named(&Other { counted: Few { requests: 9 }, tomorrow: 1 }).unwrap();
    let pool =
        sqlx::SqlitePool::connect(&format!("sqlite://{}", folder.path().join("series.db").display())).await.unwrap();
    let subject = "(SELECT id FROM subjects WHERE key LIKE 'service/%')";
    let insert = format!("INSERT INTO cells (subject, step, at, data) VALUES ({subject}, 10, $1, $2)");
    for (begin, data) in [(at(10), other), (at(20), vec![0xc1, 0xff])] {
        let insert = sqlx::AssertSqlSafe(insert.clone());
        sqlx::query(insert).bind(begin.timestamp()).bind(data).execute(&pool).await.unwrap();
    }
    assert_eq!(counts(&series, 0).await, [(0, 3), (10, 9)]);
    // Added to all the same.
    series.write(&flush(20, 1, 4)).await.unwrap();
    assert_eq!(counts(&series, 0).await, [(0, 3), (10, 9), (20, 1)]);
}
