//! `kill -9` of the console in the middle of what somebody does with a service. What was begun is done or was never
//! begun: nothing is doubled, nothing is left over, and whoever uses another service notices nothing; nor does who uses
//! this one, while it is not stopped or deleted.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::model::{open_gateway, token};
use common::services::{Asking, deploy, document, running, sample};
use common::{Console, Product, is_long, read};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

const PATIENCE: Duration = Duration::from_secs(40);
/// After it was asked for, milliseconds: before it is written down, and while replicas come and go.
const LATEST: u64 = 1_500;
/// In this order, again and again; the first one where there is no service.
const OPERATIONS: [&str; 9] = ["update", "scale", "roll_back", "restart", "stop", "start", "update", "scale", "delete"];
/// Those that whoever uses the service itself does not notice either.
const UNNOTICED: [&str; 4] = ["update", "scale", "roll_back", "restart"];
/// Replicas.
const MOST: u64 = 3;

/// Numbers that come again with the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The victim, as a document.
fn saying(gateway: &str, replicas: u64, version: &str) -> String {
    let mut process = sample();
    process["env"] = json!([{ "name": "VERSION", "value": version }]);
    document("victim", gateway, process, json!({ "metadata": { "instance": replicas } })).to_string()
}

fn victim(console: &mut Console) -> Option<Value> {
    let list = console.call("service.list", &[]).ok();
    let found = list["items"].as_array().unwrap().iter().find(|row| row["name"] == "victim")?.clone();
    Some(console.service(found["id"].as_str().unwrap()))
}

/// What somebody does, the function for it and its fields.
fn operation(
    dice: &mut Dice,
    console: &mut Console,
    gateway: &str,
    turn: &mut usize,
) -> (&'static str, &'static str, Vec<(&'static str, String)>) {
    let replicas = 1 + dice.below(MOST);
    let Some(read) = victim(console) else {
        return ("deploy", "service.deploy", vec![("document", saying(gateway, replicas, "deployed"))]);
    };
    let id = read["summary"]["id"].as_str().unwrap().to_owned();
    let seen = || vec![("id", id.clone()), ("revision", read["revision"].to_string())];
    let with = |field, value: String| [seen(), vec![(field, value)]].concat();
    let first = *turn;
    *turn += 1;
    let mut in_turn = OPERATIONS.iter().cycle().skip(first % OPERATIONS.len());
    loop {
        let what = in_turn.next().unwrap();
        return match *what {
            "update" => (what, "service.update", with("document", saying(gateway, replicas, &first.to_string()))),
            // Another number than it has.
            "scale" => {
                let replicas = 1 + (read["replicas_wanted"].as_u64().unwrap() + dice.below(2)) % MOST;
                (what, "service.scale", with("replicas", replicas.to_string()))
            }
            "roll_back" => {
                let versions = console.call("service.versions", &[("id", &id)]).ok();
                let other = versions.as_array().unwrap().iter().find(|each| each["is_wanted"] == false);
                let Some(other) = other else { continue };
                (what, "service.roll_back", with("version", other["number"].to_string()))
            }
            "restart" if read["running"] == true => (what, "service.restart", seen()),
            "stop" if read["running"] == true => (what, "service.set_running", with("on", "false".into())),
            "start" if read["running"] == false => (what, "service.set_running", with("on", "true".into())),
            "delete" => (what, "service.delete", with("confirmation", "victim".into())),
            _ => continue,
        };
    }
}

/// Processes that keep a replica of this data directory.
fn shims(data: &Path) -> usize {
    let folder = data.join("agent/replicas").display().to_string();
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = all.map(|process| read(&process.path().join("cmdline")));
    lines.filter(|line| line.contains("replica-shim") && line.contains(&folder)).count()
}

/// What is wanted of the victim and has come about; otherwise what is not so.
fn settled(console: &mut Console, product: &Product) -> Result<String, Value> {
    let read = victim(console);
    let wanted = read.as_ref().map_or(0, |read| {
        let replicas = read["replicas_wanted"].as_u64().unwrap();
        if read["running"] == true { replicas as usize } else { 0 }
    });
    let is_so = read.as_ref().is_none_or(|read| {
        let phase = read["rollout"]["phase"].as_str().unwrap_or("completed");
        let replicas = read["replicas"].as_array().unwrap();
        let is_current = |replica: &Value| replica["version"] == read["replica_version"];
        let status = if read["running"] == true { "running" } else { "stopped" };
        read["summary"]["status"] == status
            && replicas.len() == wanted
            && replicas.iter().all(is_current)
            && (["completed", "rolled_back"].contains(&phase) || read["running"] == false)
    });
    // And one of the other service. On the way there are never more than the most and one that replaces another.
    let (processes, shims) = (product.replicas().len(), shims(&product.data));
    assert!(processes.max(shims) <= MOST as usize + 2, "{processes} replicas, {shims} that keep them: {read:#?}");
    if is_so && processes == wanted + 1 && shims == wanted + 1 {
        return Ok(format!("{wanted} replicas"));
    }
    Err(json!({ "service": read, "wanted": wanted, "processes": processes, "shims": shims }))
}

/// A part of the traffic goes from one service of a group to the other, and the console is killed while it is said.
#[test]
fn a_canary_shift_is_whole_or_was_not_begun() {
    let mut product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let services = ["stable", "canary"].map(|name| {
        let mut process = sample();
        process["env"] = json!([{ "name": "VERSION", "value": name }]);
        let more = json!({ "metadata": { "group": "models" } });
        let service = deploy(&mut console, &document(name, &gateway, process, more));
        running(&mut console, &service, 1);
        service
    });
    let groups = console.call("group.list", &[]).ok();
    let group = groups[0]["id"].as_str().unwrap().to_owned();
    let read = console.call("group.read", &[("id", &group)]).ok();
    let revision = read["revision"].to_string();
    console.call("group.set_weights", &[("id", &group), ("revision", &revision), ("weights", "fixed")]).ok();
    let id = read["tokens"][0]["id"].as_str().unwrap();
    let token = console.call("group.reveal_token", &[("group", &group), ("id", id)]).ok();
    let token = token.as_str().unwrap().to_owned();
    console.change("service.set_place", &services[0], &[("draft[weight]", "50")]).ok();
    let asking = Asking::begin(door, "/api/predict/models", &token);
    let weight_of = |console: &mut Console| console.service(&services[1])["group"][1]["weight"].as_u64().unwrap();
    for round in 0..if is_long() { 50_u64 } else { 8 } {
        let (before, wanted) = (weight_of(&mut console), if round % 2 == 0 { 0 } else { 50 });
        let read = console.service(&services[1])["revision"].to_string();
        let (mut other, canary) = (console.again(), services[1].clone());
        let doing = std::thread::spawn(move || {
            let fields = [("id", canary.as_str()), ("revision", &read), ("draft[weight]", &wanted.to_string())];
            other.try_call("service.set_place", &fields).is_ok_and(|answer| answer.status == 200)
        });
        std::thread::sleep(Duration::from_millis(round * 7 % 30));
        let killed = product.kill9("console");
        let is_acknowledged = doing.join().unwrap();
        product.next_pid("console", killed);
        product.wait_for_console();
        console = console.again();
        let now = weight_of(&mut console);
        assert!(now == wanted || now == before && !is_acknowledged, "{round}: {before} → {wanted}, and it is {now}");
        // And so it is served: nothing of it, or about half.
        common::until("the engine to do so", || {
            let ask = || {
                let answer = common::http::get_with(door, "/api/predict/models/version", &[("Authorization", &token)]);
                answer.ok().is_some_and(|answer| answer.body.trim() == "canary")
            };
            let canaries = (0..60).filter(|_| ask()).count();
            (if now == 0 { canaries == 0 } else { (15..=45).contains(&canaries) }).then_some(())
        });
    }
    let (answered, failed) = asking.end();
    println!("{answered} requests of the group answered, {} failed", failed.len());
    assert!(answered > 100 && failed.is_empty(), "{:?}", &failed[..failed.len().min(5)]);
}

#[test]
fn nothing_is_left_half_done() {
    let kills = if is_long() { 50 } else { 10 };
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    let seed = std::env::var("GW_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(u64::from(clock));
    println!("{kills} kills (GW_LONG=1: 50), GW_SEED={seed}");
    let mut dice = Dice(seed);
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let steady = deploy(&mut console, &document("steady", &gateway, sample(), json!({})));
    running(&mut console, &steady, 1);
    let asking = Asking::begin(door, "/api/predict/steady", &token(&mut console, &steady));
    let engine = product.pid("engine");
    let (mut turn, mut asked) = (0, 0);

    for round in 0..kills {
        let (what, endpoint, fields) = operation(&mut dice, &mut console, &gateway, &mut turn);
        let its_own = victim(&mut console).filter(|read| read["running"] == true && UNNOTICED.contains(&what));
        let its_own = its_own.map(|read| {
            let token = token(&mut console, read["summary"]["id"].as_str().unwrap());
            Asking::begin(door, "/api/predict/victim", &token)
        });
        // Half of them before there is an answer, most likely.
        let moment = Duration::from_millis(if dice.below(2) == 0 { dice.below(60) } else { dice.below(LATEST) });
        let mut other = console.again();
        let doing = std::thread::spawn(move || {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            other.try_call(endpoint, &fields).map(|answer| (answer.status, answer.body))
        });
        // No wait for a state: the moment is what is tried out.
        std::thread::sleep(moment);
        let killed = product.kill9("console");
        let answer = doing.join().unwrap().ok();
        if let Some((status, body)) = &answer {
            assert_eq!(*status, 200, "{what}: {body}");
        }
        product.next_pid("console", killed);
        common::until("the console", || {
            let answer = common::http::get(product.console_address(), "/health").ok()?;
            (answer.status == 200).then_some(())
        });
        console = console.again();
        let began = Instant::now();
        let became = loop {
            match settled(&mut console, &product) {
                Ok(became) => break became,
                Err(seen) => {
                    let is_late = began.elapsed() > PATIENCE;
                    assert!(!is_late, "{round}: {what} after {moment:?}, GW_SEED={seed}: {seen:#}");
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        if let Some((answered, failed)) = its_own.map(Asking::end) {
            asked += answered;
            assert!(failed.is_empty(), "{round}: {what}, GW_SEED={seed}: {:?}", &failed[..failed.len().min(5)]);
        }
        if answer.is_some() {
            let is_there = victim(&mut console).is_some();
            assert_eq!(is_there, what != "delete", "{what} was acknowledged, GW_SEED={seed}");
        }
        let told = if answer.is_some() { "acknowledged" } else { "without an answer" };
        println!("{round}: {what} {told}, killed after {moment:?}: {became} after {:?}", began.elapsed());
    }
    assert_eq!(product.pid("engine"), engine, "nobody else was restarted");
    let (answered, failed) = asking.end();
    println!(
        "{answered} requests of the other service answered, {} failed; {asked} of the service itself",
        failed.len()
    );
    assert!(answered > 100 && failed.is_empty(), "GW_SEED={seed}: {:?}", &failed[..failed.len().min(5)]);
}
