//! Who is let in, who may do what, and what hostile text and hostile pages can do: nothing.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod endpoints;

use common::http::{Http, get_with};
use common::model::{Model, open_gateway};
use common::{Console, Product, until};
use endpoints::{ADMINISTRATORS, BUY, EVERYBODYS};
use std::net::{IpAddr, UdpSocket};
use std::process::Command;

#[test]
fn other_sites_cannot_post() {
    let product = Product::start();
    let mut console = product.administrator();
    let origin = format!("http://{}", product.console_address());
    let path = "/api/_fn/gateway.buy_managed";
    for headers in [
        &[][..],
        &[("Origin", "http://evil.example")],
        &[("Origin", "null")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", origin.as_str())],
        &[("Sec-Fetch-Site", "same-site"), ("Origin", origin.as_str())],
        // As a form of a page elsewhere would send it.
        &[("Origin", "http://evil.example"), ("Accept", "text/html")],
    ] {
        let answer = console.post(path, headers, &BUY).unwrap();
        assert_eq!(answer.status, 403, "{headers:?}: {}", answer.body);
        assert!(answer.body.contains("does not come from the console's own pages"), "{}", answer.body);
    }
    assert_eq!(console.call("gateway.list", &[]).ok()["unfiltered"], 0);
    for headers in [&[("Origin", origin.as_str())][..], &[("Sec-Fetch-Site", "same-origin")]] {
        let answer = console.post("/api/_fn/gateway.list", headers, &[]).unwrap();
        assert_eq!(answer.status, 200, "{headers:?}: {}", answer.body);
    }
}

/// So that a server function that is added is thought about here.
fn endpoints() -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src/features")];
    while let Some(folder) = folders.pop() {
        let inside = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(inside.filter(|path| path.is_dir()));
        texts.push(common::read(&folder.join("api.rs")));
    }
    let named = |text: &String| -> Vec<String> {
        text.split("endpoint = \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    texts.iter().flat_map(named).collect()
}

#[test]
fn strangers_do_nothing_and_viewers_change_nothing() {
    let all = endpoints();
    assert!(all.len() > 50, "{all:?}");
    for endpoint in &all {
        let known = EVERYBODYS.contains(&&**endpoint) || ADMINISTRATORS.iter().any(|(name, _)| name == endpoint);
        assert!(known, "{endpoint} is new: say in this test who may call it");
    }

    let product = Product::start();
    let mut console = product.administrator();
    let model = Model::start(&product, &mut console);
    let before = (console.gateway(&model.gateway), console.service(&model.service));
    let token = before.1["invocation"]["tokens"][0]["id"].as_str().unwrap().to_owned();
    let networks = console.call("network.list", &[]).ok();
    let vpc = &networks["vpcs"][0];
    let fill = |value: &str| match value {
        "$gateway" => model.gateway.clone(),
        "$service" => model.service.clone(),
        "$token" => token.clone(),
        "$vpc" => vpc["vpc"]["id"].as_str().unwrap().to_owned(),
        "$vswitch" => vpc["vswitches"][0]["vswitch"]["id"].as_str().unwrap().to_owned(),
        other => other.to_owned(),
    };
    let mut stranger = Console::new(product.console_address());
    let mut viewer = Console::new(product.console_address());
    let link = console.call("user.invite", &[("role", "viewer")]).ok();
    viewer.join(link.as_str().unwrap().rsplit('/').next().unwrap(), "viewer").ok();
    for (endpoint, fields) in ADMINISTRATORS {
        let filled: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, fill(value))).collect();
        let fields: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        stranger.call(endpoint, &fields).refused(401, "unauthenticated");
        viewer.call(endpoint, &fields).refused(403, "forbidden");
    }
    for endpoint in [
        "gateway.list",
        "session.list",
        "service.choices",
        "network.list",
        "certificate.list",
        "billing.cost",
        "billing.orders",
        "billing.prices",
    ] {
        stranger.call(endpoint, &[]).refused(401, "unauthenticated");
        viewer.call(endpoint, &[]).ok();
    }
    assert_eq!(viewer.call("network.list", &[]).ok(), networks);
    let after = (viewer.gateway(&model.gateway), viewer.service(&model.service));
    assert_eq!((&after.0["revision"], &after.1["revision"]), (&before.0["revision"], &before.1["revision"]));
    assert!(!viewer.page(&format!("/services/{}/invocation", model.service)).body.contains(&model.token));
    assert!(model.answers());
}

#[test]
fn pages_run_their_own_scripts_only() {
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, _) = open_gateway(&mut console, "first");
    let mut nonces = Vec::new();
    for path in ["/gateways", &format!("/gateways/{gateway}/internet"), "/services/new/custom", "/account", "/nonsense"]
    {
        let page = console.page(path);
        let policy = page.header("content-security-policy").unwrap_or_else(|| panic!("{path} has no policy"));
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        if page.status == 200 {
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            for script in page.body.split("<script").skip(1) {
                let (tag, text) = script.split_once('>').unwrap();
                // Leptos ends a page with an empty one, which browsers do not look at.
                assert!(tag.contains(&nonce) || text.starts_with("</script>"), "{path}: <script{tag}> has no nonce");
            }
            assert!(!page.body.contains(" onclick=") && !page.body.contains(" style=\""), "{path}");
            assert_eq!(page.header("cache-control"), Some("no-store"), "{path}: shown to who is signed in only");
            nonces.push(nonce);
        }
    }
    let count = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert!(count >= 4 && nonces.len() == count, "a nonce is used once: {nonces:?}");
}

#[test]
fn nothing_of_the_console_is_on_the_gateways_doors() {
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, door) = open_gateway(&mut console, "first");
    let (host, cookie) = (format!("{gateway}.local.gw.localhost"), console.cookie());
    for path in ["/gateways", "/sign-in", "/api/_fn/gateway.list", "/health", "/pkg/console.js", "/events", "/welcome"]
    {
        for (address, host) in [(door, door.to_string()), (product.ports.http(), host.clone())] {
            let answer = get_with(address, path, &[("Host", &host), ("Cookie", &cookie)]).unwrap();
            assert_eq!((answer.status, answer.code().as_str()), (404, "NoSuchService"), "{path} at {address}");
            assert_eq!(answer.header("set-cookie"), None);
        }
        let unknown = get_with(product.ports.http(), path, &[("Cookie", &cookie)]).unwrap();
        assert_eq!((unknown.status, unknown.code().as_str()), (404, "NoSuchGateway"), "{path}");
    }
}

#[test]
fn the_first_link_works_once_and_its_cookie_stays_here() {
    let product = Product::start();
    let token = product.setup_token();
    let origin = format!("http://{}", product.console_address());
    let fields = [("token", token.as_str()), ("name", "admin"), ("password", "short"), ("repeated", "short")];
    let mut console = Console::new(product.console_address());
    // What was typed wrong does not use it up.
    console.call("user.join", &fields).refused(422, "invalid");
    let fields = [
        ("token", token.as_str()),
        ("name", "admin"),
        ("password", common::console::PASSWORD),
        ("repeated", common::console::PASSWORD),
    ];
    let joined = console.post("/api/_fn/user.join", &[("Origin", &origin)], &fields).unwrap();
    assert_eq!(joined.status, 200, "{}", joined.body);
    let cookie = joined.header("set-cookie").unwrap();
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Domain") && cookie.contains("; Path=/"), "{cookie}");
    Console::new(product.console_address()).join(&token, "second").refused(410, "invitation_invalid");
    Console::new(product.console_address()).join("nonsense", "third").refused(410, "invitation_invalid");
    // A session that ended is of no use to who kept its cookie.
    let mut copy = console.again();
    console.call("session.end", &[]).ok();
    copy.call("gateway.list", &[]).refused(401, "unauthenticated");
}

#[test]
fn hostile_text_is_refused_or_inert() {
    let product = Product::start();
    let mut console = product.administrator();
    let origin = format!("http://{}", product.console_address());
    let script = "</textarea></title><script>alert(1)</script>";
    let megabyte = "a".repeat(1_000_000);
    for name in [script, "nul\0nul", "\u{202e}txt.exe", "🦀", "a/b", "", "  ", "%00", "-", &"a".repeat(64), &megabyte]
    {
        console.buy(name).refused(422, "invalid");
        // A form without JavaScript shows again what was typed, as text.
        let referer = format!("{origin}/gateways/new/managed/confirm?name=x&spec=2c4g&nodes=2&charge=PostPaid");
        let headers = [("Origin", origin.as_str()), ("Accept", "text/html"), ("Referer", referer.as_str())];
        let fields = [("name", name), ("spec", "2c4g"), ("nodes", "2"), ("charge", "PostPaid")];
        let answer = console.post("/api/_fn/gateway.buy_managed", &headers, &fields).unwrap();
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = console.page(answer.header("location").unwrap());
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("<script>alert"), "{name:.40}");
        assert!(page.body.len() < 300_000, "{name:.40}: a page of {} bytes", page.body.len());
    }
    // More than any form of this console is.
    let huge = "a".repeat(2_000_000);
    let answer = console.post("/api/_fn/gateway.buy_managed", &[("Origin", &origin)], &[("name", &huge)]).unwrap();
    assert_eq!((answer.status, answer.body.contains("too_large")), (413, true), "{}", answer.body);
    let referer = format!("{origin}/gateways/new/managed/confirm?name=x&spec=2c4g&nodes=2&charge=PostPaid");
    let headers = [("Origin", origin.as_str()), ("Accept", "text/html"), ("Referer", referer.as_str())];
    let answer = console.post("/api/_fn/gateway.buy_managed", &headers, &[("name", &huge)]).unwrap();
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = console.page(answer.header("location").unwrap()).body;
    assert!(page.contains("too large for this console"), "said on the page, in its frame");
    assert_eq!(console.again().call("gateway.list", &[]).ok()["unfiltered"], 0);

    // Letters of any script are a name; free text is kept as it is and shown as text.
    let mut console = console.again();
    let gateway = console.buy("推理网关").id();
    console.change("gateway.whitelist_add", &gateway, &[("blocks", "127.0.0.1"), ("comment", script)]).ok();
    let kept = console.gateway(&gateway)["internet"]["whitelist"].to_string();
    assert!(kept.contains("<script>alert(1)</script>"), "{kept}");
    let env = format!("NOTE={script}");
    let draft = [
        ("draft[name]", "hostile"),
        ("draft[command]", "inference-gateway sample-model '</textarea><script>alert(2)</script>'"),
        ("draft[env]", &env),
        ("draft[port]", ""),
        ("draft[replicas]", "1"),
        ("draft[readiness_method]", "http"),
        ("draft[readiness_path]", "/<script>alert(3)</script>"),
        ("draft[gateway]", &gateway),
    ];
    let service = console.call("service.deploy", &draft).id();
    for path in [
        "/gateways".to_owned(),
        format!("/gateways?q={}", "%3C/textarea%3E%3Cscript%3Ealert(1)%3C/script%3E"),
        format!("/gateways/{gateway}"),
        format!("/gateways/{gateway}/internet"),
        "/services".to_owned(),
        format!("/services/{service}"),
        format!("/services/{service}/invocation"),
        "/sign-in?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
    ] {
        let page = console.page(&path);
        assert!(page.status == 200, "{path}: {}", page.status);
        assert!(!page.body.contains("<script>alert"), "{path} shows a script");
    }
}

#[test]
fn a_stale_edit_is_a_conflict_and_no_edit_is_none() {
    let product = Product::start();
    let mut console = product.administrator();
    let (gateway, _) = open_gateway(&mut console, "first");
    let before = console.gateway(&gateway);
    let revision = before["revision"].as_i64().unwrap();
    let stale = (revision - 1).to_string();
    for (endpoint, field) in [
        ("gateway.set_portal", ("on", "false")),
        ("gateway.whitelist_remove", ("block", "127.0.0.1/32")),
        ("gateway.set_default", ("on", "true")),
        ("gateway.delete", ("confirmation", "first")),
    ] {
        console.call(endpoint, &[("id", &gateway), ("revision", &stale), field]).refused(409, "conflict");
    }
    let add = [("id", gateway.as_str()), ("revision", &stale), ("blocks", "192.0.2.1"), ("comment", "")];
    console.call("gateway.whitelist_add", &add).refused(409, "conflict");
    let after = console.gateway(&gateway);
    assert_eq!((&after["revision"], &after["internet"]), (&before["revision"], &before["internet"]));
    // Saving what is so already is no change.
    console.change("gateway.set_portal", &gateway, &[("on", "true")]).ok();
    console.change("gateway.set_default", &gateway, &[("on", "false")]).ok();
    assert_eq!(console.gateway(&gateway)["revision"].as_i64(), Some(revision));
}

#[test]
fn encrypted_with_the_local_authority() {
    let mut product = Product::prepared();
    product.options.push("--console-tls=local-ca".into());
    product.spawn("serve");
    let token = product.setup_token();
    let origin = format!("https://{}", product.console_address());
    let authority = product.data.join("tls/local-ca.pem");
    let curl = |arguments: &[&str]| {
        let mut command = Command::new("curl");
        let output = command.args(["-sSi", "--max-time", "10", "--cacert"]).arg(&authority).args(arguments).output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    };
    until("the console", || curl(&[&format!("{origin}/health")]).ends_with("ok\n").then_some(()));
    let password = common::console::PASSWORD;
    let fields = common::console::encode(&[
        ("token", &token),
        ("name", "admin"),
        ("password", password),
        ("repeated", password),
    ]);
    let from = format!("Origin: {origin}");
    let joined =
        curl(&["-H", &from, "-H", "Accept: application/json", "-d", &fields, &format!("{origin}/api/_fn/user.join")]);
    let cookie = joined.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie:"));
    let cookie = cookie.unwrap_or_else(|| panic!("no cookie: {joined}"));
    assert!(cookie.contains("__Host-") && cookie.contains("; Secure"), "{cookie}");
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
    // Whoever speaks plain HTTP there gets nothing.
    assert!(Http::connect(product.console_address()).unwrap().get("/sign-in", &[]).is_err());
}

#[test]
fn no_password_travels_in_clear() {
    // Which address this machine would use for the way out; nothing is sent.
    let outward = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    let Some(address) = outward.ok().map(|address| address.ip()).filter(|address: &IpAddr| !address.is_loopback())
    else {
        println!("skipped: this machine has loopback only");
        return;
    };
    let mut product = Product::prepared();
    let port = product.ports.console().port();
    product.options.push(format!("--console-addr={address}:{port}"));
    product.serve();
    let token = product.setup_token();
    let mut console = Console::new(product.console_address());
    for answer in
        [console.page("/sign-in"), console.page(&format!("/join/{token}")), console.join(&token, "admin").answer]
    {
        assert_eq!(answer.status, 403, "{}", answer.body);
        assert!(
            answer.body.contains("--console-tls local-ca") && answer.body.contains("--console-url"),
            "{}",
            answer.body
        );
        assert_eq!(answer.header("set-cookie"), None);
    }
}
