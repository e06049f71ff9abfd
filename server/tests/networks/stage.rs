//! The product on its host, and what an operator does in its console.

use super::common::model::{deploy, token};
use super::common::{Console, Product, until};
use super::machines::Machines;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Engines look at their host every second.
pub const NOTICED: Duration = Duration::from_secs(5);

pub struct Stage<'m> {
    pub product: Product,
    pub console: Console,
    pub machines: &'m Machines,
    /// Ids, by what the table calls them.
    pub gateways: BTreeMap<String, String>,
    /// Ids, by what the states call them.
    pub vpcs: BTreeMap<&'static str, String>,
    vswitches: BTreeMap<String, String>,
    service: Option<String>,
    /// When the console answered last that it had changed something.
    pub changed: Instant,
    stream: Option<Child>,
    /// What a state found that is not as it should be, besides the rows.
    pub wrong: Vec<String>,
}

impl<'m> Stage<'m> {
    /// To be called on the host.
    pub fn new(machines: &'m Machines) -> Self {
        let product = Product::with(&[
            "--http-addr=203.0.113.1:80,[2001:db8:f::1]:80",
            "--https-addr=203.0.113.1:443,[2001:db8:f::1]:443",
            "--own-ports=18100-18199",
            "--dns-addr=203.0.113.1:53,[2001:db8:f::1]:53",
            "--base-domain=gw.test",
        ]);
        let console = product.administrator();
        let (gateways, vpcs, vswitches) = Default::default();
        let (service, changed, stream, wrong) = (None, Instant::now(), None, Vec::new());
        Self { product, console, machines, gateways, vpcs, vswitches, service, changed, stream, wrong }
    }

    pub fn buy(&mut self, name: &str) {
        let id = self.console.buy(name).id();
        self.gateways.insert(name.into(), id);
    }

    pub fn create_alb(&mut self, name: &str) {
        self.console.call("gateway.grant_alb_role", &[]).ok();
        let id = self.console.call("gateway.create_alb", &[("name", name)]).id();
        self.gateways.insert(name.into(), id);
    }

    /// Of an ALB gateway, for these clients.
    pub fn enable_public(&mut self, of: (&str, &str), zones: &[&str], blocks: &str) {
        self.of_vpc("alb.enable_public", of, zones, &[("blocks", blocks)]);
    }

    /// Whether nothing is left of an ALB gateway's instance.
    pub fn is_released(&mut self, gateway: &str) {
        let alb = self.console.gateway(&self.gateways[gateway])["alb"].clone();
        if !alb.is_null() {
            self.wrong.push(format!("the instance is still there: {alb}"));
        }
    }

    /// On this gateway, with one replica that runs.
    pub fn deploy(&mut self, gateway: &str) {
        let service = deploy(&mut self.console, &self.gateways[gateway], "sample", "1");
        until("the replica", || (self.console.service(&service)["summary"]["status"] == "running").then_some(()));
        self.service = Some(service);
    }

    pub fn add_vpc(&mut self, name: &'static str, block: &str, vswitches: &[(&str, &str)]) {
        let id = self.console.call("network.vpc_add", &[("name", name), ("blocks", block)]).id();
        for (zone, block) in vswitches {
            let fields = [("vpc", id.as_str()), ("name", zone), ("zone", zone), ("block", block)];
            self.console.call("network.vswitch_add", &fields).ok();
        }
        self.know_vpc(name, id);
    }

    pub fn adopt(&mut self, name: &'static str, interface: &str, address: &str) {
        let id = self.console.call("network.adopt", &[("interface", interface), ("address", address)]).id();
        self.know_vpc(name, id);
    }

    /// Its vSwitches are called by their zones.
    fn know_vpc(&mut self, name: &'static str, id: String) {
        let read = self.console.call("network.read", &[("id", &id)]).ok();
        for view in read[0]["vswitches"].as_array().unwrap() {
            let [zone, vswitch] = ["zone", "id"].map(|field| view["vswitch"][field].as_str().unwrap());
            self.vswitches.insert(format!("{name} {zone}"), vswitch.into());
        }
        self.vpcs.insert(name, id);
    }

    /// Another account.
    pub fn add_account(&mut self, name: &str) {
        self.console.call("account.create", &[("name", name)]).ok();
    }

    fn account(&mut self, name: &str) -> String {
        let all = self.console.call("account.list", &[]).ok();
        let found = all.as_array().unwrap().iter().find(|each| each["account"]["name"] == name).unwrap();
        found["account"]["id"].as_str().unwrap().into()
    }

    /// One of another account's, with one vSwitch.
    pub fn add_foreign_vpc(&mut self, account: &str, name: &'static str, (zone, block): (&str, &str)) {
        let owner = self.account(account);
        let fields = [("name", name), ("blocks", block), ("account", owner.as_str())];
        let id = self.console.call("network.vpc_add", &fields).id();
        let fields = [("vpc", id.as_str()), ("name", zone), ("zone", zone), ("block", block)];
        self.console.call("network.vswitch_add", &fields).ok();
        self.know_vpc(name, id);
    }

    /// To the account that the console's administrator is of, or no more.
    pub fn grant(&mut self, vpc: &str, granted: bool) {
        let own = self.account("default");
        let endpoint = if granted { "network.grant" } else { "network.revoke" };
        self.console.call(endpoint, &[("id", &self.vpcs[vpc]), ("account", &own)]).ok();
        self.changed = Instant::now();
    }

    /// That it is refused, and nothing else.
    pub fn cannot_link(&mut self, (gateway, vpc): (&str, &str), zone: &str) {
        let vswitch = self.vswitches[&format!("{vpc} {zone}")].clone();
        let fields = [("vpc", self.vpcs[vpc].as_str()), ("vswitches[]", &vswitch)];
        let told = self.console.change("gateway.vpc_link", &self.gateways[gateway], &fields);
        if told.answer.status != 422 {
            self.wrong.push(format!("it was linked without a grant: {} {}", told.answer.status, told.answer.body));
        }
    }

    pub fn peer(&mut self, of: (&str, &str), peers: &[&str]) {
        let ids: Vec<String> = peers.iter().map(|peer| self.vpcs[peer].clone()).collect();
        let fields: Vec<_> = ids.iter().map(|id| ("peers[]", id.as_str())).collect();
        self.of_vpc("gateway.vpc_peers", of, &[], &fields);
    }

    pub fn delete_vpc(&mut self, name: &str) {
        let id = self.vpcs[name].clone();
        let revision = self.console.call("network.read", &[("id", &id)]).ok()[0]["vpc"]["revision"].to_string();
        self.console.call("network.vpc_delete", &[("id", &id), ("revision", &revision)]).ok();
        self.changed = Instant::now();
    }

    /// `endpoint` is about a gateway and a VPC; `zones` are those of the vSwitches that are chosen.
    fn of_vpc(&mut self, endpoint: &str, (gateway, vpc): (&str, &str), zones: &[&str], more: &[(&str, &str)]) {
        let ids: Vec<String> = zones.iter().map(|zone| self.vswitches[&format!("{vpc} {zone}")].clone()).collect();
        let mut fields = vec![("vpc", self.vpcs[vpc].as_str())];
        fields.extend(ids.iter().map(|id| ("vswitches[]", id.as_str())));
        fields.extend(more);
        self.console.change(endpoint, &self.gateways[gateway], &fields).ok();
        self.changed = Instant::now();
    }

    pub fn link(&mut self, of: (&str, &str), zones: &[&str]) {
        self.of_vpc("gateway.vpc_link", of, zones, &[]);
    }

    pub fn choose(&mut self, of: (&str, &str), zones: &[&str]) {
        self.of_vpc("gateway.vpc_edit", of, zones, &[]);
    }

    pub fn link_with_dns(&mut self, of: (&str, &str), zones: &[&str]) {
        self.of_vpc("gateway.vpc_link", of, zones, &[("authoritative_dns", "true")]);
    }

    pub fn choose_with_dns(&mut self, of: (&str, &str), zones: &[&str]) {
        self.of_vpc("gateway.vpc_edit", of, zones, &[("authoritative_dns", "true")]);
    }

    pub fn unlink(&mut self, of: (&str, &str)) {
        self.of_vpc("gateway.vpc_unlink", of, &[], &[]);
    }

    pub fn admit(&mut self, of: (&str, &str), block: &str) {
        self.of_vpc("gateway.whitelist_add", of, &[], &[("blocks", block), ("comment", "")]);
    }

    pub fn expel(&mut self, of: (&str, &str), block: &str) {
        self.of_vpc("gateway.whitelist_remove", of, &[], &[("block", block)]);
    }

    pub fn expel_publicly(&mut self, gateway: &str, block: &str) {
        self.console.change("gateway.whitelist_remove", &self.gateways[gateway], &[("block", block)]).ok();
        self.changed = Instant::now();
    }

    /// On the public list.
    pub fn admit_publicly(&mut self, gateway: &str, block: &str) {
        let fields = [("blocks", block), ("comment", "")];
        self.console.change("gateway.whitelist_add", &self.gateways[gateway], &fields).ok();
        self.changed = Instant::now();
    }

    pub fn portal(&mut self, gateway: &str, on: &str) {
        self.console.change("gateway.set_portal", &self.gateways[gateway], &[("on", on)]).ok();
        self.changed = Instant::now();
    }

    fn links(&mut self, gateway: &str) -> Vec<Value> {
        self.console.gateway(&self.gateways[gateway])["vpcs"].as_array().unwrap().clone()
    }

    /// The word that the console has for the link.
    pub fn wait_for_link(&mut self, (gateway, vpc): (&str, &str), status: &str) {
        let id = self.vpcs[vpc].clone();
        until(&format!("{vpc} of {gateway} to be {status}"), || {
            let links = self.links(gateway);
            links.iter().any(|link| link["vpc"]["id"] == id.as_str() && link["status"] == status).then_some(())
        });
        self.changed = Instant::now();
    }

    /// Whether this comes to stand on the console's page about the link.
    pub fn page_says(&mut self, link: (&str, &str), what: &str) {
        let deadline = Instant::now() + NOTICED;
        loop {
            let page = self.page(link);
            if page.contains(what) {
                return;
            }
            if Instant::now() > deadline {
                return self.wrong.push(format!("the page does not say {what:?}: {page}"));
            }
        }
    }

    /// What the page shows, without its markup.
    pub fn page(&mut self, (gateway, vpc): (&str, &str)) -> String {
        let path = format!("/gateways/{}/vpc/{}", self.gateways[gateway], self.vpcs[vpc]);
        let page = self.console.page(&path).body;
        page.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect()
    }

    /// Until the console knows that it is gone, or that another one is there.
    pub fn kill_engine(&mut self) {
        let id = self.gateways.values().next().cloned().unwrap();
        let mut since = || self.console.gateway(&id)["engines"][0]["since"].clone();
        let before = since();
        self.product.kill9("engine");
        until("the console to notice", || (since() != before).then_some(()));
    }

    /// Until the engine has what the console says that it has. From then on there is nothing more to wait for.
    pub fn settle(&mut self) {
        for name in self.gateways.keys().cloned().collect::<Vec<_>>() {
            until(&format!("the engine to know the newest of {name}"), || {
                let read = self.console.gateway(&self.gateways[&name]);
                let engines = read["engines"].as_array().unwrap();
                let is_newest = |engine: &Value| engine["connected"] == true && engine["loaded"] == engine["newest"];
                let links = read["vpcs"].as_array().unwrap();
                let is_done = links.iter().all(|link| link["status"] != "creating");
                (is_done && !engines.is_empty() && engines.iter().all(is_newest)).then_some(())
            });
        }
    }

    /// Events from the service for six seconds, read by a client in the first zone.
    pub fn start_stream(&mut self) {
        let token = token(&mut self.console, self.service.as_ref().unwrap());
        let url = "http://10.101.1.1/api/predict/sample/stream?events=60&interval_ms=100";
        let mut command = std::process::Command::new("curl");
        command.args(["-q", "-sSN", "--noproxy", "*", "--max-time", "20", "-o"]).arg(self.events());
        command.args(["-H", &format!("Authorization: {token}"), url]).stderr(Stdio::inherit());
        self.stream = Some(self.machines.named("zone-1").within(|| command.spawn().unwrap()));
        until("the first event", || super::common::read(&self.events()).contains("\"event\":1,").then_some(()));
    }

    fn events(&self) -> std::path::PathBuf {
        self.product.home().join("events")
    }

    /// What is wrong with it, in the end.
    pub fn end_stream(&mut self) -> Option<String> {
        let mut stream = self.stream.take()?;
        let was_under_way = matches!(stream.try_wait(), Ok(None));
        let ended = stream.wait().unwrap();
        let events = super::common::read(&self.events()).matches("\"event\":").count();
        let is_fine = was_under_way && ended.success() && events == 60;
        (!is_fine).then(|| format!("stream: {ended}, {events} of 60 events, longer than the rows: {was_under_way}"))
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if let Some(stream) = &mut self.stream {
            let _ = stream.kill();
            let _ = stream.wait();
        }
    }
}
