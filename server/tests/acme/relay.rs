//! The world's DNS, as an ACME server that asks the product sees it: one domain's owner has led the names that prove it to
//! the product's base domain; everything else is the product's own to answer.

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record};
use std::net::{SocketAddr, UdpSocket};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Its servers know one kind of record: `_acme-challenge.<name> CNAME _acme-challenge.<name>.<base domain>`.
pub const DELEGATED: &str = "delegated.example.";
const BASE: &str = "gw.localhost.";

pub struct Relay {
    pub address: SocketAddr,
    /// Questions that an alias answered.
    followed: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl Relay {
    pub fn start(product: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let address = socket.local_addr().unwrap();
        let (followed, stop) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (count, ended) = (followed.clone(), stop.clone());
        let serving = std::thread::spawn(move || {
            let mut packet = [0; 4096];
            while !ended.load(Ordering::Relaxed) {
                let Ok((length, client)) = socket.recv_from(&mut packet) else { continue };
                if let Some(answer) = answer(&packet[..length], product, &count) {
                    let _ = socket.send_to(&answer, client);
                }
            }
        });
        Self { address, followed, stop, serving: Some(serving) }
    }

    pub fn followed(&self) -> usize {
        self.followed.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.serving.take().map(JoinHandle::join);
    }
}

/// `None` where nobody answers: who asks will ask again.
fn answer(packet: &[u8], product: SocketAddr, followed: &AtomicUsize) -> Option<Vec<u8>> {
    let question = Message::from_vec(packet).ok()?;
    let asked = question.queries.first()?.clone();
    if !Name::from_str(DELEGATED).unwrap().zone_of(asked.name()) {
        return ask(packet, product);
    }
    let mut target = asked.name().clone();
    target.set_fqdn(false);
    let target = target.append_domain(&Name::from_str(BASE).unwrap()).ok()?;
    let mut further = question.clone();
    further.queries = vec![Query::query(target.clone(), asked.query_type())];
    let known = Message::from_vec(&ask(&further.to_vec().ok()?, product)?).ok()?;
    let mut told = known.clone();
    told.queries = vec![asked.clone()];
    // The alias is there whatever is behind it.
    let alias = Record::from_rdata(asked.name().clone(), 1, RData::CNAME(CNAME(target)));
    told.answers = [alias].into_iter().chain(known.answers).collect();
    told.metadata.response_code = ResponseCode::NoError;
    followed.fetch_add(1, Ordering::Relaxed);
    told.to_vec().ok()
}

fn ask(packet: &[u8], product: SocketAddr) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    socket.send_to(packet, product).ok()?;
    let mut answer = [0; 4096];
    let length = socket.recv(&mut answer).ok()?;
    Some(answer[..length].to_vec())
}
