//! A DNS server on loopback that says what the test wants it to say, and can misbehave.

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

#[derive(Clone, Debug)]
pub enum Behaviour {
    Alias(Name),
    Addresses(Vec<IpAddr>),
    Fails,
    Refuses,
    Silent,
    /// The question's id and noise behind it.
    Garbage,
    /// A right answer to another question.
    OtherId,
}

#[derive(Default)]
struct Book {
    /// By lower-case name; `*.example.com` for all names below that are not there themselves.
    names: BTreeMap<String, Behaviour>,
    asked: Vec<String>,
}

pub struct NameServer {
    pub address: SocketAddr,
    book: Arc<Mutex<Book>>,
    serving: JoinHandle<()>,
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl NameServer {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("binds");
        let address = socket.local_addr().expect("has one");
        let book = Arc::<Mutex<Book>>::default();
        let serving = tokio::spawn(serve(socket, book.clone()));
        Self { address, book, serving }
    }

    pub fn behave(&self, name: &str, behaviour: Behaviour) {
        self.with(|book| book.names.insert(name.to_lowercase(), behaviour));
    }

    pub fn alias(&self, name: &str, target: &str) {
        let labels = target.split('.').map(str::as_bytes);
        self.behave(name, Behaviour::Alias(Name::from_labels(labels).expect("a name")));
    }

    pub fn addresses(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        self.behave(name, Behaviour::Addresses(addresses));
    }

    /// How many questions about this name there were.
    pub fn asked(&self, name: &str) -> usize {
        self.with(|book| book.asked.iter().filter(|asked| *asked == name).count())
    }

    /// About how many names there were questions.
    pub fn names_asked(&self) -> usize {
        self.with(|book| book.asked.iter().collect::<BTreeSet<_>>().len())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn serve(socket: UdpSocket, book: Arc<Mutex<Book>>) {
    let mut packet = [0; 4096];
    while let Ok((len, client)) = socket.recv_from(&mut packet).await {
        let Ok(question) = Message::from_vec(&packet[..len]) else { continue };
        let answer = answer(&question, &mut book.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(answer) = answer {
            // Who went away meanwhile has no use for it.
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

fn answer(question: &Message, book: &mut Book) -> Option<Vec<u8>> {
    let query = question.queries.first()?;
    let name = query.name().to_lowercase().to_ascii().trim_end_matches('.').to_owned();
    book.asked.push(name.clone());
    let above = name.split_once('.').map(|(_, above)| format!("*.{above}")).unwrap_or_default();
    let behaviour = book.names.get(&name).or_else(|| book.names.get(&above)).cloned();
    let mut answer = Message::new(question.id, MessageType::Response, question.op_code);
    answer.metadata.recursion_desired = true;
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    let record = |data| Record::from_rdata(query.name().clone(), 3600, data);
    let wants = query.query_type();
    match behaviour {
        None => answer.metadata.response_code = ResponseCode::NXDomain,
        Some(Behaviour::Alias(target)) => {
            answer.add_answer(record(RData::CNAME(CNAME(target))));
        }
        Some(Behaviour::Addresses(addresses)) => {
            for address in addresses {
                match address {
                    IpAddr::V4(v4) if wants == RecordType::A => answer.add_answer(record(RData::A(A(v4)))),
                    IpAddr::V6(v6) if wants == RecordType::AAAA => answer.add_answer(record(RData::AAAA(AAAA(v6)))),
                    _ => &mut answer,
                };
            }
        }
        Some(Behaviour::Fails) => answer.metadata.response_code = ResponseCode::ServFail,
        Some(Behaviour::Refuses) => answer.metadata.response_code = ResponseCode::Refused,
        Some(Behaviour::Silent) => return None,
        Some(Behaviour::Garbage) => return Some([&question.id.to_be_bytes()[..], &[0xff; 60]].concat()),
        Some(Behaviour::OtherId) => answer.metadata.id = question.id.wrapping_add(1),
    }
    answer.to_vec().ok()
}
