//! Packets that must arrive arrive, and those that must not don't: the product on a host with several networks, which are
//! namespaces, a real client in each of them, and a table of what is expected (`expectations.txt`). As root; else skipped,
//! which is printed.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod attempt;
mod machines;
mod namespace;
mod stage;
mod states;
mod table;

use attempt::{ENFORCED, Names};
use common::http::Http;
use machines::Machines;
use stage::Stage;
use states::STATES;
use std::collections::HashMap;
use std::time::Instant;
use table::{By, Row, Section};

const EXPECTATIONS: &str = include_str!("expectations.txt");

#[test]
fn everybody_gets_what_the_table_says() {
    if !namespace::can_be_made() {
        return;
    }
    let sections = table::read(EXPECTATIONS);
    let states: Vec<&str> = sections.iter().map(|section| section.state.as_str()).collect();
    assert_eq!(states, STATES.iter().map(|(state, _)| *state).collect::<Vec<_>>(), "the table has other states");
    let machines = Machines::new();
    let wrong = machines.host.within(|| play(&machines, &sections));
    let rows: usize = sections.iter().map(|section| section.rows.len()).sum();
    println!("{rows} expectations in {} states", sections.len());
    assert!(wrong.is_empty(), "not as expected:\n{}\n{}", Row::HEAD, wrong.join("\n"));
}

/// What is not as expected, a line each.
fn play(machines: &Machines, sections: &[Section]) -> Vec<String> {
    let mut stage = Stage::new(machines);
    let mut kept = HashMap::new();
    let mut wrong = Vec::new();
    for (Section { state, rows }, (_, reach)) in sections.iter().zip(STATES) {
        let started = Instant::now();
        reach(&mut stage);
        let (mut over_kept, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.by == By::Kept);
        // First, for it counts how long it takes until they know.
        let mut told = try_kept(&stage, &over_kept, &mut kept, stage.changed + ENFORCED);
        stage.settle();
        let reached = started.elapsed();
        told.extend(try_all(&stage, &others));
        // Once more: what shall stay as it was could have been asked too early to tell.
        over_kept.retain(|row| row.expected != "closed");
        told.extend(try_kept(&stage, &over_kept, &mut kept, started));
        let mut found = std::mem::take(&mut stage.wrong);
        let is_wrong = |(row, told): &(&Row, String)| row.expected != *told;
        found.extend(told.into_iter().filter(is_wrong).map(|(row, told)| row.beside(&told)));
        found.extend(stage.end_stream());
        if !found.is_empty() {
            wrong.push(format!("== {state}"));
            // At once: a later state may not be reached.
            println!("{state}: wrong\n{}", found.join("\n"));
            wrong.extend(found);
        }
        println!("{state}: reached in {reached:?}, tried in {:?}", started.elapsed() - reached);
    }
    wrong
}

pub fn names<'n>(stage: &'n Stage<'_>) -> Names<'n> {
    Names { gateways: &stage.gateways, root: stage.product.data.join("tls/local-ca.pem") }
}

/// All at once: what waits for nobody's answer takes its time.
fn try_all<'r>(stage: &Stage<'_>, rows: &[&'r Row]) -> Vec<(&'r Row, String)> {
    let names = &names(stage);
    std::thread::scope(|scope| {
        let tries: Vec<_> =
            rows.iter().map(|row| (*row, scope.spawn(move || names.ask(stage.machines, row)))).collect();
        tries.into_iter().map(|(row, told)| (row, told.join().unwrap())).collect()
    })
}

fn try_kept<'r>(
    stage: &Stage<'_>,
    rows: &[&'r Row],
    kept: &mut HashMap<String, Option<Http>>,
    until: Instant,
) -> Vec<(&'r Row, String)> {
    let names = &names(stage);
    let connections: Vec<_> = rows.iter().map(|row| (*row, kept.remove(&row.way()).flatten())).collect();
    std::thread::scope(|scope| {
        let tries: Vec<_> = connections
            .into_iter()
            .map(|(row, mut connection)| {
                let work = move || (names.kept(stage.machines, row, &mut connection, until), connection);
                (row, scope.spawn(work))
            })
            .collect();
        let told = tries.into_iter().map(|(row, work)| (row, work.join().unwrap()));
        told.map(|(row, (told, connection))| {
            kept.insert(row.way(), connection);
            (row, told)
        })
        .collect()
    })
}
